#include <CSandbox.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "process.h"

bool carchives_can_confine(void) {
#ifdef __linux__
  return true;
#else
  return false;
#endif
}

carchives_code carchives_refuse(
    carchives_error *error, carchives_code code, const char *message) {
  *error = (carchives_error){.code = code};
  snprintf(error->message, sizeof error->message, "%s", message == NULL ? "" : message);
  return code;
}

carchives_code carchives_system(carchives_error *error, const char *operation, int number) {
  *error = (carchives_error){.code = CARCHIVES_SYSTEM, .number = number};
  snprintf(error->operation, sizeof error->operation, "%s", operation);
  return CARCHIVES_SYSTEM;
}

void carchives_serve(void *context, int connection) {
  const carchives_task *task = context;
  carchives_error error = {0};
  size_t size = task->lists ? CARCHIVES_MOST_MEMBERS * sizeof(carchives_member) : task->size;
  void *bytes = malloc(size == 0 ? 1 : size);
  carchives_code code;
  if (bytes == NULL) {
    code = carchives_system(&error, "read it", ENOMEM);
  } else if (task->lists) {
    code = carchives_list_here(task->archive, bytes, &size, &error);
    size *= sizeof(carchives_member);
  } else {
    code = carchives_read_here(task->archive, task->number, bytes, size, &error);
  }
  carchives_answer answer = {code, 0, code == CARCHIVES_DONE ? size : sizeof error};
  if (!csandbox_send(connection, &answer, sizeof answer, -1)) return;
  csandbox_send(connection, code == CARCHIVES_DONE ? bytes : &error, answer.size, -1);
}

/// Why there was no answer.
static carchives_code silence(
    const csandbox_child *child, csandbox_limits limits, carchives_error *error) {
  int number = csandbox_signal(*child);
  *error = (carchives_error){.number = number};
  switch (number) {
    case 0: return error->code = CARCHIVES_SILENT;
    case SIGXCPU: error->number = (int)limits.seconds; return error->code = CARCHIVES_EXHAUSTED;
    case SIGKILL: return error->code = CARCHIVES_KILLED;
    default: return error->code = CARCHIVES_CRASHED;
  }
}

/// Takes an error; one that no reader gives is invalid.
static carchives_code check_error(uint32_t code, carchives_error *error) {
  error->operation[sizeof error->operation - 1] = 0;
  error->message[sizeof error->message - 1] = 0;
  switch (code) {
    case CARCHIVES_DAMAGED:
    case CARCHIVES_UNSUPPORTED:
    case CARCHIVES_OTHER_SIZE:
    case CARCHIVES_SYSTEM:
      if (error->code == code) return error->code;
      break;
    default: break;
  }
  return carchives_refuse(error, CARCHIVES_NONSENSE, NULL);
}

static carchives_code receive(
    const csandbox_child *child, csandbox_limits limits, int64_t deadline, void *bytes,
    size_t room, size_t *size, carchives_error *error) {
  carchives_answer answer;
  if (!csandbox_receive(child->connection, &answer, sizeof answer, deadline))
    return silence(child, limits, error);
  if (answer.code != CARCHIVES_DONE) {
    if (answer.size != sizeof *error) return carchives_refuse(error, CARCHIVES_NONSENSE, NULL);
    return csandbox_receive(child->connection, error, sizeof *error, deadline)
               ? check_error(answer.code, error)
               : silence(child, limits, error);
  }
  if (answer.size > room) return carchives_refuse(error, CARCHIVES_NONSENSE, NULL);
  *size = answer.size;
  return csandbox_receive(child->connection, bytes, answer.size, deadline)
             ? CARCHIVES_DONE
             : silence(child, limits, error);
}

/// Has a process that does `serve` do a task, and takes at most `room` bytes.
static carchives_code ask(
    void (*serve)(void *context, int connection), const carchives_task *task, int patience,
    void *bytes, size_t room, size_t *size, carchives_error *error) {
  // The content once, and what libzip keeps; inflating takes a second for some 200 MB.
  size_t work = task->archive.size + task->size;
  csandbox_limits limits = {((size_t)64 << 20) + task->size, 2 + (unsigned)(work >> 25)};
  csandbox_child child;
  const char *step;
  int number = csandbox_start(&child, limits, NULL, serve, (void *)task, &step);
  if (number != 0) {
    carchives_system(error, "", number);
    snprintf(
        error->operation, sizeof error->operation, "confine the process that reads it (%s)", step);
    return error->code;
  }
  int64_t deadline = csandbox_deadline(patience + 1000 * (int)limits.seconds);
  carchives_code code = receive(&child, limits, deadline, bytes, room, size, error);
  csandbox_stop(child);
  return code;
}

/// A minute more than a process can be busy; only a machine without any processor to spare takes it.
enum { PATIENCE = 60000 };

carchives_code carchives_list(
    carchives_archive archive, carchives_member *members, size_t *count, carchives_error *error) {
  *count = 0;
  *error = (carchives_error){0};
  return archive.is_confined
             ? carchives_list_with(carchives_serve, PATIENCE, archive, members, count, error)
             : carchives_list_here(archive, members, count, error);
}

carchives_code carchives_list_with(
    void (*serve)(void *context, int connection), int patience, carchives_archive archive,
    carchives_member *members, size_t *count, carchives_error *error) {
  *count = 0;
  *error = (carchives_error){0};
  carchives_task task = {.archive = archive, .lists = true};
  size_t size = 0;
  carchives_code code = ask(
      serve, &task, patience, members, CARCHIVES_MOST_MEMBERS * sizeof *members, &size, error);
  if (code != CARCHIVES_DONE) return code;
  if (size % sizeof *members != 0) return carchives_refuse(error, CARCHIVES_NONSENSE, NULL);
  for (size_t number = 0; number < size / sizeof *members; number++) {
    members[number].name[sizeof members->name - 1] = 0;
    if (members[number].size > CARCHIVES_MOST_BYTES)
      return carchives_refuse(error, CARCHIVES_NONSENSE, NULL);
  }
  *count = size / sizeof *members;
  return CARCHIVES_DONE;
}

carchives_code carchives_read(
    carchives_archive archive, size_t number, void *content, size_t size, carchives_error *error) {
  *error = (carchives_error){0};
  if (!archive.is_confined) return carchives_read_here(archive, number, content, size, error);
  carchives_task task = {.archive = archive, .number = number, .size = size};
  size_t got = 0;
  carchives_code code =
      ask(carchives_serve, &task, PATIENCE, content, size, &got, error);
  if (code == CARCHIVES_DONE && got != size)
    return carchives_refuse(error, CARCHIVES_NONSENSE, NULL);
  return code;
}
