// Zip archives in memory: what is in them, and the content of one member.
//
// Calls may come from any number of threads.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// How a call ended.
typedef enum {
  CARCHIVES_DONE,
  /// The archive, or the member, could not be read; `message` is the library's reason.
  CARCHIVES_DAMAGED,
  /// It is of a kind that is not read; `message` says which, with its article.
  CARCHIVES_UNSUPPORTED,
  /// A member has not the content it states.
  CARCHIVES_OTHER_SIZE,
  /// The system did not do `operation`; `number` is the value of `errno`.
  CARCHIVES_SYSTEM,
  /// The process that reads was ended by the signal `number`.
  CARCHIVES_CRASHED,
  /// The process that reads was killed by another, or by a system without memory.
  CARCHIVES_KILLED,
  /// The process that reads has used all its processor time, `number` seconds.
  CARCHIVES_EXHAUSTED,
  /// The process that reads has ended without an answer, or not given all of one in time.
  CARCHIVES_SILENT,
  /// The process that reads has given an invalid answer.
  CARCHIVES_NONSENSE,
} carchives_code;

/// What went wrong. Texts end with a zero and are cut where they do not fit.
typedef struct {
  carchives_code code;
  int number;
  /// What was tried, in the infinitive: "start it".
  char operation[80];
  char message[240];
} carchives_error;

/// The most members of an archive that are listed.
#define CARCHIVES_MOST_MEMBERS 1024
/// The most bytes of a member: 4 GiB.
#define CARCHIVES_MOST_BYTES ((uint64_t)4 << 30)

/// A file in an archive, as this states it.
typedef struct {
  /// Its name, which ends with a zero; of a longer one, an empty text.
  char name[120];
  /// The bytes of its content: at most CARCHIVES_MOST_BYTES, and no more than its compressed bytes can
  /// hold.
  uint64_t size;
} carchives_member;

/// An archive in memory.
typedef struct {
  const void *bytes;
  size_t size;
  /// Whether a process of its own reads it (CSandbox): no damage and no intent in a file can then do
  /// more than give other content or none. Without, libzip reads it in this process.
  bool is_confined;
} carchives_archive;

/// Lists the members: overwrites the first `*count` of `members`, which has room for
/// CARCHIVES_MOST_MEMBERS. An archive of more is CARCHIVES_UNSUPPORTED.
carchives_code carchives_list(
    carchives_archive archive, carchives_member *members, size_t *count, carchives_error *error);

/// Overwrites `content` with that of the member `number`, counted from 0, which must be stored or
/// deflated, have exactly `size` bytes, and the checksum it states.
carchives_code carchives_read(
    carchives_archive archive, size_t number, void *content, size_t size, carchives_error *error);

/// Whether archives can be read in a separate process here: on Linux.
bool carchives_can_confine(void);
