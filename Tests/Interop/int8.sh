#!/bin/sh
# What quantized networks compute in C beside what MiniCNN computes, on several compilers and processors: every bit of
# every score. Prints a line for each check, and exits with 1 where one fails.
#
#     Tests/Interop/int8.sh .build/release/minicnn [MODEL...]
#
# The program QuantizedDigits has to be beside the tool. WEIGHTS names a folder with trained MODEL.weights.h5; what is
# not there is trained for an epoch. DIGITS (10000) are computed by lenet5 and digits-tiny, 100 by the others.
set -u
cd "$(dirname "$0")/../.."
tool=$1
shift
models=${*:-digits-tiny lenet5 digits-fast mnist-cnn mlp resnet-mini digits-best fashion}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

check() { # NAME COMMAND...: whether a command gives the scores
  name=$1
  shift
  if "$@" < "$folder/images" > "$folder/found" 2> "$folder/messages" &&
    cmp -s "$folder/scores" "$folder/found"; then
    echo "$model: $name: $count of $count images, the same bits"
  else
    echo "$model: $name: FAILED, $(cmp -l "$folder/scores" "$folder/found" | wc -l) other bytes;" \
      "$(head -n 1 "$folder/messages")"
    failures=$((failures + 1))
  fi
}

compiles() { # NAME COMMAND...: whether a command says nothing and ends well
  name=$1
  shift
  if messages=$("$@" 2>&1) && [ -z "$messages" ]; then
    echo "$model: $name: compiles without a warning"
  else
    echo "$model: $name: FAILED, $messages" | head -n 5
    failures=$((failures + 1))
  fi
}

has() { command -v "$1" > /dev/null || { echo "$model: $1 is not here: FAILED"; failures=$((failures + 1)); false; }; }

weights() { # the trained weights of $model
  for file in "${WEIGHTS:-}/$model.weights.h5" "Models/$model.weights.h5"; do
    [ -f "$file" ] && { echo "$file"; return; }
  done
  "$tool" train --model "Models/$model.yaml" --data "$data" --epochs 1 \
    --output "$folder/trained.weights.h5" > "$folder/log" 2>&1 || cat "$folder/log" >&2
  echo "$folder/trained.weights.h5"
}

strict="-Wall -Wextra -Werror -pedantic"
for model in $models; do
  folder=$work/$model
  mkdir "$folder"
  data=Datasets/mnist count=100
  [ "$model" = fashion ] && data=/usr/share/datasets/fashion-mnist
  case $model in digits-tiny | lenet5) count=${DIGITS:-10000} ;; esac
  if ! "$(dirname "$tool")/QuantizedDigits" "$(weights)" "$data" "$count" "$folder" > "$folder/report"; then
    echo "$model: FAILED, no C file"
    failures=$((failures + 1))
    continue
  fi
  sed "s/^/$model: /" "$folder/report"
  file=$folder/model.c
  names="-DPREDICT=$(echo "$model" | tr - _)_predict -DMODEL=\"$file\""
  names="$names -DPIXELS=$(echo "$model" | tr a-z- A-Z_)_PIXELS -DSCORES=$(echo "$model" | tr a-z- A-Z_)_SCORES"

  for compiler in gcc clang; do
    has $compiler || continue
    compiles "$compiler -std=c99" $compiler -std=c99 $strict -O2 -c "$file" -o "$folder/model.o"
    compiles "$compiler as C++" $compiler -x c++ -std=c++11 $strict -O2 -c "$file" -o "$folder/model.o"
    for level in -O0 -O2 -O3 "-O2 -fsanitize=undefined -fno-sanitize-recover=undefined"; do
      # shellcheck disable=SC2086
      $compiler -std=c99 $strict $level $names Tests/Interop/int8_caller.c -o "$folder/caller" &&
        check "$compiler $level" "$folder/caller"
    done
  done

  if has arm-linux-gnueabihf-gcc && has qemu-arm; then
    # shellcheck disable=SC2086
    arm-linux-gnueabihf-gcc -std=c99 $strict -O2 -static $names Tests/Interop/int8_caller.c -o "$folder/arm" &&
      check "ARM (qemu-arm)" qemu-arm "$folder/arm"
  fi

  if has node; then
    # shellcheck disable=SC2086
    clang --target=wasm32 -nostdlib -mbulk-memory -std=c99 $strict -O2 $names -DWASM Tests/Interop/int8_caller.c \
      -Wl,--no-entry -Wl,--export=image_at -Wl,--export=scores_at -Wl,--export=run -o "$folder/model.wasm" &&
      check "wasm32 (node)" node Tests/Interop/int8_wasm.js "$folder/model.wasm" "$folder/images" "$folder/scores"
  fi

  if has arm-none-eabi-gcc; then
    for processor in cortex-m0 cortex-m4; do
      compiles "$processor" arm-none-eabi-gcc -mcpu=$processor -mthumb -Os -std=c99 $strict -c "$file" -o "$folder/m.o"
    done
    # The code and the constants that the file says beforehand.
    read -r constants code _ < "$folder/footprint"
    flash=$(arm-none-eabi-size "$folder/m.o" | awk 'NR == 2 { print $1 }')
    if [ "$flash" -ge "$constants" ] && [ "$flash" -le $((constants + code)) ]; then
      echo "$model: flash: $flash bytes, from $constants of constants to $((constants + code)) with code, as stated"
    else
      echo "$model: flash: FAILED, $flash bytes, stated $constants and at most $code of code"
      failures=$((failures + 1))
    fi
  fi
done
[ $failures -eq 0 ] || { echo "$failures checks failed"; exit 1; }
