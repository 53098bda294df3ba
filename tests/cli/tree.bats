# mkdir, rm, mv, cp, ln, revert, collapse
load helper

prepare() { lake; }

@test "mkdir makes folders" {
    commits tarn mkdir /a
    commits tarn mkdir /a/b /a/c
    prints "/a/b
/a/c" tarn ls /a
    fails 4 "/a" tarn mkdir /a
    fails 3 "/x" tarn mkdir /x/y
}

@test "mkdir -p makes those above" {
    commits tarn mkdir -p /x/y/z
    gives 0 "" "nothing changed, nothing committed" tarn mkdir -p /x/y
}

@test "rm removes files, -r folders" {
    tarn put -q - /d/a <<<x
    fails 4 "/d: is a folder with something in it" tarn rm /d
    commits tarn rm /d/a
    tarn put -q - /d/a <<<x
    commits tarn rm -r /d
    prints "" tarn ls
    fails 3 "/d" tarn rm /d
}

@test "rm of several is all or nothing" {
    tarn put -q - /a <<<x
    fails 3 "/b" tarn rm /a /b
    prints /a tarn ls
}

@test "mv renames, moves into a folder, keeps content" {
    tarn put -q - /a <<<x
    commits tarn mv /a /b
    prints x tarn cat /b
    tarn mkdir -q /d
    commits tarn mv /b /d
    prints x tarn cat /d/b
    fails 3 "/e/: no such folder" tarn mv /d/b /e/
    fails 3 "/a" tarn mv /a /z
}

@test "a folder cannot be moved below itself" {
    tarn mkdir -q -p /a/b
    got=0
    tarn mv /a /a/b 2>err || got=$?
    [ "$got" = 2 ] || [ "$got" = 4 ]
    prints "/a
/a/b" tarn ls -R
}

@test "cp copies files and folders" {
    tarn put -q - /d/a <<<x
    commits tarn cp /d /e
    commits tarn cp /d/a /b
    prints "/b
/d
/d/a
/e
/e/a" tarn ls -R
    prints x tarn cat /e/a
}

@test "ln -s makes a link" {
    tarn put -q - /d/a <<<x
    commits tarn ln -s /d/a /l
    commits tarn ln -s a /d/m
    prints x tarn cat /l
    prints x tarn cat /d/m
    [ "$(tarn ls -l /l -f plain | cut -f 1,6)" = "link	/d/a" ]
    fails 2 "ln: there are symbolic links only" tarn ln /d/a /x
    fails 4 "/l" tarn ln -s x /l
}

@test "links in a circle are an error" {
    tarn ln -q -s /b /a
    tarn ln -q -s /a /b
    got=0
    tarn cat /a 2>err || got=$?
    [ "$got" != 0 ] && [ "$(wc -l <err)" = 1 ]
}

@test "revert brings a file back as a new commit" {
    tarn put -q - /a <<<one
    tarn put -q - /a <<<two
    commits tarn revert /a --to 1
    prints one tarn cat /a
    prints two tarn cat /a --at 2
    fails 2 "revert: the version is missing" tarn revert /a
    fails 3 "99" tarn revert /a --to 99
}

@test "revert brings back a folder that was removed" {
    tarn put -q - /d/a <<<x
    v=$(head_version)
    tarn rm -q -r /d
    commits tarn revert /d --to "$v"
    prints x tarn cat /d/a
}

@test "collapse merges versions, content stays" {
    tarn put -q - /s --as stream <<<one
    tarn put -q - /s <<<two
    commits tarn collapse /s
    prints "one
two" tarn cat /s
    prints one tarn cat /s --at 1
    tarn put -q - /f <<<x
    got=0
    tarn collapse /f 2>err || got=$?
    [ "$got" != 0 ]
}

@test "names that a tree cannot hold are exit 2 and one line" {
    long=$(printf 'x%.0s' $(seq 256))
    fails 2 "" tarn mkdir "/$long"
    fails 2 "" tarn mkdir $'/a\xff'
    commits tarn mkdir "/${long:1}"
}

@test "paths cannot leave the tree" {
    commits tarn mkdir /../../a
    prints /a tarn ls
    prints /a tarn ls /a/../
}
