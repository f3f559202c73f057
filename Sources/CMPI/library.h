// The opened library, and its calls whatever its handles are.
//
// MPI says what a program may write, not what mpi.h makes of it, so libraries differ in what is a handle and in
// the values of constants: the application binary interface (ABI). Numbers here are from mpi.h of Open MPI 4.1.4
// and 5.0.11 and of MPICH 4.0.2 and 5.0.2, and from MPI 5.0, section 20.2, which the mpi_abi.h of MPICH 5.0.2 follows.
#pragma once
#include <stdbool.h>

/// A communicator, a type or a request: int in MPICH, a pointer in Open MPI and the standard ABI.
typedef union {
  int number;
  void *pointer;
} mpi_handle;

/// A status is of 20 bytes in MPICH, 24 in Open MPI and 32 in the standard ABI; this has room for each.
typedef union {
  char bytes[64];
  void *alignment;
} mpi_status;

/// The calls that are used, as MPI 3.1 and later declare them (MPI 5.0, appendix A.3), for handles of type H.
#define MPI_CALLS(CALL, H)                                                                        \
  CALL(Get_library_version, (char *version, int *length))                                         \
  CALL(Init_thread, (int *argc, char ***argv, int required, int *provided))                       \
  CALL(Finalize, (void))                                                                          \
  CALL(Error_string, (int code, char *text, int *length))                                         \
  CALL(Get_processor_name, (char *name, int *length))                                             \
  CALL(Comm_set_errhandler, (H communicator, H handler))                                          \
  CALL(Comm_rank, (H communicator, int *rank))                                                    \
  CALL(Comm_size, (H communicator, int *size))                                                    \
  CALL(Abort, (H communicator, int code))                                                         \
  CALL(Irecv, (void *bytes, int count, H type, int source, int tag, H communicator, H *request))  \
  CALL(Isend,                                                                                     \
    (const void *bytes, int count, H type, int target, int tag, H communicator, H *request))      \
  CALL(Test, (H *request, int *flag, mpi_status *status))                                         \
  CALL(Get_count, (const mpi_status *status, H type, int *count))

#define MPI_MEMBER(name, arguments) int(*name) arguments;
#define MPI_NAME(name, arguments) "MPI_" #name,

typedef struct {
  /// Whether handles are numbers.
  bool numbered;
  mpi_handle world, byte, errors_return;
  int thread_funneled;
  union {
    struct {
      MPI_CALLS(MPI_MEMBER, int)
    } numbers;
    struct {
      MPI_CALLS(MPI_MEMBER, void *)
    } pointers;
    void *symbols[sizeof((const char *[]){MPI_CALLS(MPI_NAME, )}) / sizeof(char *)];
  };
} mpi_library;

/// The one that is open; all zero while none is.
extern mpi_library cmpi_library;

/// Calls a function without handles.
#define MPI_CALL(name, ...) cmpi_library.pointers.name(__VA_ARGS__)

/// Calls a function whose first argument is the communicator of all ranks.
#define MPI_OF_WORLD(name, ...)                                                \
  (cmpi_library.numbered                                                       \
     ? cmpi_library.numbers.name(cmpi_library.world.number, __VA_ARGS__)       \
     : cmpi_library.pointers.name(cmpi_library.world.pointer, __VA_ARGS__))
