// Hands CHDF5 changed files and false answers, more than anybody could write by hand.
//
//   FuzzHDF5 confined COUNT SEED FILE…   files, read in a process of its own
//   FuzzHDF5 here COUNT SEED FILE…       files, read in the process that asks
//   FuzzHDF5 answers COUNT SEED          answers of a reading process that a file has taken over
//   FuzzHDF5 refuse 1 SEED FILE…         a system that refuses to confine a process
//   FuzzHDF5 host 1 SEED FILE…           a program that has uses of its own for libhdf5 and children
//
// libhdf5 has errors of its own. Where files are read in the process that asks, some end it; they are
// counted, and only those in CHDF5 itself, which the sanitizers find, fail.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"

/// For the sanitizers: a file may ask for any memory, and a report must not hide another.
const char *__asan_default_options(void);
const char *__asan_default_options(void) {
  return "allocator_may_return_null=1:max_allocation_size_mb=256:detect_leaks=0:"
         "quarantine_size_mb=16:handle_abort=0:handle_segv=0:handle_sigbus=0:handle_sigfpe=0";
}

void require(bool holds, const char *promise) {
  if (holds) return;
  fprintf(stderr, "does not hold: %s\n", promise);
  abort();
}

/// What came of the inputs; shared with the process that reads them.
typedef struct {
  long next, sound, refused, crashed, exhausted, silent;
  long signals[65];
} tally;

static void count(tally *tally, chdf5_code code, const chdf5_error *error) {
  switch (code) {
    case CHDF5_DONE: tally->sound++; break;
    case CHDF5_CRASHED:
      tally->crashed++;
      tally->signals[error->number & 63]++;
      break;
    case CHDF5_EXHAUSTED: tally->exhausted++; break;
    case CHDF5_SILENT: tally->silent++; break;
    default: tally->refused++;
  }
}

static void read_one(
    bool is_confined, const file_image *seeds, size_t seed_count, uint64_t seed, tally *tally) {
  uint64_t state = seed + (uint64_t)tally->next * 0x2545F4914F6CDD1D;
  file_image image = mutate(seeds, seed_count, &state);
  chdf5_file *file;
  chdf5_error error;
  chdf5_code code = chdf5_open(image.bytes, image.size, is_confined, &file, &error);
  if (code == CHDF5_DONE) {
    code = look(file, draw(&state), &error);
    chdf5_close(file);
  } else {
    check_error(&error, code);
    REQUIRE(file == NULL);
  }
  // A process that only reads has no reason to lie.
  REQUIRE(code != CHDF5_SYSTEM && code != CHDF5_NONSENSE);
  count(tally, code, &error);
  free(image.bytes);
}

/// Whether the report of a sanitizer, innermost call first, is about CHDF5 and not libhdf5.
static bool is_ours(const char *report) {
  if (strstr(report, "does not hold") || strstr(report, "runtime error")) return true;
  const char *ours = strstr(report, "Sources/CHDF5/"), *theirs = strstr(report, "libhdf5");
  return ours != NULL && (theirs == NULL || ours < theirs);
}

/// Reads in a process that continues until an input ends it, and in another from the next input on.
static void read_here(
    long most, const file_image *seeds, size_t seed_count, uint64_t seed, tally *tally) {
  while (tally->next < most) {
    FILE *reports = tmpfile();
    REQUIRE(reports != NULL);
    pid_t process = fork();
    REQUIRE(process >= 0);
    if (process == 0) {
      dup2(fileno(reports), STDERR_FILENO);
      for (; tally->next < most; tally->next++) {
        alarm(5);
        read_one(false, seeds, seed_count, seed, tally);
      }
      _exit(0);
    }
    int status;
    while (waitpid(process, &status, 0) < 0 && errno == EINTR) {}
    if (status != 0) {
      static char text[1 << 16];
      rewind(reports);
      text[fread(text, 1, sizeof text - 1, reports)] = 0;
      if (is_ours(text)) {
        fprintf(stderr, "input %ld:\n%s", tally->next, text);
        exit(1);
      }
      if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) {
        tally->exhausted++;
      } else {
        tally->crashed++;
        // 0 is a report of a sanitizer.
        tally->signals[WIFSIGNALED(status) ? WTERMSIG(status) & 63 : 0]++;
      }
      tally->next++;
    }
    fclose(reports);
  }
}

