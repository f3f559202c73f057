#include <stdio.h>

#include <jpeglib.h>

#include "CJPEGEncoder.h"

uint8_t *cjpegencoder_encode(
    const uint8_t *pixels, uint32_t height, uint32_t width, uint32_t channels, int quality,
    size_t *size) {
  struct jpeg_compress_struct jpeg;
  struct jpeg_error_mgr errors;
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char *file = NULL;
  unsigned long length = 0;
  jpeg_mem_dest(&jpeg, &file, &length);
  jpeg.image_height = height;
  jpeg.image_width = width;
  jpeg.input_components = (int)channels;
  jpeg.in_color_space = channels == 3 ? JCS_RGB : JCS_GRAYSCALE;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, quality, TRUE);
  jpeg_start_compress(&jpeg, TRUE);
  while (jpeg.next_scanline < height) {
    // libjpeg does not change what it is given.
    JSAMPROW row = (JSAMPROW)(pixels + (size_t)jpeg.next_scanline * width * channels);
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  *size = length;
  return file;
}
