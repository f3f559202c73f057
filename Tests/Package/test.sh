#!/bin/sh
# Builds a package that depends on this one, in debug and release, and has its program killed at
# random steps: what it is resumed to has the same bits as a run that nobody killed.
# The build of such a package has no warning of ours and none of our strictness, and a program of the
# core alone is not linked to libhdf5.
# usage: Tests/Package/test.sh [DATA]
set -eu
data=$(cd "${1:-Datasets/mnist}" && pwd)
cd "$(dirname "$0")"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
unset MINICNN_STRICT

for configuration in debug release; do
  swift build -c "$configuration" 2>&1 | tee "$folder/build"
  if grep 'warning:' "$folder/build"; then echo "$configuration: built with warnings"; exit 1; fi
  grep -q 'Compiling\|Build complete' "$folder/build"
  programs=$(swift build -c "$configuration" --show-bin-path)
  program=$programs/Resumes
  [ "$("$programs/CoreOnly" "$data")" = learnt ]
  if ldd "$programs/CoreOnly" | grep -q hdf5; then echo "the core is linked to libhdf5"; exit 1; fi
  whole=$("$program" "$data" "$folder/$configuration.whole.weights.h5" | tail -n 1)
  state=$folder/$configuration.weights.h5
  # 16 steps an epoch, 96 in all; each process counts its own.
  for kill in 1 2 3; do
    step=$(awk -v seed="$$$kill" 'BEGIN { srand(seed); print 3 + int(24 * rand()) }')
    status=0
    MINICNN_CRASH_AT=step:$step "$program" "$data" "$state" >"$folder/output" || status=$?
    [ "$status" = 137 ] || { echo "$configuration: it ended with $status, not killed"; exit 1; }
    echo "$configuration: killed after $step steps of process $kill"
  done
  resumed=$("$program" "$data" "$state" | tee "$folder/output" | tail -n 1)
  grep -q '^resumed from step [1-9]' "$folder/output" || { echo "it did not resume"; exit 1; }
  [ "$whole" = "$resumed" ] || { echo "$configuration: $whole, resumed $resumed"; exit 1; }
  echo "$configuration: the same bits, $whole"
done
