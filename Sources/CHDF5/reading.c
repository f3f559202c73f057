#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parser.h"
#include "process.h"

struct chdf5_file {
  bool is_confined;
  csandbox_child child;
  csandbox_limits limits;
  /// Milliseconds that the process has for an answer, and when it must have given the next one.
  int patience;
  int64_t deadline;
  /// What broke the conversation: from then on no answer could be told from a late one to an earlier
  /// question. Its code is CHDF5_DONE as long as nothing has.
  chdf5_error end;
  /// Without a process: the file in this one.
  hid_t id;
  /// The members of the group, or the texts of the attribute, that were asked for last.
  char *names;
};

bool chdf5_can_confine(void) {
#ifdef __linux__
  return true;
#else
  return false;
#endif
}

// The process

/// Asks nothing more after this error.
static chdf5_code give_up(chdf5_file *file, const chdf5_error *error) {
  file->end = *error;
  return error->code;
}

static chdf5_code nonsense(chdf5_file *file, chdf5_error *error) {
  chdf5_plain(error, CHDF5_NONSENSE, 0);
  return give_up(file, error);
}

/// Why there was no answer.
static chdf5_code silence(chdf5_file *file, chdf5_error *error) {
  int number = csandbox_signal(file->child);
  switch (number) {
    case 0: chdf5_plain(error, CHDF5_SILENT, 0); break;
    case SIGXCPU: chdf5_plain(error, CHDF5_EXHAUSTED, (int)file->limits.seconds); break;
    case SIGKILL: chdf5_plain(error, CHDF5_KILLED, number); break;
    default: chdf5_plain(error, CHDF5_CRASHED, number);
  }
  return give_up(file, error);
}

static bool receive(const chdf5_file *file, void *bytes, size_t size) {
  return csandbox_receive(file->child.connection, bytes, size, file->deadline);
}

static bool send_all(const chdf5_file *file, const void *bytes, size_t size) {
  return csandbox_send(file->child.connection, bytes, size, file->deadline);
}

/// Takes an error; one that no parser gives is invalid.
static chdf5_code receive_error(
    chdf5_file *file, const chdf5_answer *head, chdf5_error *error) {
  if (head->size != sizeof *error) return nonsense(file, error);
  if (!receive(file, error, sizeof *error)) return silence(file, error);
  error->operation[sizeof error->operation - 1] = 0;
  error->object[sizeof error->object - 1] = 0;
  error->expected[sizeof error->expected - 1] = 0;
  error->message[sizeof error->message - 1] = 0;
  switch (error->code) {
    case CHDF5_FAILED:
    case CHDF5_REFUSED:
    case CHDF5_SYSTEM: return error->code;
    default: return nonsense(file, error);
  }
}

/// Takes the beginning of an answer; of CHDF5_DONE, `*size` bytes are still to be received.
static chdf5_code receive_head(chdf5_file *file, uint64_t *size, chdf5_error *error) {
  chdf5_answer head;
  if (!receive(file, &head, sizeof head)) return silence(file, error);
  if (head.code != CHDF5_DONE) return receive_error(file, &head, error);
  *size = head.size;
  return CHDF5_DONE;
}

/// Asks, and takes the beginning of the answer. `attribute` is empty where it is the object itself that
/// is asked about.
static chdf5_code ask(
    chdf5_file *file, chdf5_request request, const char *name, const char *attribute,
    uint64_t *size, chdf5_error *error) {
  if (file->end.code != CHDF5_DONE) {
    *error = file->end;
    return error->code;
  }
  file->deadline = csandbox_deadline(file->patience);
  request.name_size = strlen(name);
  request.attribute_size = strlen(attribute);
  if (!send_all(file, &request, sizeof request) || !send_all(file, name, request.name_size) ||
      !send_all(file, attribute, request.attribute_size))
    return silence(file, error);
  return receive_head(file, size, error);
}

/// Asks for what has exactly `size` bytes.
static chdf5_code ask_bytes(
    chdf5_file *file, chdf5_request request, const char *name, const char *attribute, void *bytes,
    size_t size, chdf5_error *error) {
  uint64_t sent;
  chdf5_code code = ask(file, request, name, attribute, &sent, error);
  if (code != CHDF5_DONE) return code;
  if (sent != size) return nonsense(file, error);
  return receive(file, bytes, size) ? CHDF5_DONE : silence(file, error);
}

