#!/bin/sh
# Builds a package that depends on this one, in debug and release, and has its program killed at
# random steps: what it is resumed to has the same bits as a run that nobody killed.
# The build of such a package, from nothing, has no warning of ours and none of our strictness, and a
# program of the core alone has neither libhdf5 nor Yams in it.
# usage: Tests/Package/test.sh [DATA]
set -eu
data=$(cd "${1:-Datasets/mnist}" && pwd)
cd "$(dirname "$0")"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
unset MINICNN_STRICT

# Prints which of the libraries that a checkpoint needs a program has in it or is linked to.
libraries() {
  nm "$1" >"$folder/symbols"
  ldd "$1" >"$folder/linked"
  grep -q yaml_parser "$folder/symbols" && printf 'yaml '
  grep -q ' H5[A-Z]' "$folder/symbols" && printf 'hdf5-symbols '
  grep -q hdf5 "$folder/linked" && printf 'hdf5'
  echo
}

for configuration in debug release; do
  built=$folder/$configuration
  swift build -c "$configuration" --scratch-path "$built" >"$folder/build" 2>&1 ||
    { cat "$folder/build"; exit 1; }
  if grep 'warning:' "$folder/build"; then echo "$configuration: built with warnings"; exit 1; fi
  grep -q 'Compiling' "$folder/build" || { echo "$configuration: nothing was compiled"; exit 1; }
  programs=$(swift build -c "$configuration" --scratch-path "$built" --show-bin-path)
  program=$programs/Resumes
  [ "$("$programs/CoreOnly" "$data")" = learnt ]
  mkdir -p "$folder/own/Datasets"
  ln -sfn "$data" "$folder/own/Datasets/mnist"
  (cd "$folder/own" && "$programs/OwnLayer" >"$folder/output")
  [ "$(head -n 2 "$folder/output")" = "wrong gradients: []
resumed to the same bits: true" ] || { cat "$folder/output"; exit 1; }
  has=$(libraries "$programs/CoreOnly")
  [ -z "$has" ] || { echo "$configuration: the core has $has in it"; exit 1; }
  # As the whole shows, they would have been seen.
  has=$(libraries "$program")
  [ "$has" = 'yaml hdf5-symbols hdf5' ] || { echo "$configuration: the whole has '$has'"; exit 1; }
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
