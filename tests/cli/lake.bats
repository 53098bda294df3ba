# init, status, log, show, diff, check, rebuild, compact, gc.
load helper

# --- init

@test "init makes a lake here, or in a folder that it makes" {
    gives 0 "" "version 0" tarn init
    [ -f tarn.json ]
    gives 0 "" "version 0" tarn init deep/er
    [ -f deep/er/tarn.json ]
}

@test "init makes the lake that -C or \$TARN names" {
    tarn -q -C a init
    TARN=b tarn -q init
    [ -f a/tarn.json ] && [ -f b/tarn.json ]
}

@test "init where there is a lake is exit 4 and changes nothing" {
    lake
    tarn put -q - /a <<<x
    fails 4 "." tarn init
    fails 4 "." tarn init .
    prints /a tarn ls
}

@test "a label is shown by status" {
    tarn init -q --label 'my weather'
    tarn status -f plain | grep -q "my weather"
}

# --- status

@test "status has item and value" {
    lake
    [ "$(tarn status | head -1)" = item,value ]
    tarn status -f json | python3 -c 'import json,sys; json.load(sys.stdin)'
}

# --- log

@test "log lists commits, newest first" {
    lake
    tarn mkdir -q /a -m one
    tarn mkdir -q /b -m two
    tarn log >out
    [ "$(head -1 out)" = version,time,command,operations,message ]
    [ "$(sed -n 2p out | cut -d, -f1)" = 2 ]
    [ "$(tarn log -n 2 -f plain | cut -f 1,5)" = "2	two
1	one" ]
}

@test "log shows ten commits unless asked otherwise" {
    lake
    for i in 1 2 3 4 5 6 7 8 9 10 11 12; do tarn mkdir -q /$i; done
    [ "$(tarn log -f plain | wc -l)" = 10 ]
    [ "$(tarn log -n 3 -f plain | wc -l)" = 3 ]
    [ "$(tarn log -n all -f plain | wc -l)" -ge 12 ]
}

@test "log --at begins at an earlier version" {
    lake
    tarn mkdir -q /a -m one
    tarn mkdir -q /b -m two
    tarn mkdir -q /c -m three
    [ "$(tarn log --at 2 -n 1 -f plain | cut -f 5)" = two ]
    [ "$(tarn log /a --at 2 -f plain | cut -f 5)" = one ]
    fails 3 "9" tarn log --at 9
}

@test "log PATH lists the commits that touched it or anything below it" {
    lake
    tarn mkdir -q /a -m one
    tarn mkdir -q /b -m two
    tarn put -q - /a/f -m three <<<x
    [ "$(tarn log /a -f plain | cut -f 5)" = "three
one" ]
    [ "$(tarn log a/f -f plain | cut -f 5)" = "three" ]
    fails 3 "/nope" tarn log /nope
}

@test "log holds the command that was typed" {
    lake
    tarn mkdir -q /a
    tarn log -n 1 -f plain | cut -f 3 | grep -qx "mkdir -q /a"
}

# --- show

@test "show lists the operations of a commit" {
    lake
    tarn put -q - /a <<<x
    tarn show 1 >out
    [ "$(head -1 out)" = space,op,kind,key,path,size ]
    [ "$(tarn show 1 -f plain | grep '/a' | cut -f 1,2,3,5,6)" = \
        "tree	put	file	/a	2" ]
    fails 3 "7" tarn show 7
    fails 2 "x" tarn show x
}

# --- diff

@test "diff lists what was added, removed, changed and moved" {
    lake
    tarn put -q - /same <<<s
    tarn put -q - /gone <<<g
    tarn put -q - /here <<<h
    tarn put -q - /chg <<<c
    v=$(head_version)
    tarn put -q - /new <<<n
    tarn rm -q /gone
    tarn mv -q /here /there
    tarn put -q - /chg <<<changed
    prints 'change,path,from,kind,size_before,size_after
changed,/chg,,file,2,8
removed,/gone,,file,2,
added,/new,,file,,2
moved,/there,/here,file,2,2' tarn diff "$v" "$(head_version)"
}

@test "diff PATH compares what stands below it" {
    lake
    tarn mkdir -q /a
    tarn mkdir -q /b
    v=$(head_version)
    tarn put -q - /a/x <<<x
    tarn put -q - /b/x <<<x
    prints 'added	/a/x		file		2' tarn diff -f plain "$v" "$(head_version)" /a
}

@test "diff of a version with itself is empty" {
    lake
    prints "" tarn diff -f plain 0 0
    fails 3 "9" tarn diff 0 9
}

@test "diff --rows compares the content of a table" {
    lake
    printf 'a,b\n1,x\n2,y\n' >t.csv
    tarn put -q t.csv /t --as table
    v=$(head_version)
    printf 'a,b\n1,x\n3,z\n' >t.csv
    tarn put -q t.csv /t
    tarn diff --rows "$v" "$(head_version)" /t >out
    [ "$(head -1 out)" = change,a,b ]
    [ "$(sort out)" = "added,3,z
change,a,b
removed,2,y" ]
    fails 2 "PATH is missing" tarn diff --rows 0 1
}

@test "diff --rows of a table that is new, or gone, has all of its rows" {
    lake
    printf 'a,b\n1,x\n' >t.csv
    tarn put -q t.csv /t --as table
    prints "change,a,b
added,1,x" tarn diff --rows 0 1 /t
    prints "change,a,b
removed,1,x" tarn diff --rows 1 0 /t
    fails 3 "/no: is not there" tarn diff --rows 0 1 /no
}

# --- check

@test "check of a sound lake says so" {
    lake
    tarn put -q - /a <<<x
    gives 0 "" "no faults" tarn check
    gives 0 "" "no faults" tarn check --deep
    gives 0 "fault,where,what" "no faults" tarn check -f csv
}

@test "check names an object that is not there, and one that was changed" {
    lake
    head -c 100000 /dev/urandom >big
    tarn put -q big /big
    object=$(find objects -type f)
    chmod u+w "$object"
    printf x | dd of="$object" bs=1 seek=5 conv=notrunc status=none
    got=0
    tarn check --deep >out 2>err || got=$?
    [ "$got" = 7 ]
    [ "$(wc -l <out)" = 1 ]
    [ "$(wc -l <err)" = 1 ]
    grep -q "^tarn: .*1 fault" err
    got=0
    tarn check --deep -f csv >out 2>err || got=$?
    [ "$got" = 7 ]
    [ "$(head -1 out)" = fault,where,what ]
    [ "$(wc -l <out)" = 2 ]
    rm -f "$object"
    got=0
    tarn check >out 2>err || got=$?
    [ "$got" = 7 ]
    [ "$(wc -l <out)" = 1 ]
}

@test "reading a whole changed object is exit 7 at its end" {
    lake
    head -c 100000 /dev/urandom >big
    tarn put -q big /big
    object=$(find objects -type f)
    chmod u+w "$object"
    printf x | dd of="$object" bs=1 seek=5 conv=notrunc status=none
    got=0
    tarn cat /big >out 2>err || got=$?
    [ "$got" = 7 ]
    [ "$(wc -l <err)" = 1 ]
}

# --- rebuild

@test "rebuild makes the views anew" {
    lake
    tarn put -q - /a <<<x
    rm -rf views
    gives 0 "" "" tarn rebuild
    prints x tarn cat /a
    for view in key column vector all; do
        gives 0 "" "" tarn rebuild $view
    done
    fails 2 "rebuild keys: there is no such view" tarn rebuild keys
}

@test "a lake without views is read all the same" {
    lake
    tarn put -q - /a <<<x
    rm -rf views
    prints x tarn cat /a
}

# --- compact, gc

@test "compact merges log files, and says when there is nothing to do" {
    lake
    for i in 1 2 3 4; do tarn mkdir -q /$i; done
    tarn compact 2>err
    grep -qE '^version [0-9]+$' err
    [ "$(tarn ls | wc -l)" = 4 ]
    gives 0 "" "nothing changed, nothing committed" tarn compact
}

@test "a message about upkeep stands in the log" {
    lake
    tarn mkdir -q /a
    tarn mkdir -q /b
    tarn compact -q -m tidy
    [ "$(tarn log -n 1 -f plain | cut -f 3,5)" = "compact -q -m tidy	tidy" ]
    tarn rm -q -r /a
    tarn gc -q --retain 0d -m "old things" >/dev/null
    [ "$(tarn log -n 1 -f plain | cut -f 5)" = "old things" ]
}

@test "gc removes what nothing needs" {
    lake
    mkdir -p objects/ab
    echo stray >objects/ab/cdef
    touch -d '2 days ago' objects/ab/cdef
    tarn gc -q >out
    [ "$(head -1 out)" = what,count,bytes ]
    [ ! -e objects/ab/cdef ]
}

@test "gc --dry-run removes nothing" {
    lake
    mkdir -p objects/ab
    name=ab$(printf 'c%.0s' $(seq 62))
    echo stray >objects/ab/"$name"
    touch -d '2 days ago' objects/ab/"$name"
    tarn gc -q --dry-run >out
    [ "$(head -1 out)" = what,count,bytes ]
    [ -e objects/ab/"$name" ]
}

@test "gc --retain 0d keeps the head alone" {
    lake
    tarn put -q - /a <<<one
    tarn put -q - /a <<<two
    tarn gc -q --retain 0d --grace 0s >/dev/null
    prints two tarn cat /a
    fails 3 "1" tarn cat /a --at 1
    gives 0 "" "no faults" tarn check --deep
}

@test "gc keeps history unless an age is named" {
    lake
    tarn put -q - /a <<<one
    tarn put -q - /a <<<two
    tarn gc -q --grace 0s >/dev/null
    tarn gc -q --retain forever --grace 0s >/dev/null
    tarn gc -q --retain 30d --grace 0s >/dev/null
    prints one tarn cat /a --at 1
}

@test "gc checks its lengths of time" {
    lake
    fails 2 "--retain soon" tarn gc --retain soon
    fails 2 "--grace -1" tarn gc --grace=-1
}

# --- the lock

@test "a writer that waits in vain is exit 6 and names the holder" {
    lake
    exec 8>>lock
    flock -x 8
    fails 6 "" tarn --wait 0.2 mkdir /a
    flock -u 8
    exec 8>&-
    commits tarn mkdir /a
}

@test "a writer that waits ends with the first interrupt, exit 130" {
    lake
    commits tarn mkdir /other
    exec 8>>lock
    flock -x 8
    "$TARN_BIN" --wait 600 mkdir /a 3>&- 8>&- 2>err &
    until [ -e lock.want ]; do sleep 0.01; done
    kill -TERM $!
    code=0
    wait $! || code=$?
    [ "$code" = 130 ]
    exec 8>&-
    commits tarn mkdir /a
}

@test "reading needs no lock" {
    lake
    tarn put -q - /a <<<x
    exec 8>>lock
    flock -x 8
    prints /a tarn --wait 0 ls
    exec 8>&-
}

@test "status does not take its own work for a writer's" {
    lake
    [ "$(tarn status | grep ^lock)" = lock,free ]
}

@test "a copy under the lock, beside a writer, is whole" {
    tarn init -q lake
    (
        for i in 1 2 3 4 5; do
            head -c 70000 /dev/urandom | tarn -q -C lake --wait 600 put - "/f/$i"
        done
    ) &
    flock lake/lock cp -a lake copy
    gives 0 "" "no faults" tarn -C copy check --deep
    rm -r copy/views
    tarn -q -C copy mkdir /more
    tarn -q -C copy get / got
    wait $!
    [ "$(tarn -C lake ls /f | wc -l)" = 5 ]
}
