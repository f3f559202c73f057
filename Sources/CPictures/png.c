#include <errno.h>
#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "decoders.h"

/// What a decoding works on; it outlives the jump that libpng leaves with.
typedef struct {
  cpictures_file file;
  size_t at;
  cpictures_size size;
  cpictures_picture *picture;
  /// Where each row of the picture begins.
  png_bytepp rows;
  cpictures_error *error;
} reading;

static _Noreturn void fail(png_structp png, png_const_charp message) {
  reading *reading = png_get_error_ptr(png);
  // What was found out before libpng was told says more.
  if (reading->error->code == CPICTURES_DONE)
    cpictures_refuse(reading->error, CPICTURES_DAMAGED, message);
  png_longjmp(png, 1);
}

static void ignore(png_structp png, png_const_charp message) { (void)png, (void)message; }

static void read_bytes(png_structp png, png_bytep bytes, size_t count) {
  reading *reading = png_get_io_ptr(png);
  if (reading->file.size - reading->at < count) {
    cpictures_refuse(reading->error, CPICTURES_CUT_SHORT, NULL);
    png_error(png, "cut short");
  }
  memcpy(bytes, reading->file.bytes + reading->at, count);
  reading->at += count;
}

/// Deflate makes nothing more than 1032 times as small, so a smaller file ends too early, and no
/// memory need be set aside to find out.
static bool is_too_short(png_structp png, png_infop info, cpictures_file file) {
  return (uint64_t)png_get_rowbytes(png, info) * png_get_image_height(png, info) / 1032 > file.size;
}

/// Has libpng give 8 bits a channel: grey, grey and opacity, RGB or RGBA.
static void convert(png_structp png, png_infop info) {
  png_set_expand(png);
  png_set_scale_16(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
}

/// Leaves with a jump where anything is wrong.
static void decode(png_structp png, png_infop info, reading *reading) {
  cpictures_picture *picture = reading->picture;
  png_set_read_fn(png, reading, read_bytes);
  png_set_user_limits(png, CPICTURES_LONGEST_EDGE, CPICTURES_LONGEST_EDGE);
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, 0);
  png_read_info(png, info);
  picture->height = png_get_image_height(png, info);
  picture->width = png_get_image_width(png, info);
  if (picture->height != reading->size.height || picture->width != reading->size.width)
    png_error(png, "two sizes");
  if (is_too_short(png, info, reading->file)) {
    cpictures_refuse(reading->error, CPICTURES_CUT_SHORT, NULL);
    png_error(png, "cut short");
  }
  convert(png, info);
  picture->channels = png_get_channels(png, info);
  size_t row_size = (size_t)picture->width * picture->channels;
  if (png_get_rowbytes(png, info) != row_size) png_error(png, "rows of an unexpected length");
  reading->rows = malloc(picture->height * sizeof *reading->rows);
  if (reading->rows == NULL) cpictures_system(reading->error, "decode it", ENOMEM);
  if (reading->rows == NULL || cpictures_allocate(picture, reading->error) != CPICTURES_DONE)
    png_error(png, "no memory");
  for (uint32_t row = 0; row < picture->height; row++)
    reading->rows[row] = picture->pixels + row * row_size;
  png_read_image(png, reading->rows);
  png_read_end(png, NULL);
}

static void attempt(png_structp png, png_infop info, reading *reading) {
  if (setjmp(png_jmpbuf(png)) == 0) decode(png, info, reading);
}

cpictures_code cpictures_decode_png(
    cpictures_file file, cpictures_size size, cpictures_picture *picture, cpictures_error *error) {
  reading reading = {file, 0, size, picture, NULL, error};
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &reading, fail, ignore);
  png_infop info = png == NULL ? NULL : png_create_info_struct(png);
  if (info == NULL) {
    cpictures_system(error, "decode it", ENOMEM);
  } else {
    attempt(png, info, &reading);
  }
  png_destroy_read_struct(&png, &info, NULL);
  free(reading.rows);
  return error->code;
}
