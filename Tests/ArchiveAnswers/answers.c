#include <ArchiveAnswers.h>
#include <CSandbox.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "process.h"

static archive_answer chosen;

static void send_head(int connection, uint32_t code, uint64_t size) {
  carchives_answer head = {code, 0, size};
  csandbox_send(connection, &head, sizeof head, -1);
}

static void serve(void *context, int connection) {
  (void)context;
  carchives_member member = {.name = "a", .size = 3};
  carchives_error error = {.code = CARCHIVES_DAMAGED};
  memset(error.message, 'x', sizeof error.message);
  switch (chosen) {
    case ARCHIVE_ANSWERS_SILENCE: return;
    case ARCHIVE_ANSWERS_CRASH: abort();
    case ARCHIVE_ANSWERS_WAIT: for (char wait;;) csandbox_receive(connection, &wait, 1, -1);
    case ARCHIVE_ANSWERS_UNKNOWN_CODE:
      error.code = (carchives_code)99;
      send_head(connection, 99, sizeof error);
      csandbox_send(connection, &error, sizeof error, -1);
      return;
    case ARCHIVE_ANSWERS_TWO_CODES:
      send_head(connection, CARCHIVES_SYSTEM, sizeof error);
      csandbox_send(connection, &error, sizeof error, -1);
      return;
    case ARCHIVE_ANSWERS_TOO_MUCH:
      send_head(connection, CARCHIVES_DONE, (CARCHIVES_MOST_MEMBERS + 1) * sizeof member);
      return;
    case ARCHIVE_ANSWERS_UNEVEN:
      send_head(connection, CARCHIVES_DONE, sizeof member - 1);
      csandbox_send(connection, &member, sizeof member - 1, -1);
      return;
    case ARCHIVE_ANSWERS_HALF:
      send_head(connection, CARCHIVES_DONE, sizeof member);
      csandbox_send(connection, &member, sizeof member / 2, -1);
      return;
    case ARCHIVE_ANSWERS_TOO_LARGE: member.size = UINT64_MAX; break;
    case ARCHIVE_ANSWERS_ENDLESS_NAME: memset(member.name, 'x', sizeof member.name); break;
    case ARCHIVE_ANSWERS_TRUTH: break;
  }
  send_head(connection, CARCHIVES_DONE, sizeof member);
  csandbox_send(connection, &member, sizeof member, -1);
}

carchives_code archive_answers_list(
    archive_answer answer, carchives_member *members, size_t *count, carchives_error *error) {
  chosen = answer;
  carchives_archive archive = {"", 0, true};
  return carchives_list_with(serve, 200, archive, members, count, error);
}
