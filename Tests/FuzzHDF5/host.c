#include <errno.h>
#include <hdf5.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz.h"

static herr_t print(hid_t stack, void *context) { return (void)stack, ++*(int *)context, 0; }
static herr_t print_older(void *context) { return ++*(int *)context, 0; }

/// Reads what is there and what is not, and writes.
static void use(const file_image *seed, bool is_confined) {
  chdf5_file *file;
  chdf5_error error;
  chdf5_kind kind;
  chdf5_form form;
  REQUIRE(chdf5_open(seed->bytes, seed->size, is_confined, &file, &error) == CHDF5_DONE);
  REQUIRE(chdf5_kind_of(file, "/", &kind, &error) == CHDF5_DONE && kind == CHDF5_GROUP);
  REQUIRE(chdf5_form_of(file, "/none", &form, &error) == CHDF5_REFUSED);
  chdf5_close(file);
  REQUIRE(chdf5_open("no HDF5", 7, is_confined, &file, &error) == CHDF5_FAILED);
  chdf5_writer *writer;
  size_t size;
  REQUIRE(chdf5_begin(0, &writer, &error) == CHDF5_DONE);
  REQUIRE(chdf5_create_group(writer, "/a", &error) == CHDF5_DONE);
  REQUIRE(chdf5_create_group(writer, "/a", &error) == CHDF5_FAILED);
  REQUIRE(chdf5_finish(writer, &size, &error) == CHDF5_DONE);
  chdf5_discard(writer);
}

/// libhdf5 prints errors and loads plugins as before, and nothing has been printed meanwhile.
static void keep_library(const file_image *seed, bool is_confined) {
  // Not on the stack: libhdf5 asks for it once more when the program ends.
  static int printed;
  printed = 0;
  void *context;
  unsigned plugins;
  REQUIRE(H5PLset_loading_state(H5PL_FILTER_PLUGIN) >= 0);
  REQUIRE(H5Eset_auto2(H5E_DEFAULT, print, &printed) >= 0);
  use(seed, is_confined);
  H5E_auto2_t now;
  REQUIRE(H5Eget_auto2(H5E_DEFAULT, &now, &context) >= 0 && now == print && context == &printed);
  REQUIRE(H5Eset_auto1(print_older, &printed) >= 0);
  use(seed, is_confined);
  H5E_auto1_t older;
  REQUIRE(H5Eget_auto1(&older, &context) >= 0 && older == print_older && context == &printed);
  REQUIRE(H5PLget_loading_state(&plugins) >= 0 && plugins == H5PL_FILTER_PLUGIN);
  REQUIRE(printed == 0);
  REQUIRE(H5Fopen("/no/file", H5F_ACC_RDONLY, H5P_DEFAULT) < 0 && printed == 1);
}

#ifdef __linux__
/// The only child of this process.
static pid_t child(void) {
  char path[64];
  snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
  FILE *file = fopen(path, "r");
  int number = 0;
  REQUIRE(file != NULL && fscanf(file, "%d", &number) == 1);
  fclose(file);
  return number;
}

/// Somebody kills the reading process, and `meet` is what the program then does of its own.
static chdf5_code kill_reader(const file_image *seed, void (*meet)(pid_t)) {
  chdf5_file *file;
  chdf5_error error, again;
  chdf5_kind kind;
  REQUIRE(chdf5_open(seed->bytes, seed->size, true, &file, &error) == CHDF5_DONE);
  REQUIRE(chdf5_kind_of(file, "/", &kind, &error) == CHDF5_DONE && kind == CHDF5_GROUP);
  pid_t process = child();
  kill(process, SIGKILL);
  meet(process);
  chdf5_code code = chdf5_kind_of(file, "/", &kind, &error);
  REQUIRE(chdf5_kind_of(file, "/", &kind, &again) == code);
  chdf5_close(file);
  errno = 0;
  REQUIRE(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
  return code;
}

static void do_nothing(pid_t process) { (void)process; }
static void reap(pid_t process) { REQUIRE(waitpid(-1, NULL, 0) == process); }

static void keep_children(const file_image *seed) {
  REQUIRE(kill_reader(seed, do_nothing) == CHDF5_KILLED);
  REQUIRE(kill_reader(seed, reap) == CHDF5_SILENT);
  signal(SIGCHLD, SIG_IGN);
  REQUIRE(kill_reader(seed, do_nothing) == CHDF5_SILENT);
  use(seed, true);
  signal(SIGCHLD, SIG_DFL);
}
#endif

void visit_host(const file_image *seed) {
  keep_library(seed, false);
#ifdef __linux__
  keep_library(seed, true);
  keep_children(seed);
#endif
  printf("host: nothing changed\n");
}
