# What the tests of the command share.  Each test runs in a folder of its own,
# without an environment of Tarn's.
bats_require_minimum_version 1.5.0

setup() {
    TARN_BIN=${TARN_BIN:-$(cd "$BATS_TEST_DIRNAME/../.." && pwd)/build/tarn}
    [ -x "$TARN_BIN" ] || { echo "no command is built: $TARN_BIN" >&2; return 1; }
    unset TARN TARN_FORMAT TARN_TENANT TARN_DB TARN_LOG NO_COLOR COLUMNS
    export HOME=$BATS_TEST_TMPDIR/home LC_ALL=C.UTF-8 TZ=UTC
    mkdir -p "$HOME" "$BATS_TEST_TMPDIR/work"
    cd "$BATS_TEST_TMPDIR/work" || return 1
    type -t prepare >/dev/null && prepare
    return 0
}

tarn() { "$TARN_BIN" "$@"; }

# A lake in the current folder, quietly.
lake() { tarn init -q .; }

# A lake beside the current folder: host files in a lake cannot be read by SQL.
lake_aside() {
    tarn init -q "$BATS_TEST_TMPDIR/lake"
    export TARN=$BATS_TEST_TMPDIR/lake
}

# show NAME TEXT FILE: say how a file differs from what was expected.
same() {
    printf '%s' "$2" >"$BATS_TEST_TMPDIR/want"
    [ -z "$2" ] || printf '\n' >>"$BATS_TEST_TMPDIR/want"
    diff -u --label "expected $1" --label "$1" "$BATS_TEST_TMPDIR/want" "$3"
}

# gives CODE STDOUT STDERR COMMAND...: exactly these (a line end is added).
gives() {
    local code=$1 out=$2 err=$3 got=0
    shift 3
    "$@" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || got=$?
    same stdout "$out" "$BATS_TEST_TMPDIR/out" &&
        same stderr "$err" "$BATS_TEST_TMPDIR/err" || return 1
    [ "$got" = "$code" ] || { echo "exit code $got, expected $code"; return 1; }
}

# prints STDOUT COMMAND...: and nothing else, exit code 0.
prints() {
    local out=$1
    shift
    gives 0 "$out" "" "$@"
}

# commits COMMAND...: prints nothing and says one version.
commits() {
    local got=0
    "$@" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || got=$?
    [ "$got" = 0 ] && [ ! -s "$BATS_TEST_TMPDIR/out" ] &&
        grep -qE '^version [0-9]+$' "$BATS_TEST_TMPDIR/err" &&
        [ "$(wc -l <"$BATS_TEST_TMPDIR/err")" = 1 ] && return 0
    echo "exit code $got"
    cat "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/err"
    return 1
}

# not COMMAND...: it fails.  A `! COMMAND` that is not the last fails no test.
not() { if "$@"; then return 1; fi; }

# fails CODE PATTERN COMMAND...: nothing on stdout, one line on stderr that
# matches the extended regular expression after "tarn: ".
fails() {
    local code=$1 pattern=$2 got=0
    shift 2
    "$@" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || got=$?
    [ "$got" = "$code" ] && [ ! -s "$BATS_TEST_TMPDIR/out" ] &&
        [ "$(wc -l <"$BATS_TEST_TMPDIR/err")" = 1 ] &&
        grep -qE -- "^tarn: .*$pattern" "$BATS_TEST_TMPDIR/err" && return 0
    echo "exit code $got, expected $code; stdout and stderr:"
    cat "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/err"
    return 1
}

# The newest version of the lake here.
head_version() { tarn log -n 1 -f plain | cut -f 1; }

# on_terminal COLUMNS COMMAND...: its output, as a terminal that wide gets it.
on_terminal() {
    local columns=$1
    shift
    python3 - "$columns" "$@" <<'PY'
import fcntl, os, pty, struct, sys, termios
columns, argv = int(sys.argv[1]), sys.argv[2:]
pid, fd = pty.fork()
if pid == 0:
    os.execvp(argv[0], argv)
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
data = b""
while True:
    try:
        chunk = os.read(fd, 65536)
    except OSError:
        break
    if not chunk:
        break
    data += chunk
_, status = os.waitpid(pid, 0)
sys.stdout.buffer.write(data.replace(b"\r\n", b"\n"))
sys.exit(os.waitstatus_to_exitcode(status))
PY
}

# interrupted INPUT COMMAND...: gives it INPUT, keeps its standard input open,
# and sends SIGINT once it has read that and catches it, and the shell command
# $when (if any) succeeds.  Its exit code is ours.
interrupted() {
    when=${when:-true} python3 - "$@" <<'PY'
import array, fcntl, os, signal, subprocess, sys, termios, time
text, argv = sys.argv[1], sys.argv[2:]
p = subprocess.Popen(argv, stdin=subprocess.PIPE,
    preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
p.stdin.write(text.encode())
p.stdin.flush()
def catches():
    with open(f"/proc/{p.pid}/status") as status:
        caught = [l for l in status if l.startswith("SigCgt:")]
    return caught and int(caught[0].split()[1], 16) >> signal.SIGINT - 1 & 1
def unread():
    count = array.array("i", [0])
    fcntl.ioctl(p.stdin, termios.FIONREAD, count)
    return count[0]
while p.poll() is None and (not catches() or unread() or
        subprocess.call(["bash", "-c", os.environ["when"]]) != 0):
    time.sleep(0.01)
p.send_signal(signal.SIGINT)
sys.exit(p.wait())
PY
}

# gone PATTERN: no process has this command line any more.  Who was killed may
# take a moment; who was not makes the test run out of time.
gone() { while pgrep -f "$1" >/dev/null; do sleep 0.05; done; }
