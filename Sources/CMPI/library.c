#include "library.h"

#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "CMPI.h"
#include "signals.h"

mpi_library cmpi_library;

static const char *const names[] = {MPI_CALLS(MPI_NAME, )};
enum { NAMES = sizeof names / sizeof *names };

const char *cmpi_library_version(void) {
  // MPI_MAX_LIBRARY_VERSION_STRING: 256 in Open MPI, 8192 elsewhere.
  static char version[8192];
  int length = 0;
  if (MPI_CALL(Get_library_version, version, &length) != 0) version[0] = 0;
  return version;
}

/// Open MPI: handles are the addresses of objects that it exports.
static bool take_open_mpi(void *library) {
  cmpi_library.world.pointer = dlsym(library, "ompi_mpi_comm_world");
  cmpi_library.byte.pointer = dlsym(library, "ompi_mpi_byte");
  cmpi_library.errors_return.pointer = dlsym(library, "ompi_mpi_errors_return");
  cmpi_library.thread_funneled = 1;
  return cmpi_library.world.pointer && cmpi_library.byte.pointer &&
    cmpi_library.errors_return.pointer;
}

/// MPICH since 3.2, and those that keep to its ABI: Intel MPI, MVAPICH, Cray MPICH.
static bool take_mpich(void) {
  const char *version = cmpi_library_version();
  if (!strstr(version, "MPICH") && !strstr(version, "Intel(R) MPI") && !strstr(version, "MVAPICH"))
    return false;
  cmpi_library.numbered = true;
  cmpi_library.world.number = 0x44000000;
  cmpi_library.byte.number = 0x4c00010d;
  cmpi_library.errors_return.number = 0x54000001;
  cmpi_library.thread_funneled = 1;
  return true;
}

/// Whether the library has the standard ABI. It says -1 where it has another (MPI 5.0, section 20.2), so this
/// may be asked of any; it is asked first, as one with the standard ABI may be linked to one with another.
static bool take_standard(void *library) {
  union {
    void *symbol;
    int (*call)(int *major, int *minor);
  } version = {dlsym(library, "MPI_Abi_get_version")};
  int major = -1, minor = -1;
  if (!version.symbol || version.call(&major, &minor) != 0 || major != 1) return false;
  cmpi_library.world.pointer = (void *)(intptr_t)0x101;
  cmpi_library.byte.pointer = (void *)(intptr_t)0x247;
  cmpi_library.errors_return.pointer = (void *)(intptr_t)0x143;
  cmpi_library.thread_funneled = 1024;
  return true;
}

cmpi_outcome cmpi_load(const char *path, cmpi_failure *failure) {
  memset(failure, 0, sizeof *failure);
  failure->rank = -1;
  memset(&cmpi_library, 0, sizeof cmpi_library);
  // Open MPI 4 opens plug-ins that look for its symbols among those of all.
  cmpi_signals signals;
  cmpi_save_signals(&signals);
  void *library = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
  cmpi_restore_signals(&signals);
  if (!library) {
    snprintf(failure->text, sizeof failure->text, "%s", dlerror());
    return CMPI_UNKNOWN;
  }
  for (int i = 0; i < NAMES; ++i) {
    cmpi_library.symbols[i] = dlsym(library, names[i]);
    if (!cmpi_library.symbols[i]) {
      snprintf(failure->text, sizeof failure->text, "%s: it has no function %s", path, names[i]);
      dlclose(library);
      return CMPI_UNKNOWN;
    }
  }
  if (take_standard(library) || take_open_mpi(library) || take_mpich()) return CMPI_DONE;
  snprintf(
    failure->text, sizeof failure->text,
    "%s: it is neither Open MPI nor MPICH nor has it the ABI of MPI 5", path);
  dlclose(library);
  return CMPI_UNKNOWN;
}
