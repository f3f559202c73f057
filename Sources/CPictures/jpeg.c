#include <errno.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdio.h>

#include <jerror.h>
#include <jpeglib.h>

#include "decoders.h"

/// libjpeg's error manager, and how to leave libjpeg; a pointer to one is a pointer to the other.
typedef struct {
  struct jpeg_error_mgr manager;
  jmp_buf leave;
  cpictures_error *error;
} reporter;

static _Noreturn void fail(j_common_ptr jpeg, cpictures_code code, const char *message) {
  reporter *reporter = (void *)jpeg->err;
  cpictures_refuse(reporter->error, code, message);
  longjmp(reporter->leave, 1);
}

static void fail_with_message(j_common_ptr jpeg) {
  reporter *reporter = (void *)jpeg->err;
  if (reporter->manager.msg_code == JERR_OUT_OF_MEMORY) {
    cpictures_system(reporter->error, "decode it", ENOMEM);
    longjmp(reporter->leave, 1);
  }
  char message[JMSG_LENGTH_MAX];
  reporter->manager.format_message(jpeg, message);
  fail(jpeg, CPICTURES_DAMAGED, message);
}

/// What libjpeg would make up pixels for is an error; level -1 is a warning, others are traces.
static void judge(j_common_ptr jpeg, int level) {
  if (level >= 0) return;
  switch (jpeg->err->msg_code) {
    // Of no consequence to the pixels, and common.
    case JWRN_ADOBE_XFORM:
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_JFIF_MAJOR: return;
    case JWRN_JPEG_EOF: fail(jpeg, CPICTURES_CUT_SHORT, NULL);
    default: fail_with_message(jpeg);
  }
}

static void say_nothing(j_common_ptr jpeg) { (void)jpeg; }

static int orientation_of(const struct jpeg_decompress_struct *jpeg) {
  for (jpeg_saved_marker_ptr marker = jpeg->marker_list; marker != NULL; marker = marker->next) {
    int orientation = cpictures_orientation(marker->data, marker->data_length);
    if (orientation != 1) return orientation;
  }
  return 1;
}

static void choose_colors(struct jpeg_decompress_struct *jpeg) {
  j_common_ptr common = (j_common_ptr)jpeg;
  switch (jpeg->jpeg_color_space) {
    case JCS_GRAYSCALE: jpeg->out_color_space = JCS_GRAYSCALE; return;
    case JCS_RGB:
    case JCS_YCbCr: jpeg->out_color_space = JCS_RGB; return;
    case JCS_CMYK:
    case JCS_YCCK: fail(common, CPICTURES_UNSUPPORTED, "one in CMYK, the colours of printing");
    default: fail(common, CPICTURES_UNSUPPORTED, "one in colours of an unknown kind");
  }
}

/// Huffman's codes have at least a bit for a block of 8 x 8 pixels, which sampling makes at most 16
/// times as large, so a smaller file ends too early, and no memory need be set aside to find out.
static bool is_too_short(const struct jpeg_decompress_struct *jpeg, cpictures_file file) {
  uint64_t pixels = (uint64_t)jpeg->image_height * jpeg->image_width;
  return !jpeg->arith_code && pixels / (8 * 64 * 16) > file.size;
}

/// Leaves with a jump where anything is wrong; the orientation of the pixels.
static int decode(
    struct jpeg_decompress_struct *jpeg, cpictures_file file, cpictures_size size,
    cpictures_picture *picture, cpictures_error *error) {
  j_common_ptr common = (j_common_ptr)jpeg;
  jpeg_mem_src(jpeg, file.bytes, file.size);
  jpeg_save_markers(jpeg, JPEG_APP0 + 1, 0xFFFF);
  jpeg_read_header(jpeg, TRUE);
  if (jpeg->image_height != size.height || jpeg->image_width != size.width)
    fail(common, CPICTURES_DAMAGED, "two sizes");
  if (is_too_short(jpeg, file)) fail(common, CPICTURES_CUT_SHORT, NULL);
  choose_colors(jpeg);
  jpeg_start_decompress(jpeg);
  picture->height = jpeg->output_height;
  picture->width = jpeg->output_width;
  picture->channels = (uint32_t)jpeg->output_components;
  if (cpictures_allocate(picture, error) != CPICTURES_DONE)
    longjmp(((reporter *)(void *)jpeg->err)->leave, 1);
  while (jpeg->output_scanline < jpeg->output_height) {
    JSAMPROW row =
        picture->pixels + (size_t)jpeg->output_scanline * picture->width * picture->channels;
    jpeg_read_scanlines(jpeg, &row, 1);
  }
  // The end frees the markers.
  int orientation = orientation_of(jpeg);
  jpeg_finish_decompress(jpeg);
  return orientation;
}

/// The orientation of the pixels; 1 where they could not be decoded.
static int attempt(
    struct jpeg_decompress_struct *jpeg, reporter *reporter, cpictures_file file,
    cpictures_size size, cpictures_picture *picture) {
  if (setjmp(reporter->leave) != 0) return 1;
  jpeg_create_decompress(jpeg);
  return decode(jpeg, file, size, picture, reporter->error);
}

cpictures_code cpictures_decode_jpeg(
    cpictures_file file, cpictures_size size, cpictures_picture *picture, cpictures_error *error) {
  reporter reporter = {.error = error};
  struct jpeg_decompress_struct jpeg = {.err = jpeg_std_error(&reporter.manager)};
  reporter.manager.error_exit = fail_with_message;
  reporter.manager.emit_message = judge;
  reporter.manager.output_message = say_nothing;
  int orientation = attempt(&jpeg, &reporter, file, size, picture);
  jpeg_destroy_decompress(&jpeg);
  return error->code != CPICTURES_DONE || orientation == 1
             ? error->code
             : cpictures_turn(picture, orientation, error);
}
