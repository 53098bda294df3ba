#!/bin/sh
# The walls stand: tools/check-walls finds nothing.
set -eu
source=${TARN_SOURCE:-$(cd "$(dirname "$0")/.." && pwd)}
exec "$source/tools/check-walls" -b "${TARN_BUILD:-$source/build}"
