// What parses a file: libhdf5 on bytes that may be made to exploit its errors. It runs in the reading
// process, or, without one, in this process while `chdf5_lock` is held.
#pragma once
#include "library.h"

/// The most bytes of the names in a group, and of the texts in an attribute.
enum { CHDF5_MOST_NAMES = 1 << 24 };

/// The most texts in an attribute.
enum { CHDF5_MOST_TEXTS = 1 << 16 };

// As the functions of CHDF5.h of similar names; `file` is what `chdf5_parse` gave.
chdf5_code chdf5_parse(const void *image, size_t size, hid_t *file, chdf5_error *error);
chdf5_code chdf5_find(hid_t file, const char *name, chdf5_kind *kind, chdf5_error *error);
chdf5_code chdf5_list(hid_t file, const char *name, char **names, size_t *size, chdf5_error *error);
chdf5_code chdf5_describe(hid_t file, const char *name, chdf5_form *form, chdf5_error *error);
chdf5_code chdf5_load_numbers(
    hid_t file, const char *name, chdf5_number type, void *values, size_t count,
    chdf5_error *error);
chdf5_code chdf5_load_texts(
    hid_t file, const char *name, char *bytes, size_t size, chdf5_error *error);
chdf5_code chdf5_find_attribute(
    hid_t file, const char *name, const char *attribute, bool *exists, chdf5_error *error);
chdf5_code chdf5_load_attribute(
    hid_t file, const char *name, const char *attribute, char **texts, size_t *size,
    chdf5_error *error);

// Shared by the parts of the parser.

/// A list of texts that grows, each followed by a zero.
typedef struct {
  char *bytes;
  size_t size, room;
  /// Why it has not grown: E2BIG beyond CHDF5_MOST_NAMES, ENOMEM; 0 as long as it has.
  int code;
} chdf5_list_of_texts;

/// Appends a text of `length` bytes; whether there was room.
bool chdf5_append(chdf5_list_of_texts *list, const char *text, size_t length);

/// Reads the form that a datatype and a dataspace describe; whether it is sound.
bool chdf5_get_form(hid_t type, hid_t space, chdf5_form *form);

/// Whether a form is as CHDF5.h promises, wherever it comes from.
bool chdf5_is_sound(const chdf5_form *form);

/// The number of elements of a sound form.
size_t chdf5_element_count(const chdf5_form *form);
