#!/bin/sh
# Counts the instructions that training takes for an image, which no load on the machine changes, and
# compares them with Benchmarks/instructions.txt. Leaves with 1 where one is more than 5 % above.
# usage: Benchmarks/instructions.sh check|record
set -eu
records=Benchmarks/instructions.txt
minicnn=${MINICNN:-.build/release/minicnn}
digits=Datasets/mnist/t10k # fewer than the training digits: less to unpack
set_name=x86-64-v3         # valgrind knows no AVX-512

skip() {
  echo "instructions are not counted: $1"
  exit 0
}

[ "$(uname -sm)" = "Linux x86_64" ] || skip "this is not Linux on x86-64"
for flag in avx2 bmi1 bmi2 f16c fma movbe abm; do
  grep -qw "$flag" /proc/cpuinfo || skip "this processor lacks $set_name ($flag)"
done
sh .ci/install-packages valgrind binutils

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# valgrind gives up over the debug information that Swift writes.
strip --strip-debug -o "$folder/minicnn" "$minicnn"

# Trains a model for some steps and leaves the number of instructions in a file; NAME is a model's, and
# -frozen behind it freezes the layers that a pattern names.
# run NAME BATCH STEPS [PATTERN...]
run() {
  model=${1%-frozen} batch=$2 steps=$3 result=$folder/$1.$3
  shift 3
  [ $# = 0 ] || set -- --freeze "$@"
  # Hashes seeded by chance would change how long dictionaries are searched.
  MINICNN_KERNELS=$set_name SWIFT_DETERMINISTIC_HASHING=1 \
    valgrind --tool=cachegrind --cache-sim=no --cachegrind-out-file="$result.functions" \
    "$folder/minicnn" train --model "Models/$model.yaml" --threads 1 --seed 1 --batch-size "$batch" \
    --images "$digits-images-idx3-ubyte.gz" --labels "$digits-labels-idx1-ubyte.gz" \
    --max-steps "$steps" --checkpoint "$result.weights.h5" "$@" >"$result.log" 2>&1 || {
    cat "$result.log" >&2
    return 1
  }
  grep -q '^fn=.*_v3$' "$result.functions" || {
    echo "$model: the kernels for $set_name did not run under valgrind" >&2
    return 1
  }
  sed -n 's/^.* I *refs: *//p' "$result.log" | tr -d , >"$result"
}

# Prints a line of the record. Two runs, side by side, differ by the steps between and by nothing of
# the start and the end.
# count NAME BATCH [PATTERN...]
count() {
  name=$1 images=$2
  shift 2
  run "$name" "$images" 1 "$@" &
  shorter=$!
  status=0
  run "$name" "$images" 3 "$@" || status=1
  wait "$shorter" || status=1 # in any case: it must not continue in a folder that is gone
  [ "$status" = 0 ] || exit 1
  echo "$name $set_name $((($(cat "$folder/$name.3") - $(cat "$folder/$name.1")) / (2 * images)))"
}

# mnist-cnn in small batches: valgrind works out every fused multiply-add in software.
count lenet5 64 >"$folder/counts"
# What is frozen has no backward pass: docs/fine-tuning.md.
count lenet5-frozen 64 'conv2d*' >>"$folder/counts"
count mnist-cnn 16 >>"$folder/counts"

if [ "$1" = record ]; then
  { grep '^#' "$records" && cat "$folder/counts"; } >"$folder/records"
  cp "$folder/records" "$records"
  grep -v '^#' "$records"
else
  awk 'NR == FNR { if (!/^#/) recorded[$1] = $3; next }
    !($1 in recorded) { print $1 ": not recorded; make record-instructions"; bad = 1; next }
    { change = 100 * ($3 / recorded[$1] - 1)
      text = sprintf("%s: %d instructions an image, %+.1f %% against the record", $1, $3, change) }
    change > 5 { print text ": too many; if they buy something, make record-instructions"; bad = 1; next }
    change < -5 { print text ": better; renew it with make record-instructions"; next }
    { print text }
    END { exit bad }' "$records" "$folder/counts"
fi
