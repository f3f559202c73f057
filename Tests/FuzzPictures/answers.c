#include <CSandbox.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

/// What a process does that a file has taken over, and with what numbers.
typedef struct {
  cpictures_task task;
  uint64_t state;
} conversation;

/// Anything, most of it close to what is expected.
static void answer_anything(void *context, int connection) {
  conversation *own = (conversation *)context;
  uint64_t *state = &own->state;
  cpictures_size size = own->task.size;
  bool is_turned = draw_below(state, 2) == 0;
  cpictures_answer answer = {
      draw_below(state, 2) == 0 ? CPICTURES_DONE : (uint32_t)draw_below(state, 14),
      is_turned ? size.width : size.height, is_turned ? size.height : size.width,
      (uint32_t)draw_below(state, 6)};
  uint32_t *fields[] = {&answer.code, &answer.height, &answer.width, &answer.channels};
  if (draw_below(state, 4) == 0) *fields[draw_below(state, 4)] = (uint32_t)draw(state);
  csandbox_send(connection, &answer, sizeof answer, -1);
  // Too little, enough or too much, of texts that do not end.
  static uint8_t bytes[4096];
  memset(bytes, (int)draw(state), sizeof bytes);
  uint32_t code = draw_below(state, 2) == 0 ? answer.code : (uint32_t)draw(state);
  memcpy(bytes, &code, sizeof code);
  csandbox_send(connection, bytes, draw_below(state, sizeof bytes), -1);
}

static void say_nothing(void *context, int connection) { (void)context, (void)connection; }

// The address sanitizer would make system calls first that are refused, and say so.
__attribute__((no_sanitize("address"))) static void crash(void *context, int connection) {
  (void)context, (void)connection;
  __builtin_trap();
}

static void run_forever(void *context, int connection) {
  (void)context, (void)connection;
  for (volatile unsigned turns = 0;; turns++) {}
}

static void wait_forever(void *context, int connection) {
  (void)context;
  uint8_t byte;
  csandbox_receive(connection, &byte, 1, -1);
}

static cpictures_code decode(
    void (*serve)(void *, int), conversation *conversation, int patience, cpictures_error *error) {
  cpictures_picture picture = {0};
  cpictures_code code =
      cpictures_decode_with(serve, &conversation->task, patience, &picture, error);
  REQUIRE(code == CPICTURES_DONE || (picture.pixels == NULL && error->code == code));
  if (code == CPICTURES_DONE) check(code, &picture, error);
  REQUIRE(memchr(error->message, 0, sizeof error->message) != NULL);
  REQUIRE(memchr(error->operation, 0, sizeof error->operation) != NULL);
  cpictures_free(&picture);
  return code;
}

void fuzz_answers(long count, uint64_t seed) {
  conversation conversation = {.task = {.size = {12, 20}}};
  cpictures_error error = {0};
  REQUIRE(decode(say_nothing, &conversation, 1000, &error) == CPICTURES_SILENT);
  REQUIRE(decode(wait_forever, &conversation, -1900, &error) == CPICTURES_SILENT);
  REQUIRE(decode(crash, &conversation, 1000, &error) == CPICTURES_CRASHED);
  REQUIRE(error.number == SIGILL || error.number == SIGTRAP);
  REQUIRE(decode(run_forever, &conversation, 60000, &error) == CPICTURES_EXHAUSTED);
  REQUIRE(error.number == 2);
  long whole = 0, nonsense = 0;
  for (long number = 0; number < count; number++) {
    conversation.state = seed + (uint64_t)number * 0x2545F4914F6CDD1D;
    error = (cpictures_error){0};
    cpictures_code code = decode(answer_anything, &conversation, 1000, &error);
    whole += code == CPICTURES_DONE;
    nonsense += code == CPICTURES_NONSENSE;
  }
  REQUIRE(count < 100 || (whole > 0 && nonsense > 0));
}
