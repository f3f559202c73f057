#include <errno.h>
#include <stdlib.h>

#include "library.h"

/// The most bytes of a chunk, so that a reader of one row need not read a whole large array.
static const uint64_t most_chunk_bytes = 1 << 20;

struct chdf5_writer {
  hid_t file;
};

static chdf5_code begin(size_t block, hid_t *file, chdf5_error *error) {
  OWNED access = H5Pcreate(H5P_FILE_ACCESS);
  if (access < 0 || H5Pset_fapl_core(access, 1 << 20, false) < 0)
    return chdf5_failed(error, "keep the file in memory", "/");
  OWNED creation = H5Pcreate(H5P_FILE_CREATE);
  if (creation < 0 || H5Pset_userblock(creation, block) < 0)
    return chdf5_failed(error, "make room for the leading block", "/");
  *file = H5Fcreate(chdf5_unique_name().text, H5F_ACC_TRUNC, creation, access);
  return *file < 0 ? chdf5_failed(error, "create a file", "/") : CHDF5_DONE;
}

chdf5_code chdf5_begin(size_t block, chdf5_writer **writer, chdf5_error *error) {
  *writer = NULL;
  chdf5_writer *new = calloc(1, sizeof *new);
  if (new == NULL) return chdf5_system(error, "create a file", "/", ENOMEM);
  chdf5_code code = chdf5_enter(error);
  if (code == CHDF5_DONE) code = begin(block, &new->file, error);
  chdf5_leave();
  if (code == CHDF5_DONE) {
    *writer = new;
  } else {
    free(new);
  }
  return code;
}

static chdf5_code create_group(hid_t file, const char *name, chdf5_error *error) {
  OWNED creation = H5Pcreate(H5P_GROUP_CREATE);
  if (creation < 0 || H5Pset_obj_track_times(creation, false) < 0)
    return chdf5_failed(error, "leave out times", name);
  OWNED links = H5Pcreate(H5P_LINK_CREATE);
  if (links < 0 || H5Pset_create_intermediate_group(links, 1) < 0)
    return chdf5_failed(error, "make the groups above", name);
  OWNED group = H5Gcreate2(file, name, links, creation, H5P_DEFAULT);
  return group < 0 ? chdf5_failed(error, "create the group", name) : CHDF5_DONE;
}

chdf5_code chdf5_create_group(chdf5_writer *writer, const char *name, chdf5_error *error) {
  chdf5_code code = chdf5_enter(error);
  if (code == CHDF5_DONE) code = create_group(writer->file, name, error);
  chdf5_leave();
  return code;
}

/// Cuts an array into chunks of equal height, because the last one takes as much room as the others;
/// negative on failure.
static herr_t set_chunks(hid_t creation, size_t element_size, int rank, const hsize_t *shape) {
  hsize_t chunk[H5S_MAX_RANK];
  uint64_t row_bytes = element_size;
  for (int axis = 0; axis < rank; axis++) {
    chunk[axis] = shape[axis];
    if (axis > 0) row_bytes *= shape[axis];
  }
  uint64_t rows = row_bytes < most_chunk_bytes ? most_chunk_bytes / row_bytes : 1;
  uint64_t chunks = (shape[0] + rows - 1) / rows;
  chunk[0] = (shape[0] + chunks - 1) / chunks;
  return H5Pset_chunk(creation, rank, chunk);
}

/// What is written, in the terms of libhdf5: the type in the file and in memory.
typedef struct {
  hid_t stored, native;
  size_t element_size;
  const void *bytes;
} content;

