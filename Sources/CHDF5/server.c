#include "process.h"

#include <errno.h>
#include <stdlib.h>

#include "parser.h"

static bool answer(
    int connection, chdf5_code code, const void *bytes, size_t size, const chdf5_error *error) {
  if (code != CHDF5_DONE) {
    bytes = error;
    size = sizeof *error;
  }
  chdf5_answer head = {code, 0, size};
  return csandbox_send(connection, &head, sizeof head, -1) &&
         csandbox_send(connection, bytes, size, -1);
}

/// Answers with the members of a group or, where `attribute` is not NULL, with its texts.
static bool answer_list(
    hid_t file, const char *name, const char *attribute, int connection, chdf5_error *error) {
  char *names = NULL;
  size_t size = 0;
  chdf5_code code = attribute == NULL
                        ? chdf5_list(file, name, &names, &size, error)
                        : chdf5_load_attribute(file, name, attribute, &names, &size, error);
  bool went = answer(connection, code, names, size, error);
  free(names);
  return went;
}

static bool answer_elements(
    hid_t file, const char *name, const chdf5_request *request, int connection,
    chdf5_error *error) {
  // The other side has this much memory for them.
  bool are_numbers = request->question == CHDF5_ASK_NUMBERS;
  size_t size = request->count * (are_numbers ? chdf5_number_size(request->type) : 1);
  void *bytes = malloc(size == 0 ? 1 : size);
  chdf5_code code =
      bytes == NULL ? chdf5_system(error, "read the array", name, ENOMEM)
      : are_numbers
          ? chdf5_load_numbers(file, name, request->type, bytes, request->count, error)
          : chdf5_load_texts(file, name, bytes, size, error);
  bool went = answer(connection, code, bytes, size, error);
  free(bytes);
  return went;
}

static bool answer_request(
    hid_t file, const char *name, const char *attribute, const chdf5_request *request,
    int connection) {
  chdf5_error error = {0};
  switch (request->question) {
    case CHDF5_ASK_KIND: {
      chdf5_kind kind = CHDF5_NOTHING;
      chdf5_code code = chdf5_find(file, name, &kind, &error);
      return answer(connection, code, &kind, sizeof kind, &error);
    }
    case CHDF5_ASK_MEMBERS: return answer_list(file, name, NULL, connection, &error);
    case CHDF5_ASK_FORM: {
      chdf5_form form = {0};
      chdf5_code code = chdf5_describe(file, name, &form, &error);
      return answer(connection, code, &form, sizeof form, &error);
    }
    case CHDF5_ASK_NUMBERS:
    case CHDF5_ASK_TEXTS: return answer_elements(file, name, request, connection, &error);
    case CHDF5_ASK_ATTRIBUTE: {
      bool exists = false;
      chdf5_code code = chdf5_find_attribute(file, name, attribute, &exists, &error);
      return answer(connection, code, &exists, sizeof exists, &error);
    }
    case CHDF5_ASK_ATTRIBUTE_TEXTS:
      return answer_list(file, name, attribute, connection, &error);
    default: return false;
  }
}

/// Takes a text of `size` bytes, to be freed; NULL where there is none.
static char *take_text(int connection, uint64_t size) {
  char *text = malloc(size + 1);
  if (text == NULL) return NULL;
  if (!csandbox_receive(connection, text, size, -1)) {
    free(text);
    return NULL;
  }
  text[size] = 0;
  return text;
}

void chdf5_serve(void *context, int connection) {
  const chdf5_image *image = context;
  chdf5_error error = {0};
  hid_t file;
  chdf5_code code = chdf5_restrict(&error);
  if (code == CHDF5_DONE) code = chdf5_parse(image->bytes, image->size, &file, &error);
  bool goes_on = answer(connection, code, NULL, 0, &error) && code == CHDF5_DONE;
  while (goes_on) {
    chdf5_request request;
    if (!csandbox_receive(connection, &request, sizeof request, -1)) return;
    char *name = take_text(connection, request.name_size);
    if (name == NULL) return;
    char *attribute = take_text(connection, request.attribute_size);
    if (attribute == NULL) return;
    goes_on = answer_request(file, name, attribute, &request, connection);
    free(attribute);
    free(name);
  }
}
