#include "library.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

pthread_mutex_t chdf5_lock = PTHREAD_MUTEX_INITIALIZER;

/// What the rest of this program has libhdf5 do, while CHDF5 is inside.
static struct {
  bool is_known;
  /// Whether it is the newer kind of function that prints errors.
  unsigned prints_stacks;
  H5E_auto2_t print;
  H5E_auto1_t print_older;
  void *context;
  unsigned plugins;
} host;

static bool ask_host(void) {
  if (H5Eauto_is_v2(H5E_DEFAULT, &host.prints_stacks) < 0 ||
      H5PLget_loading_state(&host.plugins) < 0)
    return false;
  return host.prints_stacks ? H5Eget_auto2(H5E_DEFAULT, &host.print, &host.context) >= 0
                            : H5Eget_auto1(&host.print_older, &host.context) >= 0;
}

static bool restrict_library(void) {
  return H5Eset_auto2(H5E_DEFAULT, NULL, NULL) >= 0 && H5PLset_loading_state(0) >= 0;
}

static bool prepare(void) {
  static bool is_open;
  if (!is_open) {
    // At exit another thread may still be inside; there is nothing to flush, as no file is on a disk.
    // It fails only where that has been asked for before.
    H5dont_atexit();
    is_open = H5open() >= 0;
  }
  // Each time, as errors are printed or not for each thread where the library knows threads.
  host.is_known = is_open && ask_host();
  return host.is_known && restrict_library();
}

// Memory is all that the library can lack here.
static chdf5_code unprepared(chdf5_error *error) {
  return chdf5_system(error, "prepare the HDF5 library", "", ENOMEM);
}

chdf5_code chdf5_enter(chdf5_error *error) {
  pthread_mutex_lock(&chdf5_lock);
  return prepare() ? CHDF5_DONE : unprepared(error);
}

void chdf5_leave(void) {
  if (host.is_known) {
    if (host.prints_stacks)
      H5Eset_auto2(H5E_DEFAULT, host.print, host.context);
    else
      H5Eset_auto1(host.print_older, host.context);
    H5PLset_loading_state(host.plugins);
  }
  pthread_mutex_unlock(&chdf5_lock);
}

chdf5_code chdf5_restrict(chdf5_error *error) {
  return restrict_library() ? CHDF5_DONE : unprepared(error);
}

chdf5_name chdf5_unique_name(void) {
  static uint64_t count;
  chdf5_name name;
  snprintf(name.text, sizeof name.text, "minicnn-%" PRIu64, ++count);
  return name;
}

static void copy(char *text, size_t size, const char *from) { snprintf(text, size, "%s", from); }
#define COPY(field, from) copy(field, sizeof(field), from)

static void begin(chdf5_error *error, chdf5_code code, const char *object) {
  memset(error, 0, sizeof *error);
  error->code = code;
  COPY(error->object, object);
}

static herr_t take_innermost(unsigned depth, const H5E_error2_t *record, void *context) {
  (void)depth;
  chdf5_error *error = context;
  if (record->desc != NULL && error->message[0] == 0) COPY(error->message, record->desc);
  return 0;
}

chdf5_code chdf5_failed(chdf5_error *error, const char *operation, const char *object) {
  begin(error, CHDF5_FAILED, object);
  COPY(error->operation, operation);
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_innermost, error);
  if (error->message[0] == 0) COPY(error->message, "HDF5 gave no reason");
  error->is_damaged = strstr(error->message, "Fletcher32") != NULL;
  return error->code;
}

chdf5_code chdf5_refused(
    chdf5_error *error, const char *object, const char *expected, const char *format, ...) {
  begin(error, CHDF5_REFUSED, object);
  COPY(error->expected, expected);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(error->message, sizeof error->message, format, arguments);
  va_end(arguments);
  return error->code;
}

chdf5_code chdf5_system(
    chdf5_error *error, const char *operation, const char *object, int number) {
  begin(error, CHDF5_SYSTEM, object);
  COPY(error->operation, operation);
  error->number = number;
  return error->code;
}

chdf5_code chdf5_plain(chdf5_error *error, chdf5_code code, int number) {
  begin(error, code, "");
  error->number = number;
  return code;
}

void chdf5_append_shape(char *text, size_t size, const uint64_t *shape, int rank) {
  for (int axis = 0; axis < rank; axis++) {
    size_t length = strlen(text);
    snprintf(text + length, size - length, "%s%" PRIu64, axis == 0 ? "[" : ", ", shape[axis]);
  }
  size_t length = strlen(text);
  snprintf(text + length, size - length, "%s", rank == 0 ? "[]" : "]");
}

size_t chdf5_number_size(chdf5_number type) {
  return type == CHDF5_UINT8 ? 1 : type == CHDF5_FLOAT32 ? 4 : 8;
}
