// What CPictures has for each format, and what the formats share. Nothing here but `measure` is called
// on a file in the process that asks, where that can be avoided.
#pragma once
#include "CPictures.h"

typedef struct {
  const uint8_t *bytes;
  size_t size;
} cpictures_file;

typedef struct {
  uint32_t height, width;
} cpictures_size;

/// Finds the size that a file states, which is within the bounds; calls no library.
cpictures_code cpictures_measure(
    cpictures_file file, cpictures_format format, cpictures_size *size, cpictures_error *error);

/// Decode a file of the size that was measured. `picture->pixels` is to be freed whatever the code is.
cpictures_code cpictures_decode_png(
    cpictures_file file, cpictures_size size, cpictures_picture *picture, cpictures_error *error);
cpictures_code cpictures_decode_jpeg(
    cpictures_file file, cpictures_size size, cpictures_picture *picture, cpictures_error *error);

/// The orientation that the data of a JPEG's APP1 marker states, from 1 to 8; 1 where it is no Exif, or
/// states none that is valid.
int cpictures_orientation(const uint8_t *marker, size_t size);

/// Turns and mirrors a picture of an orientation other than 1 upright.
cpictures_code cpictures_turn(
    cpictures_picture *picture, int orientation, cpictures_error *error);

/// Sets memory aside for the pixels.
cpictures_code cpictures_allocate(cpictures_picture *picture, cpictures_error *error);

/// Fills the error with a code and, unless it is NULL, a message.
cpictures_code cpictures_refuse(cpictures_error *error, cpictures_code code, const char *message);

/// Fills the error of a call of the system.
cpictures_code cpictures_system(cpictures_error *error, const char *operation, int number);
