// PNG and JPEG pictures in memory, decoded to bytes.
//
// Calls may come from any number of threads.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// How a call ended.
typedef enum {
  CPICTURES_DONE,
  /// The file ends before the picture does.
  CPICTURES_CUT_SHORT,
  /// The picture has more pixels than CPICTURES_MOST_PIXELS, or an edge over CPICTURES_LONGEST_EDGE.
  CPICTURES_TOO_LARGE,
  /// The picture is of a kind that is not decoded; `message` names it with its article.
  CPICTURES_UNSUPPORTED,
  /// The library could not decode it; `message` is its own reason.
  CPICTURES_DAMAGED,
  /// The system did not do `operation`; `number` is the value of `errno`.
  CPICTURES_SYSTEM,
  /// The process that decodes was ended by the signal `number`.
  CPICTURES_CRASHED,
  /// The process that decodes was killed by another, or by a system without memory.
  CPICTURES_KILLED,
  /// The process that decodes has used all its processor time, `number` seconds.
  CPICTURES_EXHAUSTED,
  /// The process that decodes has ended without an answer, or not given all of one in time.
  CPICTURES_SILENT,
  /// The process that decodes has given an invalid answer.
  CPICTURES_NONSENSE,
} cpictures_code;

/// What went wrong. Texts end with a zero and are cut where they do not fit.
typedef struct {
  cpictures_code code;
  int number;
  /// The size that is too large, in pixels.
  uint32_t height, width;
  /// What was tried, in the infinitive: "start it".
  char operation[80];
  char message[240];
} cpictures_error;

/// What a file's first bytes say it is.
typedef enum { CPICTURES_PNG, CPICTURES_JPEG } cpictures_format;

/// The most pixels of a picture, 100 megapixels.
#define CPICTURES_MOST_PIXELS 100000000
/// The most pixels of a row or column.
#define CPICTURES_LONGEST_EDGE 65535

/// A decoded picture, to be freed with `cpictures_free`.
typedef struct {
  uint32_t height, width;
  /// 1 grey, 2 grey and opacity, 3 red, green, blue, 4 the same and opacity.
  uint32_t channels;
  /// `[height, width, channels]`, not premultiplied; 255 is white, and opaque.
  uint8_t *pixels;
} cpictures_picture;

/// Decodes a PNG of any colour type and depth, or a JPEG in grey, RGB or YCbCr, turned as its EXIF
/// orientation says. Fills `error` and leaves `picture` empty where the code is not CPICTURES_DONE.
///
/// The size that the file states is checked before memory is set aside for it.
///
/// Where `is_confined`, a process of its own decodes it (CSandbox): no damage and no intent in a file
/// can then do more than give other pixels or none. It can use 64 MB of memory and 16 bytes a pixel,
/// and two seconds of processor time and another for each 4 megapixels. Without, libpng or libjpeg
/// decodes it in this process, and a file that is made to exploit an error of theirs can.
cpictures_code cpictures_decode(
    const void *file, size_t size, cpictures_format format, bool is_confined,
    cpictures_picture *picture, cpictures_error *error);

/// A file in memory.
typedef struct {
  const void *bytes;
  size_t size;
  cpictures_format format;
} cpictures_coded;

/// Decodes files as `cpictures_decode` does, all in one confined process: one for each would take most of
/// the time where pictures are small. Where one cannot be decoded, those before it have been: `*decoded`
/// is their number, or `count`, and those of `pictures` are to be freed.
cpictures_code cpictures_decode_all(
    const cpictures_coded *files, size_t count, cpictures_picture *pictures, size_t *decoded,
    cpictures_error *error);

/// Frees the pixels of a picture; an empty one is allowed.
void cpictures_free(cpictures_picture *picture);

/// Whether pictures can be decoded in a separate process here: on Linux.
bool cpictures_can_confine(void);
