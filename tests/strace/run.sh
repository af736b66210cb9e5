#!/usr/bin/env bash
# Watches the system calls of a real daemon while orders are placed and shows that no order leaves
# before the fdatasync that covers its intent has returned, and no caller is told yes before that.
#   tests/strace/run.sh BELAY_BINARY
set -euo pipefail
if (($# != 1)); then
  echo "usage: $0 BELAY_BINARY" >&2
  exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
binary=$(realpath "$1")
# A test that cannot look has not passed; who cannot have it says BELAY_WITHOUT=strace.
cannot() {
  if [[ " ${BELAY_WITHOUT:-} " == *" strace "* ]]; then
    echo "SKIPPED: $1"
    exit 0
  fi
  echo "strace: $1; scripts/test --without strace goes on without it" >&2
  echo "strace: 0 passed, 1 failed"
  exit 1
}
command -v strace >/dev/null || cannot "strace is not installed"
strace -D -f -o /dev/null true 2>/dev/null || cannot "this machine does not permit ptrace"
work=$(mktemp -d "${TMPDIR:-/tmp}/belay-strace.XXXXXX")
trap 'rm -rf "$work"' EXIT
status=0
python3 "$here/record.py" "$binary" "$work" || status=$?
if ((status == 77)); then
  cannot "this machine does not permit ptrace"
fi
if ((status != 0)); then
  echo "strace: 0 passed, 1 failed"
  exit 1
fi
passed=0 failed=0
for part in "check.py" "check_selftest.py"; do
  if python3 "$here/$part" "$work/trace.txt" "$work/orders.json" "$(<"$work/tws_port")" \
    "$(<"$work/api_port")"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
  fi
done
echo "strace: $passed passed, $failed failed"
((failed == 0))
