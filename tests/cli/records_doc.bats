# docs/RECORDS.md shows what the commands print; TARN_DOC_WRITE=1 writes it anew.
load helper

@test "every command of docs/RECORDS.md prints what the page says" {
    page=$BATS_TEST_DIRNAME/../../docs/RECORDS.md
    mkdir page
    cd page
    PATH=$(dirname "$TARN_BIN"):$PATH
    : >"$BATS_TEST_TMPDIR/again"
    inside=
    command=
    run_it() {
        [ -n "$command" ] || return 0
        eval "$command" >"$BATS_TEST_TMPDIR/printed" 2>&1 || true
        cat "$BATS_TEST_TMPDIR/printed" >>"$BATS_TEST_TMPDIR/again"
        command=
    }
    while IFS= read -r line; do
        case $inside$line in
        'yes$ '*)
            run_it
            command=${line#'$ '}
            echo "$line" >>"$BATS_TEST_TMPDIR/again"
            ;;
        'yes> '*)
            command=$command$'\n'${line#'> '}
            echo "$line" >>"$BATS_TEST_TMPDIR/again"
            ;;
        'yes```')
            run_it
            inside=
            echo "$line" >>"$BATS_TEST_TMPDIR/again"
            ;;
        yes*) ;; # what was printed when the page was written
        '```console')
            inside=yes
            echo "$line" >>"$BATS_TEST_TMPDIR/again"
            ;;
        *) echo "$line" >>"$BATS_TEST_TMPDIR/again" ;;
        esac
    done <"$page"
    [ -z "${TARN_DOC_WRITE:-}" ] || cp "$BATS_TEST_TMPDIR/again" "$page"
    diff -u "$page" "$BATS_TEST_TMPDIR/again"
}
