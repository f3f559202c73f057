// The process that reads a file, and what it is asked and answers. Both sides are this program, so
// their layouts are the same; what the process sends is checked all the same, as the file it has read
// may have taken it over.
#pragma once
#include <CSandbox.h>

#include "CHDF5.h"

typedef enum {
  CHDF5_ASK_KIND,
  CHDF5_ASK_MEMBERS,
  CHDF5_ASK_FORM,
  CHDF5_ASK_NUMBERS,
  CHDF5_ASK_TEXTS,
  CHDF5_ASK_ATTRIBUTE,
  CHDF5_ASK_ATTRIBUTE_TEXTS,
} chdf5_question;

/// A request; the bytes of the object's name and of the attribute's follow, without zeros.
typedef struct {
  uint32_t question;
  /// The type of numbers.
  uint32_t type;
  /// The number of numbers, or of bytes of texts.
  uint64_t count;
  uint64_t name_size;
  /// 0 where no attribute is asked for.
  uint64_t attribute_size;
} chdf5_request;

/// What an answer begins with. `size` bytes follow: what was asked for, or a `chdf5_error` where
/// `code` is not CHDF5_DONE. The first answer is unasked: whether the file could be opened.
typedef struct {
  uint32_t code;
  uint32_t unused;
  uint64_t size;
} chdf5_answer;

typedef struct {
  const void *bytes;
  size_t size;
} chdf5_image;

/// What the process does, `context` being the `chdf5_image` it reads.
void chdf5_serve(void *context, int connection);

/// Opens a file as `chdf5_open` does, in a process that does `serve` and has `patience` milliseconds
/// more for each answer than its processor time.
chdf5_code chdf5_open_with(
    void (*serve)(void *context, int connection), void *context, size_t size, int patience,
    chdf5_file **file, chdf5_error *error);
