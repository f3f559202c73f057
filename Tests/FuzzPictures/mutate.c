#include <string.h>

#include "fuzz.h"

uint64_t draw(uint64_t *state) {
  uint64_t z = *state += 0x9E3779B97F4A7C15;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
  z = (z ^ z >> 27) * 0x94D049BB133111EB;
  return z ^ z >> 31;
}

size_t draw_below(uint64_t *state, size_t bound) { return (size_t)(draw(state) % bound); }

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

static void change(
    uint8_t *bytes, size_t *size, size_t room, cpictures_file other, uint64_t *state) {
  size_t at = draw_below(state, *size), length = least(1 + draw_below(state, 16), *size - at);
  uint8_t *here = bytes + at;
  switch (draw_below(state, 9)) {
    case 0:
    case 1: *here ^= (uint8_t)(1 << draw_below(state, 8)); break;
    case 2: *here = (uint8_t)draw(state); break;
    case 3: memset(here, 255, length); break;
    case 4: memset(here, 0, length); break;
    case 5:
      if (length == *size) break;
      memmove(here, here + length, *size - at - length);
      *size -= length;
      break;
    case 6:
      // The same bytes twice.
      length = least(length, room - *size);
      memmove(here + length, here, *size - at);
      *size += length;
      break;
    case 7: {
      size_t from = draw_below(state, other.size);
      memcpy(here, other.bytes + from, least(length, other.size - from));
      break;
    }
    default: *size = at == 0 ? 1 : at;
  }
}

void mutate(uint8_t *bytes, size_t *size, size_t room, cpictures_file other, uint64_t *state) {
  for (size_t changes = 1 + draw_below(state, 4); changes > 0; changes--)
    change(bytes, size, room, other, state);
}

static uint32_t checksum(const uint8_t *bytes, size_t size) {
  uint32_t value = ~0U;
  for (size_t i = 0; i < size; i++) {
    value ^= bytes[i];
    for (int bit = 0; bit < 8; bit++) value = value >> 1 ^ (value & 1 ? 0xEDB88320 : 0);
  }
  return ~value;
}

void repair(uint8_t *bytes, size_t size) {
  for (size_t at = 8; size >= 12 && at <= size - 12;) {
    const uint8_t *head = bytes + at;
    size_t length = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
    if (length > size - at - 12) return;
    uint32_t sum = checksum(head + 4, length + 4);
    for (size_t i = 0; i < 4; i++) bytes[at + 8 + length + i] = (uint8_t)(sum >> (24 - 8 * i));
    at += length + 12;
  }
}