static chdf5_code write(
    hid_t file, const char *name, content content, int rank, const uint64_t *extents,
    chdf5_error *error) {
  if (rank < 0 || rank > H5S_MAX_RANK)
    return chdf5_refused(error, name, "at most 32 extents", "%d", rank);
  hsize_t shape[H5S_MAX_RANK];
  bool is_empty = false;
  for (int axis = 0; axis < rank; axis++) {
    shape[axis] = extents[axis];
    is_empty |= extents[axis] == 0;
  }
  OWNED space = rank == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(rank, shape, NULL);
  if (space < 0) return chdf5_failed(error, "describe the shape", name);
  OWNED creation = H5Pcreate(H5P_DATASET_CREATE);
  if (creation < 0 || H5Pset_obj_track_times(creation, false) < 0)
    return chdf5_failed(error, "leave out times", name);
  // A single number and an empty array cannot be cut into chunks.
  if (rank > 0 && !is_empty) {
    if (set_chunks(creation, content.element_size, rank, shape) < 0)
      return chdf5_failed(error, "cut it into chunks", name);
    if (H5Pset_fletcher32(creation) < 0) return chdf5_failed(error, "add checksums", name);
  }
  OWNED links = H5Pcreate(H5P_LINK_CREATE);
  if (links < 0 || H5Pset_create_intermediate_group(links, 1) < 0)
    return chdf5_failed(error, "make the groups above", name);
  OWNED data =
      H5Dcreate2(file, name, content.stored, space, links, creation, H5P_DEFAULT);
  if (data < 0) return chdf5_failed(error, "create the array", name);
  if (!is_empty &&
      H5Dwrite(data, content.native, H5S_ALL, H5S_ALL, H5P_DEFAULT, content.bytes) < 0)
    return chdf5_failed(error, "write the array", name);
  return CHDF5_DONE;
}

chdf5_code chdf5_write_numbers(
    chdf5_writer *writer, const char *name, chdf5_number type, const void *values, int rank,
    const uint64_t *shape, chdf5_error *error) {
  chdf5_code code = chdf5_enter(error);
  // The types are variables of libhdf5, which it fills when it is opened.
  const hid_t types[][2] = {
      [CHDF5_FLOAT32] = {H5T_IEEE_F32LE, H5T_NATIVE_FLOAT},
      [CHDF5_FLOAT64] = {H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE},
      [CHDF5_INT64] = {H5T_STD_I64LE, H5T_NATIVE_INT64},
      [CHDF5_UINT64] = {H5T_STD_U64LE, H5T_NATIVE_UINT64},
      [CHDF5_UINT8] = {H5T_STD_U8LE, H5T_NATIVE_UINT8},
  };
  content content = {types[type][0], types[type][1], chdf5_number_size(type), values};
  if (code == CHDF5_DONE) code = write(writer->file, name, content, rank, shape, error);
  chdf5_leave();
  return code;
}

static chdf5_code write_texts(
    hid_t file, const char *name, const char *bytes, size_t count, size_t length,
    chdf5_error *error) {
  OWNED type = H5Tcopy(H5T_C_S1);
  if (type < 0 || H5Tset_size(type, length) < 0 || H5Tset_cset(type, H5T_CSET_UTF8) < 0 ||
      H5Tset_strpad(type, H5T_STR_NULLPAD) < 0)
    return chdf5_failed(error, "describe a text", name);
  return write(file, name, (content){type, type, length, bytes}, 1, &(uint64_t){count}, error);
}

chdf5_code chdf5_write_texts(
    chdf5_writer *writer, const char *name, const char *bytes, size_t count, size_t length,
    chdf5_error *error) {
  chdf5_code code = chdf5_enter(error);
  if (code == CHDF5_DONE) code = write_texts(writer->file, name, bytes, count, length, error);
  chdf5_leave();
  return code;
}

chdf5_code chdf5_finish(chdf5_writer *writer, size_t *size, chdf5_error *error) {
  chdf5_code code = chdf5_enter(error);
  ssize_t bytes = 0;
  if (code == CHDF5_DONE && H5Fflush(writer->file, H5F_SCOPE_GLOBAL) < 0)
    code = chdf5_failed(error, "flush the file", "/");
  if (code == CHDF5_DONE && (bytes = H5Fget_file_image(writer->file, NULL, 0)) < 0)
    code = chdf5_failed(error, "size the file", "/");
  *size = bytes < 0 ? 0 : (size_t)bytes;
  chdf5_leave();
  return code;
}

chdf5_code chdf5_copy(chdf5_writer *writer, void *bytes, size_t size, chdf5_error *error) {
  chdf5_code code = chdf5_enter(error);
  if (code == CHDF5_DONE && H5Fget_file_image(writer->file, bytes, size) != (ssize_t)size)
    code = chdf5_failed(error, "copy the file", "/");
  chdf5_leave();
  return code;
}

void chdf5_discard(chdf5_writer *writer) {
  if (writer == NULL) return;
  chdf5_error unheard;
  chdf5_enter(&unheard);
  H5Fclose(writer->file);
  chdf5_leave();
  free(writer);
}
