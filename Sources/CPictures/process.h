// The process that decodes a picture, and what it answers. Both sides are this program, so their
// layouts are the same; what the process sends is checked all the same, as the file it decodes may
// have taken it over.
#pragma once
#include <CSandbox.h>

#include "decoders.h"

/// What the process does, and the size that its answer is checked by.
typedef struct {
  cpictures_file file;
  cpictures_format format;
  cpictures_size size;
} cpictures_task;

/// What the only answer begins with. The pixels follow, or a `cpictures_error` where `code` is not
/// CPICTURES_DONE.
typedef struct {
  uint32_t code;
  uint32_t height, width, channels;
} cpictures_answer;

/// Does a `cpictures_task` and answers.
void cpictures_serve(void *context, int connection);

/// Decodes a file in a process that does `serve` and has `patience` milliseconds more for its answer
/// than its processor time.
cpictures_code cpictures_decode_with(
    void (*serve)(void *context, int connection), const cpictures_task *task, int patience,
    cpictures_picture *picture, cpictures_error *error);

/// Takes one answer of a process; the picture's pixels are to be freed whatever the code is.
cpictures_code cpictures_receive(
    const csandbox_child *child, csandbox_limits limits, int64_t deadline, cpictures_size size,
    cpictures_picture *picture, cpictures_error *error);

/// Fills the error of a process that could not be confined, in `step`.
cpictures_code cpictures_unconfined(cpictures_error *error, const char *step, int number);
