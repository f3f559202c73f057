#include <string.h>

#include "decoders.h"

static uint32_t big_endian(const uint8_t *bytes, int count) {
  uint32_t value = 0;
  for (int i = 0; i < count; i++) value = value << 8 | bytes[i];
  return value;
}

/// The length and type of IHDR follow the signature.
static cpictures_code measure_png(
    cpictures_file file, cpictures_size *size, cpictures_error *error) {
  enum { HEADER = 8 + 8 + 13 };
  if (file.size < HEADER) return cpictures_refuse(error, CPICTURES_CUT_SHORT, NULL);
  if (memcmp(file.bytes + 8, "\0\0\0\rIHDR", 8) != 0)
    return cpictures_refuse(error, CPICTURES_DAMAGED, "no IHDR chunk at the start");
  *size = (cpictures_size){big_endian(file.bytes + 20, 4), big_endian(file.bytes + 16, 4)};
  return CPICTURES_DONE;
}

/// SOF0 to SOF15, without the three codes among them that stand for something else.
static bool is_frame(uint8_t marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

/// A marker without a length: TEM, RST0 to RST7, SOI; 0 is none, but an FF in the data.
static bool stands_alone(uint8_t marker) {
  return marker == 0 || marker == 1 || (marker >= 0xD0 && marker <= 0xD8);
}

/// Looks for the frame header. As libjpeg does, skips what is between two markers.
static cpictures_code measure_jpeg(
    cpictures_file file, cpictures_size *size, cpictures_error *error) {
  for (size_t at = 2; at < file.size;) {
    if (file.bytes[at++] != 0xFF) continue;
    while (at < file.size && file.bytes[at] == 0xFF) at++;
    if (at >= file.size) break;
    uint8_t marker = file.bytes[at++];
    if (stands_alone(marker)) continue;
    // The scan and the end come after the frame header.
    if (marker == 0xDA || marker == 0xD9)
      return cpictures_refuse(error, CPICTURES_DAMAGED, "no frame header");
    if (file.size - at < 2) break;
    uint32_t length = big_endian(file.bytes + at, 2);
    if (length < 2) return cpictures_refuse(error, CPICTURES_DAMAGED, "a marker without a length");
    if (file.size - at < length) break;
    if (is_frame(marker)) {
      if (length < 8)
        return cpictures_refuse(error, CPICTURES_DAMAGED, "a frame header that is too short");
      *size = (cpictures_size){
          big_endian(file.bytes + at + 3, 2), big_endian(file.bytes + at + 5, 2)};
      return CPICTURES_DONE;
    }
    at += length;
  }
  return cpictures_refuse(error, CPICTURES_CUT_SHORT, NULL);
}

cpictures_code cpictures_measure(
    cpictures_file file, cpictures_format format, cpictures_size *size, cpictures_error *error) {
  cpictures_code code = format == CPICTURES_PNG ? measure_png(file, size, error)
                                                : measure_jpeg(file, size, error);
  if (code != CPICTURES_DONE) return code;
  if (size->height == 0 || size->width == 0)
    return cpictures_refuse(error, CPICTURES_DAMAGED, "a picture without pixels");
  if (size->height > CPICTURES_LONGEST_EDGE || size->width > CPICTURES_LONGEST_EDGE ||
      (uint64_t)size->height * size->width > CPICTURES_MOST_PIXELS) {
    cpictures_refuse(error, CPICTURES_TOO_LARGE, NULL);
    (error->height = size->height), (error->width = size->width);
    return error->code;
  }
  return CPICTURES_DONE;
}
