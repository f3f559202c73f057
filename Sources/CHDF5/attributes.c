#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "parser.h"

/// Opens a group or a dataset.
static chdf5_code open_object(
    hid_t file, const char *name, hid_t *object, chdf5_error *error) {
  *object = H5I_INVALID_HID;
  chdf5_kind kind;
  chdf5_code code = chdf5_find(file, name, &kind, error);
  if (code != CHDF5_DONE) return code;
  if (kind != CHDF5_GROUP && kind != CHDF5_DATASET)
    return chdf5_refused(
        error, name, "a group or a dataset",
        kind == CHDF5_NOTHING  ? "nothing"
        : kind == CHDF5_LINK ? "a soft or external link"
                             : "a named datatype");
  *object = H5Oopen(file, name, H5P_DEFAULT);
  return *object < 0 ? chdf5_failed(error, "open it", name) : CHDF5_DONE;
}

chdf5_code chdf5_find_attribute(
    hid_t file, const char *name, const char *attribute, bool *exists, chdf5_error *error) {
  OWNED object;
  chdf5_code code = open_object(file, name, &object, error);
  if (code != CHDF5_DONE) return code;
  htri_t found = H5Aexists(object, attribute);
  if (found < 0) return chdf5_failed(error, "look its attributes up", name);
  *exists = found > 0;
  return CHDF5_DONE;
}

/// Appends the texts of an attribute of texts of fixed length, without their padding.
static chdf5_code append_fixed(
    hid_t attribute, hid_t type, const chdf5_form *form, const char *name,
    chdf5_list_of_texts *list, chdf5_error *error) {
  size_t count = chdf5_element_count(form), length = form->element_size;
  if (length > CHDF5_MOST_NAMES / count) {
    list->code = E2BIG;
    return CHDF5_DONE;
  }
  char *bytes = malloc(count * length);
  if (bytes == NULL) return chdf5_system(error, "read the attribute", name, ENOMEM);
  chdf5_code code = H5Aread(attribute, type, bytes) < 0
                        ? chdf5_failed(error, "read the attribute", name)
                        : CHDF5_DONE;
  bool is_padded_with_spaces = H5Tget_strpad(type) == H5T_STR_SPACEPAD;
  for (size_t number = 0; code == CHDF5_DONE && number < count; number++) {
    const char *text = bytes + number * length;
    size_t end = strnlen(text, length);
    while (is_padded_with_spaces && end > 0 && text[end - 1] == ' ') end--;
    if (!chdf5_append(list, text, end)) break;
  }
  free(bytes);
  return code;
}

/// Appends the texts of an attribute of texts of any length.
static chdf5_code append_loose(
    hid_t attribute, hid_t type, hid_t space, const chdf5_form *form, const char *name,
    chdf5_list_of_texts *list, chdf5_error *error) {
  size_t count = chdf5_element_count(form);
  // Pointers that libhdf5 fills; an empty text may be NULL.
  char **texts = calloc(count, sizeof *texts);
  if (texts == NULL) return chdf5_system(error, "read the attribute", name, ENOMEM);
  chdf5_code code = CHDF5_DONE;
  if (H5Aread(attribute, type, texts) < 0) {
    code = chdf5_failed(error, "read the attribute", name);
  } else {
    for (size_t number = 0; number < count; number++) {
      const char *text = texts[number] == NULL ? "" : texts[number];
      if (!chdf5_append(list, text, strlen(text))) break;
    }
    H5Dvlen_reclaim(type, space, H5P_DEFAULT, texts);
  }
  free(texts);
  return code;
}

chdf5_code chdf5_load_attribute(
    hid_t file, const char *name, const char *attribute, char **texts, size_t *size,
    chdf5_error *error) {
  OWNED object;
  chdf5_code code = open_object(file, name, &object, error);
  if (code != CHDF5_DONE) return code;
  OWNED opened = H5Aopen(object, attribute, H5P_DEFAULT);
  if (opened < 0) return chdf5_failed(error, "open the attribute", name);
  OWNED type = H5Aget_type(opened);
  if (type < 0) return chdf5_failed(error, "read the type of the attribute", name);
  OWNED space = H5Aget_space(opened);
  if (space < 0) return chdf5_failed(error, "read the shape of the attribute", name);
  chdf5_form form;
  if (!chdf5_get_form(type, space, &form))
    return chdf5_refused(error, name, "an attribute that fits memory", "an impossible shape");
  size_t count = chdf5_element_count(&form);
  bool is_fixed = form.elements == CHDF5_TEXTS;
  if (count > 0 && !is_fixed && form.elements != CHDF5_LOOSE_TEXTS)
    return chdf5_refused(error, name, "an attribute of texts", "one of other elements");
  if (count > CHDF5_MOST_TEXTS)
    return chdf5_refused(error, name, "an attribute of at most 65536 texts", "%zu", count);
  chdf5_list_of_texts list = {0};
  if (count > 0)
    code = is_fixed ? append_fixed(opened, type, &form, name, &list, error)
                    : append_loose(opened, type, space, &form, name, &list, error);
  if (code == CHDF5_DONE && list.code == E2BIG)
    code = chdf5_refused(error, name, "texts of at most 16 MiB in all", "longer ones");
  else if (code == CHDF5_DONE && list.code != 0)
    code = chdf5_system(error, "read the attribute", name, list.code);
  if (code == CHDF5_DONE) {
    *texts = list.bytes;
    *size = list.size;
  } else {
    free(list.bytes);
  }
  return code;
}
