#!/bin/sh
# Python's jsonschema judges random schemas and records as our checker does.
# Skipped, loudly, where it cannot be installed.
set -eu

: "${TARN_BUILD:?}" "${TARN_SOURCE:?}"
here=$TARN_SOURCE/tests/interop
program=$TARN_BUILD/tests/interop/json_schema_lines
version=4.26.0

skip() {
    echo "SKIPPED: jsonschema $version: $*" >&2
    echo "SKIPPED: no other checker has judged records" >&2
    exit 77
}

work=$(mktemp -d "${TMPDIR:-/tmp}/tarn-jsonschema.XXXXXX")
trap 'rm -rf "$work"' EXIT
python=python3
"$python" -c 'from jsonschema import Draft202012Validator' 2>/dev/null || {
    python=$work/venv/bin/python
    python3 -m venv "$work/venv" >"$work/pip.log" 2>&1 ||
        skip "no python3 with venv ($(tail -n 1 "$work/pip.log"))"
    "$work/venv/bin/pip" install -q --disable-pip-version-check \
        "jsonschema==$version" >"$work/pip.log" 2>&1 ||
        skip "$(tail -n 1 "$work/pip.log")"
}
"$python" "$here/json_schema_lines.py" "$program" \
    "${TARN_SEED:-$(date +%j)}" "${TARN_SCHEMAS:-400}"
