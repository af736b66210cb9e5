#!/usr/bin/env bash
# Kills a real daemon COUNT times with SIGKILL while clients place, change and cancel orders, then
# lets a separate checker compare what the simulated broker logged, what the clients recorded and
# what the daemon says at the end.
#   tests/kill9/run.sh BELAY_BINARY COUNT [SEED]
set -euo pipefail
if (($# < 2)); then
  echo "usage: $0 BELAY_BINARY COUNT [SEED]" >&2
  exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
binary=$(realpath "$1")
seed=${3:-$RANDOM}
work=$(mktemp -d "${TMPDIR:-/tmp}/belay-kill9.XXXXXX")
passed=0 failed=0

finish() {
  if ((failed == 0)); then
    rm -rf "$work"
  else
    echo "the evidence stays in $work (seed $seed)"
  fi
  echo "kill9: $passed passed, $failed failed"
  ((failed == 0))
}
step() {
  local name=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
    echo "ok: $name"
  else
    failed=$((failed + 1))
    echo "FAILED: $name"
    finish
    exit 1
  fi
}
check() {
  python3 "$here/check.py" "$1/sim.log" "$1"/client_*.jsonl "$1/orders.json" "$1/executions.json"
}

mkdir "$work/good" "$work/torture"
step "a small run without faults of its own" \
  python3 "$here/torture.py" "$binary" 2 "$seed" "$work/good"
step "the checker accepts it" check "$work/good"
step "the checker sees planted faults" python3 "$here/check_selftest.py" "$work/good"
step "$2 times SIGKILL (seed $seed)" python3 "$here/torture.py" "$binary" "$2" "$seed" "$work/torture"
step "the checker accepts what is left" check "$work/torture"
finish
