// What parses a file: libhdf5 on bytes that may be made to exploit its errors. It runs in the reading
// process, or, without one, in this process while `chdf5_lock` is held.
#pragma once
#include "library.h"

/// The most bytes of the names in a group.
enum { CHDF5_MOST_NAMES = 1 << 24 };

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

/// Whether a form is as CHDF5.h promises, wherever it comes from.
bool chdf5_is_sound(const chdf5_form *form);

/// The number of elements of a sound form.
size_t chdf5_element_count(const chdf5_form *form);