/// Asks for a list of texts, each followed by a zero.
static chdf5_code ask_list(
    chdf5_file *file, chdf5_request request, const char *name, const char *attribute, char **names,
    size_t *size, chdf5_error *error) {
  uint64_t sent;
  chdf5_code code = ask(file, request, name, attribute, &sent, error);
  if (code != CHDF5_DONE) return code;
  if (sent > CHDF5_MOST_NAMES) return nonsense(file, error);
  char *bytes = malloc(sent + 1);
  if (bytes == NULL) {
    chdf5_system(error, "take the texts", name, ENOMEM);
    return give_up(file, error);
  }
  if (!receive(file, bytes, sent)) {
    code = silence(file, error);
  } else if (sent > 0 && bytes[sent - 1] != 0) {
    code = nonsense(file, error);
  } else {
    *names = bytes;
    *size = sent;
    return CHDF5_DONE;
  }
  free(bytes);
  return code;
}

chdf5_code chdf5_open_with(
    void (*serve)(void *context, int connection), void *context, size_t size, int patience,
    chdf5_file **file, chdf5_error *error) {
  chdf5_file *new = calloc(1, sizeof *new);
  if (new == NULL) return chdf5_system(error, "open the file", "", ENOMEM);
  new->is_confined = true;
  // libhdf5 keeps the bytes twice, an array once while it is read and once more until it is sent.
  new->limits = (csandbox_limits){((size_t)64 << 20) + 16 * size, 1 + (unsigned)(size >> 24)};
  new->patience = patience + 1000 * (int)new->limits.seconds;
  // The library is opened here once and not in every copy.
  chdf5_code code = chdf5_enter(error);
  chdf5_leave();
  if (code != CHDF5_DONE) {
    free(new);
    return code;
  }
  const char *step;
  int number = csandbox_start(&new->child, new->limits, &chdf5_lock, serve, context, &step);
  if (number != 0) {
    free(new);
    chdf5_system(error, "", "", number);
    snprintf(
        error->operation, sizeof error->operation, "confine the process that reads it (%s)", step);
    return error->code;
  }
  new->deadline = csandbox_deadline(new->patience);
  uint64_t nothing;
  code = receive_head(new, &nothing, error);
  if (code == CHDF5_DONE && nothing != 0) code = nonsense(new, error);
  if (code == CHDF5_DONE) {
    *file = new;
  } else {
    chdf5_close(new);
  }
  return code;
}

// With a process and without

chdf5_code chdf5_open(
    const void *image, size_t size, bool is_confined, chdf5_file **file, chdf5_error *error) {
  *file = NULL;
  if (is_confined) {
    chdf5_image context = {image, size};
    // A minute more than it can be busy; only a machine without any processor to spare takes it.
    return chdf5_open_with(chdf5_serve, &context, size, 60000, file, error);
  }
  chdf5_file *new = calloc(1, sizeof *new);
  if (new == NULL) return chdf5_system(error, "open the file", "", ENOMEM);
  chdf5_code code = chdf5_enter(error);
  if (code == CHDF5_DONE) code = chdf5_parse(image, size, &new->id, error);
  chdf5_leave();
  if (code == CHDF5_DONE) {
    *file = new;
  } else {
    free(new);
  }
  return code;
}

chdf5_code chdf5_kind_of(
    chdf5_file *file, const char *name, chdf5_kind *kind, chdf5_error *error) {
  if (file->is_confined) {
    chdf5_request request = {.question = CHDF5_ASK_KIND};
    chdf5_code code = ask_bytes(file, request, name, "", kind, sizeof *kind, error);
    return code == CHDF5_DONE && (unsigned)*kind > CHDF5_LINK ? nonsense(file, error) : code;
  }
  chdf5_code code = chdf5_enter(error);
  if (code == CHDF5_DONE) code = chdf5_find(file->id, name, kind, error);
  chdf5_leave();
  return code;
}

