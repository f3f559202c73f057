#include <CSandbox.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "process.h"

bool cpictures_can_confine(void) {
#ifdef __linux__
  return true;
#else
  return false;
#endif
}

void cpictures_free(cpictures_picture *picture) {
  free(picture->pixels);
  *picture = (cpictures_picture){0};
}

cpictures_code cpictures_allocate(cpictures_picture *picture, cpictures_error *error) {
  picture->pixels = malloc((size_t)picture->height * picture->width * picture->channels);
  return picture->pixels == NULL ? cpictures_system(error, "decode it", ENOMEM) : CPICTURES_DONE;
}

cpictures_code cpictures_refuse(cpictures_error *error, cpictures_code code, const char *message) {
  *error = (cpictures_error){.code = code};
  snprintf(error->message, sizeof error->message, "%s", message == NULL ? "" : message);
  return code;
}

cpictures_code cpictures_system(cpictures_error *error, const char *operation, int number) {
  *error = (cpictures_error){.code = CPICTURES_SYSTEM, .number = number};
  snprintf(error->operation, sizeof error->operation, "%s", operation);
  return CPICTURES_SYSTEM;
}

cpictures_code cpictures_unconfined(cpictures_error *error, const char *step, int number) {
  cpictures_system(error, "", number);
  snprintf(
      error->operation, sizeof error->operation, "confine the process that decodes it (%s)", step);
  return error->code;
}

/// Decodes in this process.
static cpictures_code decode_here(
    const cpictures_task *task, cpictures_picture *picture, cpictures_error *error) {
  cpictures_code code = task->format == CPICTURES_PNG
                            ? cpictures_decode_png(task->file, task->size, picture, error)
                            : cpictures_decode_jpeg(task->file, task->size, picture, error);
  if (code != CPICTURES_DONE) cpictures_free(picture);
  return code;
}

void cpictures_serve(void *context, int connection) {
  cpictures_error error = {0};
  cpictures_picture picture = {0};
  cpictures_code code = decode_here(context, &picture, &error);
  cpictures_answer answer = {code, picture.height, picture.width, picture.channels};
  if (!csandbox_send(connection, &answer, sizeof answer, -1)) return;
  if (code == CPICTURES_DONE) {
    size_t size = (size_t)picture.height * picture.width * picture.channels;
    csandbox_send(connection, picture.pixels, size, -1);
  } else {
    csandbox_send(connection, &error, sizeof error, -1);
  }
  cpictures_free(&picture);
}

/// Why there was no answer.
static cpictures_code silence(
    const csandbox_child *child, csandbox_limits limits, cpictures_error *error) {
  int number = csandbox_signal(*child);
  *error = (cpictures_error){.number = number};
  switch (number) {
    case 0: return error->code = CPICTURES_SILENT;
    case SIGXCPU: error->number = (int)limits.seconds; return error->code = CPICTURES_EXHAUSTED;
    case SIGKILL: return error->code = CPICTURES_KILLED;
    default: return error->code = CPICTURES_CRASHED;
  }
}

/// Whether an answer states a picture that a file of the size can give: that size, upright or turned.
static bool is_possible(cpictures_answer answer, cpictures_size size) {
  bool is_as_stated = answer.height == size.height && answer.width == size.width;
  bool is_turned = answer.height == size.width && answer.width == size.height;
  return (is_as_stated || is_turned) && answer.channels >= 1 && answer.channels <= 4;
}

/// Takes an error; one that no decoder gives is invalid.
static cpictures_code check_error(uint32_t code, cpictures_error *error) {
  error->operation[sizeof error->operation - 1] = 0;
  error->message[sizeof error->message - 1] = 0;
  switch (code) {
    case CPICTURES_CUT_SHORT:
    case CPICTURES_UNSUPPORTED:
    case CPICTURES_DAMAGED:
    case CPICTURES_SYSTEM:
      if (error->code == code) return error->code;
      break;
    default: break;
  }
  return cpictures_refuse(error, CPICTURES_NONSENSE, NULL);
}

cpictures_code cpictures_receive(
    const csandbox_child *child, csandbox_limits limits, int64_t deadline, cpictures_size size,
    cpictures_picture *picture, cpictures_error *error) {
  cpictures_answer answer;
  if (!csandbox_receive(child->connection, &answer, sizeof answer, deadline))
    return silence(child, limits, error);
  if (answer.code != CPICTURES_DONE) {
    return csandbox_receive(child->connection, error, sizeof *error, deadline)
               ? check_error(answer.code, error)
               : silence(child, limits, error);
  }
  if (!is_possible(answer, size)) return cpictures_refuse(error, CPICTURES_NONSENSE, NULL);
  *picture = (cpictures_picture){answer.height, answer.width, answer.channels, NULL};
  if (cpictures_allocate(picture, error) != CPICTURES_DONE) return error->code;
  size_t bytes = (size_t)answer.height * answer.width * answer.channels;
  return csandbox_receive(child->connection, picture->pixels, bytes, deadline)
             ? CPICTURES_DONE
             : silence(child, limits, error);
}

cpictures_code cpictures_decode_with(
    void (*serve)(void *context, int connection), const cpictures_task *task, int patience,
    cpictures_picture *picture, cpictures_error *error) {
  size_t pixels = (size_t)task->size.height * task->size.width;
  // A progressive JPEG has 6 bytes of coefficients a pixel, and 3 of its colours twice to turn it.
  csandbox_limits limits = {((size_t)64 << 20) + 16 * pixels, 2 + (unsigned)(pixels >> 22)};
  csandbox_child child;
  const char *step;
  int number = csandbox_start(&child, limits, NULL, serve, (void *)task, &step);
  if (number != 0) return cpictures_unconfined(error, step, number);
  int64_t deadline = csandbox_deadline(patience + 1000 * (int)limits.seconds);
  cpictures_code code = cpictures_receive(&child, limits, deadline, task->size, picture, error);
  csandbox_stop(child);
  if (code != CPICTURES_DONE) cpictures_free(picture);
  return code;
}

cpictures_code cpictures_decode(
    const void *file, size_t size, cpictures_format format, bool is_confined,
    cpictures_picture *picture, cpictures_error *error) {
  *picture = (cpictures_picture){0};
  *error = (cpictures_error){0};
  cpictures_task task = {{file, size}, format, {0, 0}};
  cpictures_code code = cpictures_measure(task.file, format, &task.size, error);
  if (code != CPICTURES_DONE) return code;
  // A minute more than it can be busy; only a machine without any processor to spare takes it.
  return is_confined ? cpictures_decode_with(cpictures_serve, &task, 60000, picture, error)
                     : decode_here(&task, picture, error);
}