/// Asks reading processes that answer anything at all. Once an answer makes no sense, none is taken.
static void fuzz_answers(long count, uint64_t seed) {
  long whole = 0, nonsense = 0;
  for (long number = 0; number < count; number++) {
    chdf5_file *file;
    chdf5_error error, again;
    chdf5_code code = false_answers_open(seed + (uint64_t)number, &file, &error);
    if (code == CHDF5_DONE) {
      code = look(file, (size_t)number, &error);
      chdf5_kind kind;
      if (code != CHDF5_DONE) {
        REQUIRE(chdf5_kind_of(file, "/", &kind, &again) == code);
        REQUIRE(memcmp(&error, &again, sizeof error) == 0);
      }
      chdf5_close(file);
    }
    whole += code == CHDF5_DONE;
    nonsense += code == CHDF5_NONSENSE;
    // What a process says of itself does not count.
    if (code != CHDF5_DONE) check_error(&error, code);
  }
  REQUIRE(count < 100 || (whole > 0 && nonsense > 0));
}

static file_image load(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    perror(path);
    exit(2);
  }
  file_image image = {NULL, 0};
  fseek(file, 0, SEEK_END);
  image.size = (size_t)ftell(file);
  rewind(file);
  image.bytes = malloc(image.size);
  REQUIRE(image.bytes != NULL && fread(image.bytes, 1, image.size, file) == image.size);
  fclose(file);
  // What follows a seal, so that changes get past it.
  if (image.size > 512 && memcmp(image.bytes, "MiniCNN ", 8) == 0)
    memmove(image.bytes, image.bytes + 512, image.size -= 512);
  return image;
}

static double seconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void report(const char *mode, const tally *tally) {
  printf(
      "%s: %ld inputs, %ld sound, %ld refused; the reading process crashed %ld times (", mode,
      tally->next, tally->sound, tally->refused, tally->crashed);
  bool is_first = true;
  for (int number = 0; number < 65; number++) {
    if (tally->signals[number] == 0) continue;
    printf("%s%ld with signal %d", is_first ? "" : ", ", tally->signals[number], number);
    is_first = false;
  }
  printf(
      "%s), ran out of time %ld times, ended without a word %ld times\n",
      is_first ? "no signal" : "", tally->exhausted, tally->silent);
}

int main(int count, char **arguments) {
  if (count < 4) {
    fprintf(stderr, "usage: FuzzHDF5 confined|here|answers|refuse|host COUNT SEED FILE…\n");
    return 2;
  }
  const char *mode = arguments[1];
  long most = strtol(arguments[2], NULL, 10);
  uint64_t seed = strtoull(arguments[3], NULL, 10);
  size_t seed_count = (size_t)count - 4;
  file_image *seeds = calloc(seed_count + 1, sizeof *seeds);
  for (size_t number = 0; number < seed_count; number++) seeds[number] = load(arguments[4 + number]);
  tally *tally = mmap(
      NULL, sizeof *tally, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  REQUIRE(tally != MAP_FAILED && (seed_count > 0 || strcmp(mode, "answers") == 0));
  double start = seconds();
  struct rusage before, after;
  getrusage(RUSAGE_SELF, &before);
  if (strcmp(mode, "confined") == 0) {
    for (; tally->next < most; tally->next++) read_one(true, seeds, seed_count, seed, tally);
    report(mode, tally);
  } else if (strcmp(mode, "here") == 0) {
    read_here(most, seeds, seed_count, seed, tally);
    report(mode, tally);
  } else if (strcmp(mode, "answers") == 0) {
    fuzz_answers(most, seed);
    printf("answers: %ld conversations\n", most);
  } else if (strcmp(mode, "host") == 0) {
    visit_host(seeds);
  } else {
    refuse_confinement(seeds);
  }
  getrusage(RUSAGE_SELF, &after);
  fprintf(stderr, "%.0f a second\n", (double)most / (seconds() - start));
  REQUIRE(after.ru_maxrss - before.ru_maxrss < 128 << 10);
  for (size_t number = 0; number < seed_count; number++) free(seeds[number].bytes);
  free(seeds);
  return 0;
}
