#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

enum { MOST_OBJECTS = 12, MOST_ELEMENTS = 4096, MOST_PATH = 512 };

void check_error(const chdf5_error *error, chdf5_code code) {
  REQUIRE(error->code == code && code > CHDF5_DONE && code <= CHDF5_NONSENSE);
  REQUIRE(memchr(error->operation, 0, sizeof error->operation) != NULL);
  REQUIRE(memchr(error->object, 0, sizeof error->object) != NULL);
  REQUIRE(memchr(error->expected, 0, sizeof error->expected) != NULL);
  REQUIRE(memchr(error->message, 0, sizeof error->message) != NULL);
}

static void check_form(const chdf5_form *form) {
  REQUIRE((unsigned)form->elements <= CHDF5_OTHER && form->element_size > 0);
  REQUIRE(form->element_size <= UINT32_MAX);
  REQUIRE(form->rank >= -1 && form->rank <= CHDF5_MOST_EXTENTS);
  uint64_t bytes = form->element_size < 8 ? 8 : form->element_size;
  for (int axis = 0; axis < form->rank; axis++)
    REQUIRE(!__builtin_mul_overflow(bytes, form->shape[axis], &bytes) && bytes <= PTRDIFF_MAX);
}

/// What is still to be looked at: the way through the tree, as groups may contain themselves.
typedef struct {
  char paths[MOST_OBJECTS][MOST_PATH];
  size_t count;
} agenda;

static chdf5_code look_at_group(
    chdf5_file *file, const char *path, size_t turn, agenda *agenda, chdf5_error *error) {
  const char *names;
  size_t size, count = 0;
  chdf5_code code = chdf5_members_of(file, path, &names, &size, error);
  if (code != CHDF5_DONE) return code;
  REQUIRE(size == 0 || names[size - 1] == 0);
  for (size_t place = 0; place < size; place += strlen(names + place) + 1) count++;
  size_t number = 0;
  for (size_t place = 0; place < size; place += strlen(names + place) + 1, number++) {
    bool is_first = number >= turn % count;
    if (!is_first || agenda->count == MOST_OBJECTS) continue;
    snprintf(
        agenda->paths[agenda->count++], MOST_PATH, "%s/%s", strcmp(path, "/") == 0 ? "" : path,
        names + place);
  }
  return CHDF5_DONE;
}

static chdf5_code look_at_array(chdf5_file *file, const char *path, chdf5_error *error) {
  chdf5_form form;
  chdf5_code code = chdf5_form_of(file, path, &form, error);
  if (code != CHDF5_DONE) return code;
  check_form(&form);
  size_t count = form.rank >= 0;
  for (int axis = 0; axis < form.rank; axis++) count *= form.shape[axis];
  bool are_texts = form.elements == CHDF5_TEXTS;
  size_t size = count * (are_texts ? form.element_size : 8);
  if (size > 8 * MOST_ELEMENTS || form.elements == CHDF5_OTHER) return CHDF5_DONE;
  // Exactly as large, so that a sanitizer sees what is written beyond.
  void *bytes = malloc(size == 0 ? 1 : size);
  REQUIRE(bytes != NULL);
  if (are_texts)
    code = chdf5_read_texts(file, path, bytes, size, error);
  else
    code = chdf5_read_numbers(
        file, path, form.elements == CHDF5_FLOATS ? CHDF5_FLOAT64 : CHDF5_INT64, bytes, count,
        error);
  free(bytes);
  return code;
}

/// The attributes that the seeds have; most objects have none of them.
static chdf5_code look_at_attributes(
    chdf5_file *file, const char *path, size_t turn, chdf5_error *error) {
  static const char *const names[] = {
      "name", "text", "texts", "fixed_text", "fixed_texts", "padded", "loose_list", "no_texts", "integer"};
  const char *name = names[turn % (sizeof names / sizeof *names)];
  bool exists = false;
  chdf5_code code = chdf5_has_attribute(file, path, name, &exists, error);
  if (code != CHDF5_DONE || !exists) return code;
  const char *texts;
  size_t size;
  code = chdf5_texts_of(file, path, name, &texts, &size, error);
  if (code != CHDF5_DONE) return code;
  REQUIRE(size <= 1 << 24 && (size == 0 || texts[size - 1] == 0));
  return CHDF5_DONE;
}

chdf5_code look(chdf5_file *file, size_t turn, chdf5_error *error) {
  agenda agenda = {{"/"}, 1};
  for (size_t number = 0; number < agenda.count; number++) {
    char *path = agenda.paths[number];
    chdf5_kind kind;
    chdf5_code code = chdf5_kind_of(file, path, &kind, error);
    if (code == CHDF5_DONE) {
      REQUIRE((unsigned)kind <= CHDF5_LINK);
      if (kind == CHDF5_GROUP) code = look_at_group(file, path, turn, &agenda, error);
      if (kind == CHDF5_DATASET) code = look_at_array(file, path, error);
      bool may_have = kind == CHDF5_GROUP || kind == CHDF5_DATASET;
      if (code == CHDF5_DONE && may_have)
        code = look_at_attributes(file, path, turn + number, error);
    }
    if (code != CHDF5_DONE) check_error(error, code);
    if (code >= CHDF5_CRASHED) return code;
  }
  return CHDF5_DONE;
}
