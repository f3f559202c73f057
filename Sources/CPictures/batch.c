// Several pictures in one process, which takes longer to start than a small picture takes to decode.
#include <CSandbox.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "process.h"

typedef struct {
  const cpictures_task *tasks;
  size_t count;
} batch;

/// Does the tasks one after the other, each of which answers.
static void serve_batch(void *context, int connection) {
  const batch *all = context;
  for (size_t i = 0; i < all->count; i++) cpictures_serve((void *)&all->tasks[i], connection);
}

/// Decodes the pictures of the tasks in a process; the code of the first that cannot be.
static cpictures_code decode_batch(
    batch all, cpictures_picture *pictures, size_t *decoded, cpictures_error *error) {
  size_t largest = 0, pixels = 0;
  for (size_t i = 0; i < all.count; i++) {
    size_t size = (size_t)all.tasks[i].size.height * all.tasks[i].size.width;
    largest = size > largest ? size : largest;
    pixels += size;
  }
  // As for one picture: each is freed before the next.
  csandbox_limits limits = {
      ((size_t)64 << 20) + 16 * largest, 2 + (unsigned)(pixels >> 22) + (unsigned)(all.count >> 8)};
  csandbox_child child;
  const char *step;
  int number = csandbox_start(&child, limits, NULL, serve_batch, &all, &step);
  if (number != 0) return cpictures_unconfined(error, step, number);
  int64_t deadline = csandbox_deadline(60000 + 1000 * (int)limits.seconds);
  cpictures_code code = CPICTURES_DONE;
  while (*decoded < all.count && code == CPICTURES_DONE) {
    code = cpictures_receive(
        &child, limits, deadline, all.tasks[*decoded].size, &pictures[*decoded], error);
    if (code == CPICTURES_DONE) ++*decoded;
  }
  csandbox_stop(child);
  if (code != CPICTURES_DONE) cpictures_free(&pictures[*decoded]);
  return code;
}

cpictures_code cpictures_decode_all(
    const cpictures_coded *files, size_t count, cpictures_picture *pictures, size_t *decoded,
    cpictures_error *error) {
  *decoded = 0;
  *error = (cpictures_error){0};
  cpictures_task *tasks = calloc(count + 1, sizeof *tasks);
  if (tasks == NULL) return cpictures_system(error, "decode them", ENOMEM);
  // Those before the first that cannot be measured are decoded first, as their faults come first.
  cpictures_code code = CPICTURES_DONE;
  cpictures_error fault = {0};
  batch all = {tasks, 0};
  while (all.count < count && code == CPICTURES_DONE) {
    const cpictures_coded *file = &files[all.count];
    cpictures_task *task = &tasks[all.count];
    pictures[all.count] = (cpictures_picture){0};
    *task = (cpictures_task){{file->bytes, file->size}, file->format, {0, 0}};
    code = cpictures_measure(task->file, task->format, &task->size, &fault);
    if (code == CPICTURES_DONE) all.count++;
  }
  cpictures_code answer =
      all.count == 0 ? CPICTURES_DONE : decode_batch(all, pictures, decoded, error);
  if (answer == CPICTURES_DONE && code != CPICTURES_DONE) *error = fault;
  free(tasks);
  return answer == CPICTURES_DONE ? code : answer;
}
