// HDF5 files in memory: groups, arrays of numbers and of texts, read and written.
//
// A file is a tree. Its inner nodes are groups, its leaves are datasets, and "/layers/dense/vars/0"
// is the path of one from the root. A dataset has a form: the type of its elements and a shape, the
// extents with the outermost first, none for a single number. Elements lie in row-major order.
//
// Every call returns a code, and fills `error` where that is not CHDF5_DONE. Calls may come from any
// number of threads; those on one file or writer must come one after the other. A program that
// itself calls libhdf5 on other threads, which this cannot know of, must not do so meanwhile.
//
// What else a program finds changed in its libhdf5: the first call opens it and, unless the program
// has done so before, has it close nothing at the program's exit (H5dont_atexit). During a call errors
// are not printed and no plugins are loaded; after it both are as the program had them.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// How a call ended.
typedef enum {
  CHDF5_DONE,
  /// HDF5 could not do `operation`; `message` is its own reason.
  CHDF5_FAILED,
  /// What the file holds is not what is read: `expected` and, in `message`, what was found.
  CHDF5_REFUSED,
  /// The system did not do `operation`; `number` is the value of `errno`.
  CHDF5_SYSTEM,
  /// The process that reads the file was ended by the signal `number`.
  CHDF5_CRASHED,
  /// The process that reads the file was killed by another, or by a system without memory.
  CHDF5_KILLED,
  /// The process that reads the file has used all its processor time, `number` seconds.
  CHDF5_EXHAUSTED,
  /// The process that reads the file has ended without an answer, or not given all of one within a
  /// minute and its processor time.
  CHDF5_SILENT,
  /// The process that reads the file has given an invalid answer.
  CHDF5_NONSENSE,
} chdf5_code;

/// What went wrong. Texts end with a zero and are cut where they do not fit.
typedef struct {
  chdf5_code code;
  int number;
  /// Not 0 where the reason can only be that the file has been damaged.
  int is_damaged;
  /// What was tried, in the infinitive: "read the array".
  char operation[80];
  /// The path of the object in the file; empty where it is the file as a whole.
  char object[400];
  char expected[200];
  char message[400];
} chdf5_error;

/// What is at a path.
typedef enum {
  CHDF5_NOTHING,
  CHDF5_GROUP,
  CHDF5_DATASET,
  /// A datatype that has a name of its own.
  CHDF5_DATATYPE,
  /// A soft, external or user-defined link; none is followed.
  CHDF5_LINK,
} chdf5_kind;

/// What the elements of a dataset are, as the file states it.
typedef enum {
  /// Floating-point numbers, of either byte order.
  CHDF5_FLOATS,
  CHDF5_SIGNED,
  CHDF5_UNSIGNED,
  /// Texts of one fixed length.
  CHDF5_TEXTS,
  /// Texts of any length; they are not read.
  CHDF5_LOOSE_TEXTS,
  /// Compounds, enumerations, references, …; they are not read.
  CHDF5_OTHER,
} chdf5_elements;

/// The most extents of an array, HDF5's own bound.
#define CHDF5_MOST_EXTENTS 32

/// The element type and shape of a dataset. The number of elements, and of their bytes even if each
/// has eight, fits in `ptrdiff_t`; no memory has been allocated for them.
typedef struct {
  chdf5_elements elements;
  /// The number of extents: 0 for a scalar, -1 for HDF5's null dataspace, which holds nothing.
  int32_t rank;
  /// The bytes of one element in the file, from 1 to UINT32_MAX, as a file has four bytes for it.
  uint64_t element_size;
  /// The extents, outermost first.
  uint64_t shape[CHDF5_MOST_EXTENTS];
} chdf5_form;

/// The type of numbers in memory. In a file they are stored as the same type, little-endian.
typedef enum {
  CHDF5_FLOAT32,
  CHDF5_FLOAT64,
  CHDF5_INT64,
  CHDF5_UINT64,
  CHDF5_UINT8,
} chdf5_number;

/// The bytes of one number in memory.
size_t chdf5_number_size(chdf5_number type);

// Reading

/// A file that is read.
typedef struct chdf5_file chdf5_file;

