#!/bin/sh
# Trains a model from several seeds and measures each on the test images.
# usage: [EPOCHS=n] [MINICNN=tool] Benchmarks/seeds.sh MODEL.yaml DATA SEED...
set -eu
minicnn=${MINICNN:-.build/release/minicnn}
model=$1
data=$2
shift 2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for seed in "$@"; do
  "$minicnn" train --model "$model" --data "$data" --seed "$seed" ${EPOCHS:+--epochs "$EPOCHS"} \
    --checkpoint "$folder/$seed.weights.h5" >"$folder/log" 2>&1 || {
    cat "$folder/log" >&2
    exit 1
  }
  measured=$("$minicnn" evaluate "$folder/$seed.weights.h5" --data "$data" --json)
  accuracy=$(printf '%s\n' "$measured" | sed -E 's/.*"accuracy":([0-9.]+).*/\1/')
  echo "seed $seed: $accuracy"
  echo "$accuracy" >>"$folder/all"
done
sort -n "$folder/all" | awk '{ a[NR] = $1 }
  END { m = NR % 2 ? a[(NR + 1) / 2] : (a[NR / 2] + a[NR / 2 + 1]) / 2
        print "median " m ", lowest " a[1] ", highest " a[NR] }'
