#!/bin/sh
# Trains a model whose weights are in Models once more, from the same seed, and compares what comes out,
# bit for bit. (The state has the model's text too, comments and all.)
# Usage: reproduce.sh MODEL DATA   ($MINICNN: the tool)
set -eu
model=$1 data=$(cd "$2" && pwd)
cd "$(dirname "$0")/.."
tool=${MINICNN:-.build/release/minicnn}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
shipped=Models/$model.weights.h5 run=$folder/run.weights.h5 new=$folder/$model.weights.h5
weights() {
  "$tool" inspect "$1" | grep '^weights SHA-256'
}
seed=$("$tool" inspect "$shipped" | sed -n 's/^seed  *//p')
"$tool" train --model "Models/$model.yaml" --data "$data" --seed "$seed" --checkpoint "$run"
"$tool" export "$run" "$new"
weights "$shipped" > "$folder/shipped"
weights "$new" > "$folder/new"
diff "$folder/shipped" "$folder/new"
echo "$model: the same bits, $(cat "$folder/new")"

# What the card says of views.
card=Models/$model.md
views=$(sed -n 's/.*--views "\([^"]*\)".*/\1/p' "$card")
[ -n "$views" ] || exit 0
stated=$(sed -n 's/.*with the views \([0-9]\),\([0-9]*\) of.*/\1\2/p' "$card")
found=$("$tool" evaluate "$shipped" --data "$data" --views "$views" --json | sed -n 's/.*"correct":\([0-9]*\).*/\1/p')
[ "$found" = "$stated" ] || { echo "error: $card: expected $stated right with the views, found $found" >&2; exit 1; }
echo "$model: $found right with the views, as its card says"
