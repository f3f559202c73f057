// The process that reads an archive, and what it answers. Both sides are this program, so their
// layouts are the same; what the process sends is checked all the same, as the archive it reads may
// have taken it over.
#pragma once
#include "CArchives.h"

/// What the process does.
typedef struct {
  carchives_archive archive;
  /// Whether members are listed; otherwise the content of one is read.
  bool lists;
  size_t number;
  /// The bytes of that content.
  size_t size;
} carchives_task;

/// What the only answer begins with: `size` bytes follow, or a `carchives_error` where `code` is not
/// CARCHIVES_DONE.
typedef struct {
  uint32_t code;
  uint32_t unused;
  uint64_t size;
} carchives_answer;

/// Does a `carchives_task` and answers.
void carchives_serve(void *context, int connection);

/// Lists members in a process that does `serve` and has `patience` milliseconds more for its answer than
/// its processor time.
carchives_code carchives_list_with(
    void (*serve)(void *context, int connection), int patience, carchives_archive archive,
    carchives_member *members, size_t *count, carchives_error *error);

// As carchives_list and carchives_read, in this process.
carchives_code carchives_list_here(
    carchives_archive archive, carchives_member *members, size_t *count, carchives_error *error);
carchives_code carchives_read_here(
    carchives_archive archive, size_t number, void *content, size_t size, carchives_error *error);

/// Fills an error of what was read; NULL is no message.
carchives_code carchives_refuse(
    carchives_error *error, carchives_code code, const char *message);

/// Fills the error of a call of the system.
carchives_code carchives_system(carchives_error *error, const char *operation, int number);
