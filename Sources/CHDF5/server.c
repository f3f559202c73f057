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

static bool answer_members(hid_t file, const char *name, int connection, chdf5_error *error) {
  char *names = NULL;
  size_t size = 0;
  chdf5_code code = chdf5_list(file, name, &names, &size, error);
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
    hid_t file, const char *name, const chdf5_request *request, int connection) {
  chdf5_error error = {0};
  switch (request->question) {
    case CHDF5_ASK_KIND: {
      chdf5_kind kind = CHDF5_NOTHING;
      chdf5_code code = chdf5_find(file, name, &kind, &error);
      return answer(connection, code, &kind, sizeof kind, &error);
    }
    case CHDF5_ASK_MEMBERS: return answer_members(file, name, connection, &error);
    case CHDF5_ASK_FORM: {
      chdf5_form form = {0};
      chdf5_code code = chdf5_describe(file, name, &form, &error);
      return answer(connection, code, &form, sizeof form, &error);
    }
    case CHDF5_ASK_NUMBERS:
    case CHDF5_ASK_TEXTS: return answer_elements(file, name, request, connection, &error);
    default: return false;
  }
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
    char *name = malloc(request.name_size + 1);
    if (name == NULL || !csandbox_receive(connection, name, request.name_size, -1)) return;
    name[request.name_size] = 0;
    goes_on = answer_request(file, name, &request, connection);
    free(name);
  }
}
