#include <stdlib.h>
#include <string.h>

#include "decoders.h"

/// The TIFF within an Exif marker.
typedef struct {
  const uint8_t *bytes;
  size_t size;
  bool is_little_endian;
} tiff;

/// Reads a number of two or four bytes; false where there are not so many.
static bool read_number(tiff tiff, size_t at, size_t count, uint32_t *value) {
  if (at > tiff.size || tiff.size - at < count) return false;
  *value = 0;
  for (size_t i = 0; i < count; i++)
    *value = *value << 8 | tiff.bytes[at + (tiff.is_little_endian ? count - 1 - i : i)];
  return true;
}

int cpictures_orientation(const uint8_t *marker, size_t size) {
  enum { NAME = 6, ENTRY = 12, ORIENTATION = 0x0112, SHORT = 3 };
  if (size < NAME + 8 || memcmp(marker, "Exif\0", NAME) != 0) return 1;
  tiff tiff = {marker + NAME, size - NAME, memcmp(marker + NAME, "II", 2) == 0};
  uint32_t magic, directory, count;
  if ((!tiff.is_little_endian && memcmp(tiff.bytes, "MM", 2) != 0) ||
      !read_number(tiff, 2, 2, &magic) || magic != 42 || !read_number(tiff, 4, 4, &directory) ||
      !read_number(tiff, directory, 2, &count))
    return 1;
  for (uint32_t entry = 0; entry < count; entry++) {
    size_t at = (size_t)directory + 2 + (size_t)entry * ENTRY;
    uint32_t tag, type, values, value;
    if (!read_number(tiff, at, 2, &tag)) return 1;
    if (tag != ORIENTATION) continue;
    bool is_valid = read_number(tiff, at + 2, 2, &type) && type == SHORT &&
                    read_number(tiff, at + 4, 4, &values) && values == 1 &&
                    read_number(tiff, at + 8, 2, &value) && value >= 1 && value <= 8;
    return is_valid ? (int)value : 1;
  }
  return 1;
}

/// Where pixels come from: that of row r and column c of the upright picture is number
/// `start + r · row + c · column` of the other.
typedef struct {
  ptrdiff_t start, row, column;
} walk;

static walk walk_of(int orientation, ptrdiff_t height, ptrdiff_t width) {
  ptrdiff_t last = height * width - 1, right = width - 1, bottom = (height - 1) * width;
  switch (orientation) {
    case 2: return (walk){right, width, -1};
    case 3: return (walk){last, -width, -1};
    case 4: return (walk){bottom, -width, 1};
    case 5: return (walk){0, 1, width};
    case 6: return (walk){bottom, 1, -width};
    case 7: return (walk){last, -1, -width};
    case 8: return (walk){right, -1, width};
    default: return (walk){0, width, 1};
  }
}

cpictures_code cpictures_turn(
    cpictures_picture *picture, int orientation, cpictures_error *error) {
  walk walk = walk_of(orientation, picture->height, picture->width);
  cpictures_picture turned = *picture;
  if (orientation >= 5) (turned.height = picture->width), (turned.width = picture->height);
  if (cpictures_allocate(&turned, error) != CPICTURES_DONE) return error->code;
  size_t channels = picture->channels;
  uint8_t *to = turned.pixels;
  for (ptrdiff_t row = 0; row < (ptrdiff_t)turned.height; row++)
    for (ptrdiff_t column = 0; column < (ptrdiff_t)turned.width; column++) {
      ptrdiff_t from = walk.start + row * walk.row + column * walk.column;
      memcpy(to, picture->pixels + (size_t)from * channels, channels);
      to += channels;
    }
  free(picture->pixels);
  *picture = turned;
  return CPICTURES_DONE;
}
