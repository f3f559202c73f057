#!/bin/sh
# Trains a model from several seeds and measures each on the test images.
# usage: [EPOCHS=n] Benchmarks/seeds.sh MODEL.yaml DATA SEED...
set -eu
minicnn=.build/release/minicnn
model=$1
data=$2
shift 2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for seed in "$@"; do
  "$minicnn" train --model "$model" --data "$data" --seed "$seed" ${EPOCHS:+--epochs "$EPOCHS"} \
    --checkpoint "$folder/$seed.weights.h5" >/dev/null 2>&1
  accuracy=$("$minicnn" evaluate "$folder/$seed.weights.h5" --data "$data" --json |
    sed -E 's/.*"accuracy":([0-9.]+).*/\1/')
  echo "seed $seed: $accuracy"
  echo "$accuracy" >>"$folder/all"
done
sort -n "$folder/all" | awk '{ a[NR] = $1 }
  END { m = NR % 2 ? a[(NR + 1) / 2] : (a[NR / 2] + a[NR / 2 + 1]) / 2
        print "median " m ", lowest " a[1] ", highest " a[NR] }'
