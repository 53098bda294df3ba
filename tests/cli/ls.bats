# ls
load helper

prepare() {
    lake
    mkdir -p src/a/b
    echo one >src/a/one.csv
    echo two >src/a/b/two.csv
    echo dot >src/a/.dot
    echo txt >src/a/b/three.txt
    tarn put -q src/a /
    tarn ln -q -s /a/one.csv /link
}

@test "ls lists the root, absolute, one a line" {
    prints "/a
/link" tarn ls
    prints "/a
/link" tarn ls /
}

@test "ls lists a folder without dotfiles, -a with them" {
    prints "/a/b
/a/one.csv" tarn ls /a
    prints "/a/b
/a/one.csv" tarn ls a/
    prints "/a/.dot
/a/b
/a/one.csv" tarn ls -a /a
}

@test "ls -R lists all below a folder, not itself" {
    prints "/a/b
/a/b/three.txt
/a/b/two.csv
/a/one.csv" tarn ls -R /a
}

@test "ls of a file lists itself" {
    prints /a/one.csv tarn ls /a/one.csv
}

@test "ls takes several patterns" {
    prints "/a/one.csv
/a/b/three.txt
/a/b/two.csv" tarn ls /a/one.csv /a/b
}

@test "globs" {
    prints /a/one.csv tarn ls '/a/*.csv'
    prints "/a/b/two.csv
/a/one.csv" tarn ls '/**/*.csv'
    prints "/a/b/three.txt
/a/b/two.csv" tarn ls '/a/b/t[a-z]*.??[tv]'
    prints "" tarn ls '/a/*.nope'
}

@test "ls -l has kind, size, version, modified, path and target" {
    tarn ls -l / >out
    [ "$(head -1 out)" = kind,size,version,modified,path,target ]
    [ "$(tarn ls -l / -f plain | cut -f 1,2,3,5,6)" = "dir	0	1	/a	
link	0	2	/link	/a/one.csv" ]
    tarn ls -l /a/one.csv -f plain | cut -f 4 |
        grep -qE '^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z$'
}

@test "ls with --format has the column path" {
    prints 'path
/a
/link' tarn ls -f csv
    prints '[
{"path":"/a"},
{"path":"/link"}
]' tarn ls -f json
}

@test "a path that is not there is exit 3 and prints nothing" {
    fails 3 "/nope" tarn ls /nope
    fails 3 "/nope" tarn ls -l /a /nope
}

@test "an earlier version" {
    prints /a tarn ls --at 1
}