/// Opens the `size` bytes of an HDF5 file; `*file` is to be closed.
///
/// Where `is_confined`, a process of its own parses them (CSandbox): no damage and no intent in a
/// file can then do more than make it answer wrongly or not at all, and after the first answer that
/// cannot be one, or is not there in time, every call fails with the same error. It can use 64 MB of memory and
/// 16 times the file's size, and a second of processor time and another for each 16 MB. Without, and
/// on systems that know no such process, libhdf5 parses them in this one, and a file that is made to
/// exploit an error of libhdf5 can. The bytes are copied; they may change after the call.
chdf5_code chdf5_open(
    const void *image, size_t size, bool is_confined, chdf5_file **file, chdf5_error *error);

/// Whether files can be read in a separate process here: on Linux.
bool chdf5_can_confine(void);

/// What is at the path `name`: CHDF5_LINK also where a link is on the way to it.
chdf5_code chdf5_kind_of(
    chdf5_file *file, const char *name, chdf5_kind *kind, chdf5_error *error);

/// The names in a group, in increasing order of bytes and each followed by a zero: `*size` bytes, at
/// most 16 MiB, which the file keeps until it is asked for members or for texts again,
/// or closed.
chdf5_code chdf5_members_of(
    chdf5_file *file, const char *name, const char **names, size_t *size, chdf5_error *error);

/// The form of a dataset whose elements are in the file itself, unfiltered or through deflate,
/// shuffle and Fletcher32.
chdf5_code chdf5_form_of(chdf5_file *file, const char *name, chdf5_form *form, chdf5_error *error);

/// Overwrites `values` with all elements of a dataset of numbers, which must be `count`, converted to
/// `type` as C does but within its range: what is too large becomes the largest.
chdf5_code chdf5_read_numbers(
    chdf5_file *file, const char *name, chdf5_number type, void *values, size_t count,
    chdf5_error *error);

/// Overwrites `bytes` with all elements of a dataset of texts of fixed length, which must be `size`
/// bytes in all; shorter texts are padded with zeros or as the file has them.
chdf5_code chdf5_read_texts(
    chdf5_file *file, const char *name, char *bytes, size_t size, chdf5_error *error);

/// Whether a group or a dataset has an attribute.
chdf5_code chdf5_has_attribute(
    chdf5_file *file, const char *name, const char *attribute, bool *exists, chdf5_error *error);

/// The texts in an attribute of a group or a dataset, of fixed or of any length, each followed by a
/// zero: `*size` bytes, at most 16 MiB, which the file keeps until it is asked for such a list or for
/// members again, or closed. Padding is left out. An attribute without elements has none, whatever
/// their type: some programs write an empty list of texts as one of numbers.
chdf5_code chdf5_texts_of(
    chdf5_file *file, const char *name, const char *attribute, const char **texts, size_t *size,
    chdf5_error *error);

/// Frees a file; NULL is allowed.
void chdf5_close(chdf5_file *file);

// Writing

/// A file that is built in memory.
typedef struct chdf5_writer chdf5_writer;

/// Begins an empty file, in whose bytes the first `block` are left to the caller: none, or a power of
/// two from 512 on. `*writer` is to be discarded.
///
/// The file's bytes follow from the calls alone: no time is stored, and the oldest format is used
/// that holds the content.
chdf5_code chdf5_begin(size_t block, chdf5_writer **writer, chdf5_error *error);

/// Makes a group, and those above it that do not exist yet.
chdf5_code chdf5_create_group(chdf5_writer *writer, const char *name, chdf5_error *error);

/// Writes an array of `rank` extents, outermost first, and the groups above it; a rank of 0 is a
/// single number. It is cut into chunks of about 1 MiB along the outermost extent, each with a
/// checksum (Fletcher32).
chdf5_code chdf5_write_numbers(
    chdf5_writer *writer, const char *name, chdf5_number type, const void *values, int rank,
    const uint64_t *shape, chdf5_error *error);

/// Writes an array of `count` texts in UTF-8, each of `length` bytes, at least 1, the shorter
/// ones filled up with zeros.
chdf5_code chdf5_write_texts(
    chdf5_writer *writer, const char *name, const char *bytes, size_t count, size_t length,
    chdf5_error *error);

/// Ends what is written; `*size` is the number of the file's bytes without the leading block.
chdf5_code chdf5_finish(chdf5_writer *writer, size_t *size, chdf5_error *error);

/// Copies the `size` bytes of a finished file to `bytes`.
chdf5_code chdf5_copy(chdf5_writer *writer, void *bytes, size_t size, chdf5_error *error);

/// Frees a writer; NULL is allowed.
void chdf5_discard(chdf5_writer *writer);
