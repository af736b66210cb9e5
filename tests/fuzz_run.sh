#!/usr/bin/env bash
# Runs fuzzers, two at a time, each for SECONDS. Fails on a finding, and in a run of a minute or
# more when a kind of message was decoded fewer than 1,000 times: a fuzzer that never gets past the
# first field finds nothing.
#   tests/fuzz_run.sh NAME|all SECONDS [BUILD_DIRECTORY]
set -euo pipefail
if (($# < 2)) || ! [[ $2 =~ ^[0-9]+$ ]]; then
  echo "usage: $0 NAME|all SECONDS [BUILD_DIRECTORY]" >&2
  exit 2
fi
cd "$(dirname "$0")/.."
which=$1 seconds=$2 build=${3:-build/asan}
least=1000
work=build/fuzz
mkdir -p "$work"

programs=()
for program in "$build"/fuzz/fuzz_*; do
  [[ -x $program && -f $program ]] || continue
  name=${program##*/fuzz_}
  [[ $which == all || $which == "$name" ]] && programs+=("$program")
done
if ((${#programs[@]} == 0)); then
  echo "fuzz: no program '$which' in $build/fuzz; build the target fuzzers first" >&2
  exit 1
fi

run() {
  local program=$1 name=${1##*/fuzz_}
  local corpus=$work/$name/corpus
  mkdir -p "$corpus"
  # The corpus stays from run to run; what was found stays in the same folder.
  UBSAN_OPTIONS=print_stacktrace=1 "$program" "-max_total_time=$seconds" -max_len=8192 \
    -rss_limit_mb=4096 -timeout=20 -print_final_stats=1 -verbosity=1 -reload=0 \
    "-artifact_prefix=$work/$name/" "$corpus" >"$work/$name/output" 2>&1
}

# The verdict on one finished run, from its output.
report() {
  local name=$1 status=$2 output=$work/$1/output fault=""
  local runs
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$output")
  grep -E '^ *[0-9]+ decoded +[0-9]+ refused|^[0-9]+ of [0-9]+ kinds' "$output" || true
  if ((status != 0)); then
    fault="a finding, see $output"
    tail -n 30 "$output"
  elif [[ $name == decode_* ]]; then
    local kinds expected count
    read -r kinds expected count < <(sed -n \
      's/^\([0-9]*\) of \([0-9]*\) kinds, the least decoded one \([0-9]*\) times$/\1 \2 \3/p' "$output")
    if [[ -z ${count:-} ]]; then
      fault="it printed no counts"
    elif ((seconds >= 60 && kinds < expected)); then
      fault="only $kinds of $expected kinds of messages were met"
    elif ((seconds >= 60 && count < least)); then
      fault="a kind of message was decoded $count times, fewer than $least"
    fi
  fi
  if [[ -n $fault ]]; then
    echo "FAILED: $name: $fault"
    return 1
  fi
  echo "ok: $name: ${runs:-0} executions"
}

passed=0 failed=0
for ((i = 0; i < ${#programs[@]}; i += 2)); do
  pids=() names=()
  for program in "${programs[@]:i:2}"; do
    run "$program" &
    pids+=($!)
    names+=("${program##*/fuzz_}")
  done
  for j in "${!pids[@]}"; do
    status=0
    wait "${pids[j]}" || status=$?
    if report "${names[j]}" "$status"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
  done
done
echo "fuzz: $passed passed, $failed failed"
((failed == 0))
