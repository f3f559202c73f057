// What a process may answer that reads an archive and has been taken over by it.
#pragma once
#include <CArchives.h>

typedef enum {
  /// Members as there could be: one that is called "a" and has 3 bytes.
  ARCHIVE_ANSWERS_TRUTH,
  /// It ends without a word.
  ARCHIVE_ANSWERS_SILENCE,
  /// It ends in the middle of its answer.
  ARCHIVE_ANSWERS_HALF,
  ARCHIVE_ANSWERS_CRASH,
  /// It waits forever.
  ARCHIVE_ANSWERS_WAIT,
  /// It says that it has failed in a way that there is not.
  ARCHIVE_ANSWERS_UNKNOWN_CODE,
  /// Its error's code is not that of its answer.
  ARCHIVE_ANSWERS_TWO_CODES,
  /// It sends more than there is room for.
  ARCHIVE_ANSWERS_TOO_MUCH,
  /// It sends a part of a member.
  ARCHIVE_ANSWERS_UNEVEN,
  /// A member that no archive can have.
  ARCHIVE_ANSWERS_TOO_LARGE,
  /// A name that does not end.
  ARCHIVE_ANSWERS_ENDLESS_NAME,
} archive_answer;

/// Lists the members of an archive in a process that answers so, and has 0.2 s for it beyond its
/// processor time. Overwrites the first `*count` of `members`, which has room for
/// CARCHIVES_MOST_MEMBERS.
carchives_code archive_answers_list(
    archive_answer answer, carchives_member *members, size_t *count, carchives_error *error);
