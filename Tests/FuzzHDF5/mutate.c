#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

/// Puts `with` in the place of some of the bytes from `index` on.
static void replace(file_image *file, size_t index, size_t taken, const void *with, size_t size) {
  unsigned char *bytes = malloc(file->size - taken + size + 1);
  REQUIRE(bytes != NULL);
  memcpy(bytes, file->bytes, index);
  memcpy(bytes + index, with, size);
  memcpy(bytes + index + size, file->bytes + index + taken, file->size - index - taken);
  free(file->bytes);
  *file = (file_image){bytes, file->size - taken + size};
}

static void change(file_image *file, const file_image *seeds, size_t count, uint64_t *state) {
  if (file->size == 0) return;
  size_t index = draw_below(state, file->size);
  size_t length = least(1 + draw_below(state, 16), file->size - index);
  unsigned char *here = file->bytes + index, byte = (unsigned char)draw(state);
  switch (draw_below(state, 10)) {
    case 0:
    case 1: *here ^= 1 << (byte & 7); break;
    case 2: *here = byte; break;
    case 3: memset(here, 255, length); break;
    case 4: memset(here, 0, length); break;
    case 5: replace(file, index, length, "", 0); break;
    case 6: replace(file, index, 0, &byte, 1); break;
    case 7: {
      unsigned char twice[16];
      memcpy(twice, here, length);
      replace(file, index, 0, twice, length);
      break;
    }
    case 8: {
      // A segment of another place or file.
      const file_image *other = &seeds[draw_below(state, count)];
      size_t from = draw_below(state, other->size);
      size_t stretch = least(length, other->size - from);
      replace(file, index, stretch, other->bytes + from, stretch);
      break;
    }
    default: file->size = index == 0 ? 1 : index;
  }
}

file_image mutate(const file_image *seeds, size_t count, uint64_t *state) {
  const file_image *seed = &seeds[draw_below(state, count)];
  file_image file = {malloc(seed->size), seed->size};
  REQUIRE(file.bytes != NULL);
  memcpy(file.bytes, seed->bytes, seed->size);
  for (size_t changes = 1 + draw_below(state, 4); changes > 0; changes--)
    change(&file, seeds, count, state);
  return file;
}
