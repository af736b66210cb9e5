#!/usr/bin/env bash
# Runs of real processes with faults drawn by seed, judged by the simulation's judge.
#   tests/many/run.sh BELAY_BINARY BELAY_JUDGE COUNT [FIRST_SEED]
set -euo pipefail
if (($# < 3)); then
  echo "usage: $0 BELAY_BINARY BELAY_JUDGE COUNT [FIRST_SEED]" >&2
  exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
binary=$(realpath "$1") judge=$(realpath "$2") count=$3 first=${4:-1}
work=$(mktemp -d "${TMPDIR:-/tmp}/belay-many.XXXXXX")
failed=0
for ((seed = first; seed < first + count; ++seed)); do
  mkdir "$work/$seed"
  if python3 "$here/many.py" "$binary" "$seed" "$work/$seed" && "$judge" "$work/$seed"; then
    echo "ok: seed $seed"
    rm -rf "${work:?}/$seed"
  else
    failed=$((failed + 1))
    echo "FAILED: seed $seed; the evidence stays in $work/$seed"
  fi
done
((failed == 0)) && rm -rf "$work"
echo "many: $((count - failed)) passed, $failed failed"
((failed == 0))