chdf5_code chdf5_members_of(
    chdf5_file *file, const char *name, const char **names, size_t *size, chdf5_error *error) {
  free(file->names);
  file->names = NULL;
  *size = 0;
  chdf5_code code;
  if (file->is_confined) {
    chdf5_request request = {.question = CHDF5_ASK_MEMBERS};
    code = ask_list(file, request, name, "", &file->names, size, error);
  } else {
    code = chdf5_enter(error);
    if (code == CHDF5_DONE) code = chdf5_list(file->id, name, &file->names, size, error);
    chdf5_leave();
  }
  *names = file->names;
  return code;
}

chdf5_code chdf5_form_of(
    chdf5_file *file, const char *name, chdf5_form *form, chdf5_error *error) {
  if (file->is_confined) {
    chdf5_request request = {.question = CHDF5_ASK_FORM};
    chdf5_code code = ask_bytes(file, request, name, "", form, sizeof *form, error);
    return code == CHDF5_DONE && !chdf5_is_sound(form) ? nonsense(file, error) : code;
  }
  chdf5_code code = chdf5_enter(error);
  if (code == CHDF5_DONE) code = chdf5_describe(file->id, name, form, error);
  chdf5_leave();
  return code;
}

chdf5_code chdf5_read_numbers(
    chdf5_file *file, const char *name, chdf5_number type, void *values, size_t count,
    chdf5_error *error) {
  if (file->is_confined) {
    chdf5_request request = {.question = CHDF5_ASK_NUMBERS, .type = type, .count = count};
    return ask_bytes(file, request, name, "", values, count * chdf5_number_size(type), error);
  }
  chdf5_code code = chdf5_enter(error);
  if (code == CHDF5_DONE) code = chdf5_load_numbers(file->id, name, type, values, count, error);
  chdf5_leave();
  return code;
}

chdf5_code chdf5_read_texts(
    chdf5_file *file, const char *name, char *bytes, size_t size, chdf5_error *error) {
  if (file->is_confined) {
    chdf5_request request = {.question = CHDF5_ASK_TEXTS, .count = size};
    return ask_bytes(file, request, name, "", bytes, size, error);
  }
  chdf5_code code = chdf5_enter(error);
  if (code == CHDF5_DONE) code = chdf5_load_texts(file->id, name, bytes, size, error);
  chdf5_leave();
  return code;
}

chdf5_code chdf5_has_attribute(
    chdf5_file *file, const char *name, const char *attribute, bool *exists, chdf5_error *error) {
  if (file->is_confined) {
    chdf5_request request = {.question = CHDF5_ASK_ATTRIBUTE};
    // A byte, as what another process says may be no bool.
    uint8_t answer = 0;
    _Static_assert(sizeof answer == sizeof *exists, "a bool is a byte");
    chdf5_code code =
        ask_bytes(file, request, name, attribute, &answer, sizeof answer, error);
    *exists = answer == 1;
    return code == CHDF5_DONE && answer > 1 ? nonsense(file, error) : code;
  }
  chdf5_code code = chdf5_enter(error);
  if (code == CHDF5_DONE) code = chdf5_find_attribute(file->id, name, attribute, exists, error);
  chdf5_leave();
  return code;
}

chdf5_code chdf5_texts_of(
    chdf5_file *file, const char *name, const char *attribute, const char **texts, size_t *size,
    chdf5_error *error) {
  free(file->names);
  file->names = NULL;
  *size = 0;
  chdf5_code code;
  if (file->is_confined) {
    chdf5_request request = {.question = CHDF5_ASK_ATTRIBUTE_TEXTS};
    code = ask_list(file, request, name, attribute, &file->names, size, error);
  } else {
    code = chdf5_enter(error);
    if (code == CHDF5_DONE)
      code = chdf5_load_attribute(file->id, name, attribute, &file->names, size, error);
    chdf5_leave();
  }
  *texts = file->names;
  return code;
}

void chdf5_close(chdf5_file *file) {
  if (file == NULL) return;
  if (file->is_confined) {
    csandbox_stop(file->child);
  } else {
    chdf5_error unheard;
    chdf5_enter(&unheard);
    H5Fclose(file->id);
    chdf5_leave();
  }
  free(file->names);
  free(file);
}
