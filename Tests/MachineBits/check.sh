#!/bin/sh
# Compiles the loops and their cases and compares what they compute with the recorded digests:
#   check.sh FOLDER EMULATOR CLANG FLAG...
# FOLDER holds what is built; EMULATOR runs it, and is "" where the processor itself can.
set -eu
cd "$(dirname "$0")/../.."
folder=$1 emulator=$2
shift 2
mkdir -p "$folder"
rm -f "$folder"/*.o
digests=Tests/MachineBits/digests.txt
# As SwiftPM compiles them; two at a time, the longest first.
ls -S Sources/CKernels/kernels_*.c Sources/CKernels/[!k]*.c Tests/MachineBits/*.c | xargs -P 2 -I {} sh -c '
  source=$1 object=$2/$(basename "$1" .c)-$(basename "$(dirname "$1")").o
  shift 2
  exec "$@" -std=gnu11 -O2 -DNDEBUG -Wall -Wextra -Werror -ISources/CKernels/include -ITests/MachineBits/include \
    -c -o "$object" "$source"' sh {} "$folder" "$@"
"$@" -fuse-ld=lld -o "$folder/bits" "$folder"/*.o
$emulator "$folder/bits" >"$folder/found.txt"
LC_ALL=C sort "$folder/found.txt" | diff "$digests" - >"$folder/differences.txt" || {
  echo "other bits than recorded (<) come out (>):" >&2
  cat "$folder/differences.txt" >&2
  exit 1
}
echo "all $(wc -l <"$digests") digests are the recorded ones"
