// Hands CPictures changed files and false answers.
//
//   FuzzPictures here COUNT SEED FILE…   files, decoded in this process, where sanitizers watch
//   FuzzPictures answers COUNT SEED      answers of a decoding process that a file has taken over
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fuzz.h"

/// For the sanitizers: memory that is not given is no error.
const char *__asan_default_options(void);
const char *__asan_default_options(void) {
  return "allocator_may_return_null=1:max_allocation_size_mb=2048:quarantine_size_mb=16";
}

void require(bool holds, const char *promise) {
  if (holds) return;
  fprintf(stderr, "does not hold: %s\n", promise);
  abort();
}

/// The most bytes of a file, changed or not.
enum { MOST = 1 << 14 };

typedef struct {
  uint8_t bytes[MOST];
  size_t size;
} file;

static file load(const char *path) {
  static file seed;
  FILE *stream = fopen(path, "rb");
  if (stream == NULL) {
    perror(path);
    exit(2);
  }
  seed.size = fread(seed.bytes, 1, MOST / 2, stream);
  fclose(stream);
  REQUIRE(seed.size > 8);
  return seed;
}

void check(cpictures_code code, const cpictures_picture *picture, const cpictures_error *error) {
  if (code == CPICTURES_DONE) {
    uint64_t pixels = (uint64_t)picture->height * picture->width;
    REQUIRE(pixels > 0 && pixels <= CPICTURES_MOST_PIXELS);
    REQUIRE(picture->channels >= 1 && picture->channels <= 4);
    // All of it can be read.
    volatile uint8_t sum = 0;
    for (uint64_t i = 0; i < pixels * picture->channels; i++) sum += picture->pixels[i];
  } else {
    REQUIRE(picture->pixels == NULL && error->code == code && code <= CPICTURES_SYSTEM);
  }
}

/// Decodes one changed file; the code, and the processor's time in `*taken`.
static cpictures_code decode_one(
    const file *seeds, size_t seed_count, uint64_t *state, clock_t *taken) {
  static file changed;
  const file *other = &seeds[draw_below(state, seed_count)];
  changed = seeds[draw_below(state, seed_count)];
  cpictures_format format = changed.bytes[0] == 0x89 ? CPICTURES_PNG : CPICTURES_JPEG;
  mutate(
      changed.bytes, &changed.size, MOST, (cpictures_file){other->bytes, other->size}, state);
  if (format == CPICTURES_PNG && draw_below(state, 8) != 0) repair(changed.bytes, changed.size);
  // A copy of the exact size, whose end the sanitizer knows.
  uint8_t *bytes = malloc(changed.size);
  REQUIRE(bytes != NULL);
  memcpy(bytes, changed.bytes, changed.size);
  cpictures_picture picture;
  cpictures_error error;
  clock_t start = clock();
  cpictures_code code =
      cpictures_decode(bytes, changed.size, format, false, &picture, &error);
  *taken = clock() - start;
  check(code, &picture, &error);
  cpictures_free(&picture);
  free(bytes);
  return code;
}

static void decode_here(long count, uint64_t seed, const file *seeds, size_t seed_count) {
  long outcomes[CPICTURES_NONSENSE + 1] = {0};
  clock_t longest = 0;
  for (long input = 0; input < count; input++) {
    uint64_t state = seed + (uint64_t)input * 0x2545F4914F6CDD1D;
    clock_t taken;
    outcomes[decode_one(seeds, seed_count, &state, &taken)]++;
    if (taken > longest) longest = taken;
  }
  printf(
      "here: %ld inputs, %ld decoded, %ld cut short, %ld too large, %ld unsupported, %ld damaged,"
      " %ld without memory\n",
      count, outcomes[CPICTURES_DONE], outcomes[CPICTURES_CUT_SHORT],
      outcomes[CPICTURES_TOO_LARGE], outcomes[CPICTURES_UNSUPPORTED],
      outcomes[CPICTURES_DAMAGED], outcomes[CPICTURES_SYSTEM]);
  fprintf(stderr, "slowest input %ld ms\n", (long)(longest * 1000 / CLOCKS_PER_SEC));
}

int main(int count, char **arguments) {
  bool is_here = count > 4 && strcmp(arguments[1], "here") == 0;
  if (!is_here && (count != 4 || strcmp(arguments[1], "answers") != 0)) {
    fprintf(stderr, "usage: FuzzPictures here COUNT SEED FILE…, or answers COUNT SEED\n");
    return 2;
  }
  long most = strtol(arguments[2], NULL, 10);
  uint64_t seed = strtoull(arguments[3], NULL, 10);
  if (!is_here) {
    fuzz_answers(most, seed);
    printf("answers: %ld conversations\n", most);
    return 0;
  }
  size_t seed_count = (size_t)count - 4;
  file *seeds = calloc(seed_count, sizeof *seeds);
  REQUIRE(seeds != NULL);
  for (size_t number = 0; number < seed_count; number++)
    seeds[number] = load(arguments[4 + number]);
  decode_here(most, seed, seeds, seed_count);
  free(seeds);
  return 0;
}
