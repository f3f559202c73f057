// What the parts of this program share.
#pragma once
#include <FalseAnswers.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Ends the program with a line where a promise does not hold.
#define REQUIRE(promise) require((promise), #promise)
void require(bool holds, const char *promise);

typedef struct {
  unsigned char *bytes;
  size_t size;
} file_image;

/// A changed copy of one of the seeds, to be freed: one to four changes, rarely of none.
file_image mutate(const file_image *seeds, size_t count, uint64_t *state);

/// Looks at some of the objects in a file; `turn` says which member of a group comes first. The first
/// error of a reading process ends it, others do not; that error, or CHDF5_DONE.
chdf5_code look(chdf5_file *file, size_t turn, chdf5_error *error);

/// Whether an error is one that CHDF5.h describes.
void check_error(const chdf5_error *error, chdf5_code code);

/// Reads and writes as a guest: what the program has set up for itself stays as it was.
void visit_host(const file_image *seed);

/// Has the system refuse the confinement step by step: no process may read then.
void refuse_confinement(const file_image *seed);
