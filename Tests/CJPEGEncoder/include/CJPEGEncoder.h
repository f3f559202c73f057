// JPEG files made for tests.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Encodes `[height, width, channels]`, 1 channel or 3, with a quality from 1 to 100; the file, `*size`
/// bytes to be freed, or NULL without memory.
uint8_t *cjpegencoder_encode(
    const uint8_t *pixels, uint32_t height, uint32_t width, uint32_t channels, int quality,
    size_t *size);
