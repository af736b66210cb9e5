#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A cancel (and, for Belay, a protective order) behind N queued entries: Belay beside other clients,
# each at its own default message rate, against the same gateway.
# Usage: bench/peers/run.sh PATH_TO_BELAY_BENCH [ENTRIES...] (200 10000). PYTHON names a python that
# has ib_async; a client that is not installed is skipped and named.
set -eu
bench=$(realpath "$1")
shift
cd "$(dirname "$0")"
[ $# -gt 0 ] || set -- 200 10000
work=$(mktemp -d)
"$bench" gateway 0 >"$work/port" &
gateway=$!
trap 'kill $gateway; rm -rf "$work"' EXIT
while ! grep -q port= "$work/port"; do sleep 0.05; done
port=$(sed 's/port=//' "$work/port")
for entries in "$@"; do
  "$bench" behind "$entries" --port "$port" --dir "$work"
  if [ -d ../../tests/stoqey/node_modules ]; then
    node stoqey.js "$port" "$entries"
  else
    echo "skipped: @stoqey/ib (tests/stoqey/run.sh installs it)"
  fi
  if "${PYTHON:-python3}" -c "import ib_async" 2>/dev/null; then
    "${PYTHON:-python3}" ib_async_behind.py "$port" "$entries"
  else
    echo "skipped: ib_async (PYTHON names a python that has it)"
  fi
done
