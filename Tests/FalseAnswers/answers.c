#include <stdlib.h>
#include <string.h>

#include "FalseAnswers.h"
#include "parser.h"
#include "process.h"

uint64_t draw(uint64_t *state) {
  uint64_t z = *state += 0x9E3779B97F4A7C15;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

size_t draw_below(uint64_t *state, size_t bound) { return draw(state) % bound; }

static uint64_t any_number(uint64_t *state) {
  static const uint64_t numbers[] = {
      0, 1, 7, 8, 32, 33, 255, 1 << 24, (1 << 24) + 1, INT32_MAX, (uint64_t)INT32_MAX + 1,
      UINT32_MAX, (uint64_t)1 << 60, INT64_MAX, (uint64_t)INT64_MAX + 1, UINT64_MAX, UINT64_MAX - 7};
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
    case CHDF5_ASK_ATTRIBUTE: size = 1; break;
    default: size = draw_below(state, 100);
  }
  for (size_t i = 0; i < size; i++) bytes[i] = (unsigned char)(draw_below(state, 3) ? 1 : draw(state));
  if (size > 0 && draw_below(state, 2) == 0) bytes[size - 1] = 0;
  if (request->question == CHDF5_ASK_KIND) {
    // Mostly a kind there is, as nothing else is asked after one that is none.
    chdf5_kind kind = (chdf5_kind)(draw_below(state, 9) ? draw_below(state, 5) : any_number(state));
    memcpy(bytes, &kind, sizeof kind);
  }
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

static bool take(int connection, chdf5_request *request, char *name) {
  return csandbox_receive(connection, request, sizeof *request, -1) &&
         csandbox_receive(connection, name, request->name_size, -1) &&
         csandbox_receive(connection, name, request->attribute_size, -1);
}

static bool say(int connection, const void *bytes, size_t size) {
  chdf5_answer head = {.size = size};
  return csandbox_send(connection, &head, sizeof head, -1) &&
         csandbox_send(connection, bytes, size, -1);
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
      if (!take(connection, &request, name)) return;
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
    if (!csandbox_send(connection, &head, sizeof head, -1) ||
        !csandbox_send(connection, bytes, size, -1) || is_odd)
      return;
  }
}

enum { PATIENCE = 60000 };

/// A tenth of a second for an answer, ten of processor time, so that this is what ends.
enum { LARGE = 9 << 24, LITTLE = -9900 };

chdf5_code false_answers_open(uint64_t seed, chdf5_file **file, chdf5_error *error) {
  return chdf5_open_with(babble, &seed, 0, PATIENCE, file, error);
}

static void state_form(void *context, int connection) {
  chdf5_request request;
  char name[1024];
  for (bool goes_on = say(connection, NULL, 0); goes_on && take(connection, &request, name);)
    goes_on = say(connection, context, sizeof(chdf5_form));
}

chdf5_code false_answers_open_form(
    const chdf5_form *form, chdf5_file **file, chdf5_error *error) {
  chdf5_form stated = *form;
  return chdf5_open_with(state_form, &stated, 0, PATIENCE, file, error);
}

static void answer_late(void *context, int connection) {
  (void)context;
  chdf5_request request;
  char name[1024];
  chdf5_kind kind = CHDF5_GROUP;
  if (say(connection, NULL, 0) && take(connection, &request, name) &&
      take(connection, &request, name) && say(connection, &kind, sizeof kind))
    say(connection, &kind, sizeof kind);
}

chdf5_code false_answers_open_late(chdf5_file **file, chdf5_error *error) {
  return chdf5_open_with(answer_late, NULL, LARGE, LITTLE, file, error);
}

static void drip(void *context, int connection) {
  (void)context;
  chdf5_request request;
  char name[1024];
  chdf5_answer head = {.size = CHDF5_MOST_NAMES};
  if (!say(connection, NULL, 0) || !take(connection, &request, name) ||
      !csandbox_send(connection, &head, sizeof head, -1))
    return;
  while (csandbox_send(connection, "", 1, -1))
    for (volatile int i = 0; i < 1000000; i++) {}
}

chdf5_code false_answers_open_dripping(chdf5_file **file, chdf5_error *error) {
  return chdf5_open_with(drip, NULL, LARGE, LITTLE, file, error);
}
