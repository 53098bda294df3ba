# shell
load helper

prepare() {
    lake
    tarn put -q - /d/a.txt <<<x
}

@test "every line is a statement or a .command" {
    prints 'n
1
/d
x' tarn shell <<'X'
SELECT 1 AS n;

.ls /
  .cat /d/a.txt
X
}

@test ".quit leaves" {
    prints 'n
1' tarn shell <<'X'
SELECT 1 AS n
.quit
SELECT 2
X
}

@test "settings hold until they are changed" {
    prints '{"n":1}
n
1' tarn shell <<'X'
.format jsonl
SELECT 1 AS n
.format
SELECT 1 AS n
X
    prints '' tarn shell <<'X'
.at 0
.ls
X
}

@test "commands write" {
    gives 0 "/d
/e" "version 2" tarn shell <<'X'
.mkdir /e
.ls
X
}

@test "what is written is seen by the next statement" {
    printf 'a\n1\n' >t.csv
    prints 'n
1' tarn -q shell <<'X'
.put t.csv /t --as table
SELECT count(*) AS n FROM '/t'
X
}

@test "from a pipe the first error ends it, named by its line" {
    got=0
    tarn shell >out 2>err <<'X' || got=$?
SELECT 1 AS n
.cat /nope
SELECT 2 AS n
X
    [ "$got" = 3 ]
    [ "$(cat out)" = "n
1" ]
    grep -qx 'tarn: standard input line 2: /nope.*' err
    [ "$(wc -l <err)" = 1 ]
}

@test "bad lines" {
    fails 2 "line 1: nope: there is no such command" tarn shell <<<".nope"
    fails 2 "line 1: shell: is not for a shell" tarn shell <<<".shell"
    fails 2 "line 1: .format xml: there is no such format" \
        tarn shell <<<".format xml"
    fails 2 "line 1: .: a command is missing" tarn shell <<<"."
    fails 3 "line 1: .*99" tarn shell <<<".at 99"
    fails 5 "line 1: a '…' quote" tarn shell <<<".ls '/"
}

@test "a terminal has history, in a private file, and completion" {
    python3 - "$TARN_BIN" <<'PY'
import os, pty, re, sys, time
pid, fd = pty.fork()
if pid == 0:
    os.environ["TERM"] = "xterm"
    os.execv(sys.argv[1], ["tarn", "shell"])
def expect(pattern, seconds=10):
    data, end = "", time.time() + seconds
    import select
    while time.time() < end:
        if select.select([fd], [], [], 0.1)[0]:
            try:
                data += os.read(fd, 65536).decode("utf-8", "replace")
            except OSError:
                break
        if re.search(pattern, data):
            return data
    raise SystemExit("no %r in %r" % (pattern, data))
expect("tarn> ")
os.write(fd, b"SELECT 6 * 7 AS answer\n")
expect(r"42\s[\s\S]*tarn> ")
os.write(fd, b".cat /d/\t")
expect(r"a\.txt")
os.write(fd, b"\n")
expect(r"x\s[\s\S]*tarn> ")
os.write(fd, b"SELECT nope\n")
expect(r"tarn: [\s\S]*tarn> ")
os.write(fd, b".quit\n")
_, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status))
PY
    history=$HOME/.local/state/tarn/history
    grep -q 6 "$history"
    [ "$(stat -c %a "$history")" = 600 ]
    [ "$(stat -c %a "$HOME/.local/state/tarn")" = 700 ]
}
