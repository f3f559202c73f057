#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "process.h"

static uint64_t any_number(uint64_t *state) {
  static const uint64_t numbers[] = {
      0, 1, 7, 8, 32, 33, 255, 1 << 24, (1 << 24) + 1, INT32_MAX, (uint64_t)INT32_MAX + 1,
      UINT32_MAX, INT64_MAX, (uint64_t)INT64_MAX + 1, UINT64_MAX, UINT64_MAX - 7};
  size_t choice = draw_below(state, 2 * sizeof numbers / sizeof *numbers);
  return choice < sizeof numbers / sizeof *numbers ? numbers[choice] : draw(state) >> (choice & 63);
}

/// The bytes of an honest answer, an error or noise; each of its numbers may be any.
static size_t make_answer(const chdf5_request *request, unsigned char *bytes, uint64_t *state) {
  size_t size;
  switch (request->question) {
    case CHDF5_ASK_KIND: size = sizeof(chdf5_kind); break;
    case CHDF5_ASK_FORM: size = sizeof(chdf5_form); break;
    case CHDF5_ASK_NUMBERS: size = request->count * chdf5_number_size(request->type); break;
    case CHDF5_ASK_TEXTS: size = request->count; break;
    default: size = draw_below(state, 100);
  }
  for (size_t i = 0; i < size; i++) bytes[i] = (unsigned char)(draw_below(state, 3) ? 1 : draw(state));
  if (size > 0 && draw_below(state, 2) == 0) bytes[size - 1] = 0;
  if (request->question == CHDF5_ASK_FORM) {
    chdf5_form form = {.elements = draw_below(state, 7), .rank = (int)draw_below(state, 5)};
    form.element_size = 1 + draw_below(state, 8);
    for (int axis = 0; axis < form.rank; axis++) form.shape[axis] = draw_below(state, 5);
    if (draw_below(state, 4) == 0) form.rank = (int32_t)any_number(state);
    if (draw_below(state, 4) == 0) form.element_size = any_number(state);
    if (draw_below(state, 4) == 0) form.shape[draw_below(state, 3)] = any_number(state);
    if (draw_below(state, 4) == 0) form.elements = (chdf5_elements)any_number(state);
    memcpy(bytes, &form, sizeof form);
  }
  return size;
}

/// Answers with anything until an answer makes no sense.
static void babble(void *context, int connection) {
  uint64_t state = *(uint64_t *)context;
  // The longest answer is as large as the largest array that is asked for.
  unsigned char *bytes = malloc(1 << 16);
  chdf5_request request = {.question = CHDF5_ASK_MEMBERS};
  for (bool is_first = true;; is_first = false) {
    chdf5_answer head = {0};
    size_t size = 0;
    if (!is_first) {
      char name[1024];
      if (!csandbox_receive(connection, &request, sizeof request, -1) ||
          !csandbox_receive(connection, name, request.name_size, -1))
        return;
      size = make_answer(&request, bytes, &state);
    }
    if (draw_below(&state, 6) == 0) {
      head.code = draw_below(&state, 3) ? 1 + draw_below(&state, 4) : (uint32_t)any_number(&state);
      size = sizeof(chdf5_error);
      for (size_t i = 0; i < size; i++) bytes[i] = (unsigned char)draw(&state);
      if (draw_below(&state, 2)) memcpy(bytes, &(int){1 + (int)draw_below(&state, 4)}, sizeof(int));
    }
    head.size = size;
    bool is_odd = draw_below(&state, 8) == 0;
    if (is_odd) head.size = any_number(&state);
    if (draw_below(&state, 8) == 0) size = draw_below(&state, size + 1), is_odd = true;
    if (!csandbox_send(connection, &head, sizeof head) ||
        !csandbox_send(connection, bytes, size) || is_odd)
      return;
  }
}

void fuzz_answers(long count, uint64_t seed) {
  long whole = 0, nonsense = 0;
  for (long number = 0; number < count; number++) {
    uint64_t state = seed + (uint64_t)number;
    chdf5_file *file;
    chdf5_error error;
    chdf5_code code = chdf5_open_with(babble, &state, 0, &file, &error);
    if (code == CHDF5_DONE) {
      code = look(file, (size_t)number, &error);
      chdf5_close(file);
    }
    whole += code == CHDF5_DONE;
    nonsense += code == CHDF5_NONSENSE;
    // What a process says of itself does not count.
    if (code != CHDF5_DONE) check_error(&error, code);
  }
  REQUIRE(count < 100 || (whole > 0 && nonsense > 0));
}
