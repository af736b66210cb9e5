#!/usr/bin/env bash
# Runs the tests of real processes: all of them, or those of test_NAME.py.
#   tests/system/run.sh BELAY_BINARY [NAME]
set -euo pipefail
if (($# < 1)); then
  echo "usage: $0 BELAY_BINARY [NAME]" >&2
  exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
BELAY_BINARY=$(realpath "$1")
export BELAY_BINARY PYTHONDONTWRITEBYTECODE=1
exec python3 "$here/main.py" "${2:-}"
