#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# An unmodified third-party client (@stoqey/ib, TypeScript) against the simulated TWS.
# Usage: tests/stoqey/run.sh PATH_TO_BELAY. Prints "N passed, M failed"; non-zero on failure.
set -eu
if [ $# -ne 1 ]; then
  echo "usage: $0 PATH_TO_BELAY" >&2
  exit 2
fi
belay=$(realpath "$1")
cd "$(dirname "$0")"
[ -d node_modules ] || npm ci --no-audit --no-fund --loglevel=error >&2
node trade.js "$belay"
exec node day.js "$belay"
