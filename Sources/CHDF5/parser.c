#include "parser.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

chdf5_code chdf5_parse(const void *image, size_t size, hid_t *file, chdf5_error *error) {
  OWNED access = H5Pcreate(H5P_FILE_ACCESS);
  // libhdf5 takes the bytes as writable and copies them.
  if (access < 0 || H5Pset_fapl_core(access, 1 << 20, false) < 0 ||
      H5Pset_file_image(access, (void *)image, size) < 0)
    return chdf5_failed(error, "take the bytes", "");
  *file = H5Fopen(chdf5_unique_name().text, H5F_ACC_RDONLY, access);
  return *file < 0 ? chdf5_failed(error, "open the file", "") : CHDF5_DONE;
}

/// What is at `path`, whose parent is a group.
static chdf5_code look_up(hid_t file, const char *path, chdf5_kind *kind, chdf5_error *error) {
  *kind = CHDF5_NOTHING;
  htri_t exists = H5Lexists(file, path, H5P_DEFAULT);
  if (exists < 0) return chdf5_failed(error, "look it up", path);
  if (exists == 0) return CHDF5_DONE;
  H5L_info_t link;
  if (H5Lget_info(file, path, &link, H5P_DEFAULT) < 0)
    return chdf5_failed(error, "look it up", path);
  *kind = CHDF5_LINK;
  if (link.type != H5L_TYPE_HARD) return CHDF5_DONE;
  OWNED object = H5Oopen(file, path, H5P_DEFAULT);
  if (object < 0) return chdf5_failed(error, "open it", path);
  H5I_type_t type = H5Iget_type(object);
  *kind = type == H5I_GROUP     ? CHDF5_GROUP
          : type == H5I_DATASET ? CHDF5_DATASET
                                : CHDF5_DATATYPE;
  return CHDF5_DONE;
}

chdf5_code chdf5_find(hid_t file, const char *name, chdf5_kind *kind, chdf5_error *error) {
  // One component after the other, as libhdf5 itself would follow links on the way.
  char *path = malloc(strlen(name) + 2);
  if (path == NULL) return chdf5_system(error, "look it up", name, errno);
  chdf5_code code = CHDF5_DONE;
  size_t length = 0;
  *kind = CHDF5_GROUP;
  for (const char *rest = name; code == CHDF5_DONE && rest[strspn(rest, "/")] != 0;) {
    if (*kind != CHDF5_GROUP) {
      if (*kind != CHDF5_LINK) *kind = CHDF5_NOTHING;
      break;
    }
    rest += strspn(rest, "/");
    size_t component = strcspn(rest, "/");
    path[length++] = '/';
    memcpy(path + length, rest, component);
    path[length += component] = 0;
    rest += component;
    code = look_up(file, path, kind, error);
  }
  free(path);
  return code;
}

static chdf5_code require(
    hid_t file, const char *name, chdf5_kind wanted, chdf5_error *error) {
  static const char *const names[] = {
      [CHDF5_NOTHING] = "nothing",
      [CHDF5_GROUP] = "a group",
      [CHDF5_DATASET] = "a dataset",
      [CHDF5_DATATYPE] = "a named datatype",
      [CHDF5_LINK] = "a soft or external link",
  };
  chdf5_kind kind;
  chdf5_code code = chdf5_find(file, name, &kind, error);
  if (code != CHDF5_DONE || kind == wanted) return code;
  return chdf5_refused(error, name, names[wanted], "%s", names[kind]);
}

bool chdf5_append(chdf5_list_of_texts *list, const char *text, size_t length) {
  // As long as the list is bounded, no sum of this is beyond a size.
  if (length >= CHDF5_MOST_NAMES || list->size + length + 1 > CHDF5_MOST_NAMES) list->code = E2BIG;
  if (list->code == 0 && list->size + length + 1 > list->room) {
    size_t room = 2 * (list->size + length + 1);
    char *bytes = realloc(list->bytes, room);
    if (bytes == NULL) {
      list->code = ENOMEM;
    } else {
      list->bytes = bytes;
      list->room = room;
    }
  }
  if (list->code != 0) return false;
  memcpy(list->bytes + list->size, text, length);
  list->bytes[list->size + length] = 0;
  list->size += length + 1;
  return true;
}

static herr_t append_name(hid_t group, const char *name, const H5L_info_t *link, void *context) {
  (void)group, (void)link;
  return chdf5_append(context, name, strlen(name)) ? 0 : 1;
}

chdf5_code chdf5_list(
    hid_t file, const char *name, char **names, size_t *size, chdf5_error *error) {
  chdf5_code code = require(file, name, CHDF5_GROUP, error);
  if (code != CHDF5_DONE) return code;
  OWNED group = H5Gopen2(file, name, H5P_DEFAULT);
  if (group < 0) return chdf5_failed(error, "open the group", name);
  chdf5_list_of_texts list = {0};
  hsize_t index = 0;
  if (H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, &index, append_name, &list) < 0)
    code = chdf5_failed(error, "list its members", name);
  else if (list.code == E2BIG)
    code = chdf5_refused(error, name, "names of at most 16 MiB in all", "longer ones");
  else if (list.code != 0)
    code = chdf5_system(error, "list its members", name, list.code);
  if (code == CHDF5_DONE) {
    *names = list.bytes;
    *size = list.size;
  } else {
    free(list.bytes);
  }
  return code;
}

bool chdf5_is_sound(const chdf5_form *form) {
  if ((unsigned)form->elements > CHDF5_OTHER || form->element_size == 0 ||
      form->element_size > UINT32_MAX || form->rank < -1 || form->rank > CHDF5_MOST_EXTENTS)
    return false;
  uint64_t bytes = form->element_size < 8 ? 8 : form->element_size;
  for (int axis = 0; axis < form->rank; axis++) {
    uint64_t extent = form->shape[axis];
    if (__builtin_mul_overflow(bytes, extent == 0 ? 1 : extent, &bytes)) return false;
  }
  return bytes <= PTRDIFF_MAX;
}

size_t chdf5_element_count(const chdf5_form *form) {
  size_t count = form->rank >= 0;
  for (int axis = 0; axis < form->rank; axis++) count *= form->shape[axis];
  return count;
}

bool chdf5_get_form(hid_t type, hid_t space, chdf5_form *form) {
  memset(form, 0, sizeof *form);
  form->element_size = H5Tget_size(type);
  switch (H5Tget_class(type)) {
    case H5T_FLOAT: form->elements = CHDF5_FLOATS; break;
    case H5T_INTEGER:
      form->elements = H5Tget_sign(type) == H5T_SGN_2 ? CHDF5_SIGNED : CHDF5_UNSIGNED;
      break;
    case H5T_STRING:
      form->elements = H5Tis_variable_str(type) == 0 ? CHDF5_TEXTS : CHDF5_LOOSE_TEXTS;
      break;
    default: form->elements = CHDF5_OTHER;
  }
  switch (H5Sget_simple_extent_type(space)) {
    case H5S_NULL: form->rank = -1; break;
    case H5S_SCALAR: form->rank = 0; break;
    case H5S_SIMPLE: {
      hsize_t extents[H5S_MAX_RANK];
      form->rank = H5Sget_simple_extent_ndims(space);
      if (form->rank < 0 || form->rank > CHDF5_MOST_EXTENTS ||
          H5Sget_simple_extent_dims(space, extents, NULL) != form->rank)
        return false;
      for (int axis = 0; axis < form->rank; axis++) form->shape[axis] = extents[axis];
      break;
    }
    default: return false;
  }
  return chdf5_is_sound(form);
}

/// Refuses elements outside the file, and filters that only a plugin knows.
static chdf5_code check_storage(hid_t creation, const char *name, chdf5_error *error) {
  H5D_layout_t layout = H5Pget_layout(creation);
  if (layout < 0) return chdf5_failed(error, "read its layout", name);
  if (layout == H5D_VIRTUAL || H5Pget_external_count(creation) != 0)
    return chdf5_refused(error, name, "elements in this file", "a reference to other files");
  int count = H5Pget_nfilters(creation);
  if (count < 0) return chdf5_failed(error, "read its filters", name);
  for (int index = 0; index < count; index++) {
    unsigned flags = 0, configuration = 0;
    size_t parameters = 0;
    H5Z_filter_t filter = H5Pget_filter2(
        creation, (unsigned)index, &flags, &parameters, NULL, 0, NULL, &configuration);
    if (filter != H5Z_FILTER_DEFLATE && filter != H5Z_FILTER_SHUFFLE &&
        filter != H5Z_FILTER_FLETCHER32)
      return chdf5_refused(
          error, name, "no filter, or deflate, shuffle and Fletcher32", "filter %d", (int)filter);
  }
  return CHDF5_DONE;
}

/// Refuses chunks larger than the array may ever be: libhdf5 writes none, but would read beyond its
/// buffers for a damaged file that states some.
static chdf5_code check_chunks(
    hid_t creation, hid_t space, const char *name, chdf5_error *error) {
  if (H5Pget_layout(creation) != H5D_CHUNKED) return CHDF5_DONE;
  hsize_t most[H5S_MAX_RANK], chunk[H5S_MAX_RANK];
  int rank = H5Sget_simple_extent_ndims(space);
  if (rank < 0 || rank > H5S_MAX_RANK || H5Sget_simple_extent_dims(space, NULL, most) != rank)
    return chdf5_failed(error, "read the shape", name);
  int found = H5Pget_chunk(creation, rank, chunk);
  if (found < 0) return chdf5_failed(error, "read its chunks", name);
  if (found != rank)
    return chdf5_refused(error, name, "chunks of the rank of the array", "chunks of rank %d", found);
  bool fits = true;
  uint64_t shapes[2][H5S_MAX_RANK];
  for (int axis = 0; axis < rank; axis++) {
    // An unlimited extent is the largest value there is.
    fits &= chunk[axis] <= (most[axis] == 0 ? 1 : most[axis]);
    shapes[0][axis] = most[axis];
    shapes[1][axis] = chunk[axis];
  }
  if (fits) return CHDF5_DONE;
  char texts[2][200] = {"chunks within the shape ", "chunks of shape "};
  for (int side = 0; side < 2; side++)
    chdf5_append_shape(texts[side], sizeof texts[side], shapes[side], rank);
  chdf5_refused(error, name, texts[0], "%s", texts[1]);
  error->is_damaged = 1;
  return error->code;
}

/// Opens a dataset after checking where and how its elements are stored.
static chdf5_code open_array(
    hid_t file, const char *name, hid_t *data, chdf5_form *form, chdf5_error *error) {
  *data = H5I_INVALID_HID;
  chdf5_code code = require(file, name, CHDF5_DATASET, error);
  if (code != CHDF5_DONE) return code;
  *data = H5Dopen2(file, name, H5P_DEFAULT);
  if (*data < 0) return chdf5_failed(error, "open the array", name);
  OWNED creation = H5Dget_create_plist(*data);
  if (creation < 0) return chdf5_failed(error, "read its properties", name);
  code = check_storage(creation, name, error);
  if (code != CHDF5_DONE) return code;
  OWNED type = H5Dget_type(*data);
  if (type < 0) return chdf5_failed(error, "read the type", name);
  OWNED space = H5Dget_space(*data);
  if (space < 0) return chdf5_failed(error, "read the shape", name);
  if (!chdf5_get_form(type, space, form))
    return chdf5_refused(error, name, "an array that fits memory", "an impossible shape");
  return check_chunks(creation, space, name, error);
}

chdf5_code chdf5_describe(hid_t file, const char *name, chdf5_form *form, chdf5_error *error) {
  OWNED data;
  return open_array(file, name, &data, form, error);
}

static chdf5_code load(
    hid_t data, hid_t type, void *bytes, size_t count, const char *name, chdf5_error *error) {
  if (count == 0 || H5Dread(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes) >= 0)
    return CHDF5_DONE;
  return chdf5_failed(error, "read the array", name);
}

chdf5_code chdf5_load_numbers(
    hid_t file, const char *name, chdf5_number type, void *values, size_t count,
    chdf5_error *error) {
  OWNED data;
  chdf5_form form;
  chdf5_code code = open_array(file, name, &data, &form, error);
  if (code != CHDF5_DONE) return code;
  if (form.elements > CHDF5_UNSIGNED)
    return chdf5_refused(error, name, "numbers", "other elements");
  // libhdf5 writes as many elements as the file states.
  if (chdf5_element_count(&form) != count)
    return chdf5_refused(error, name, "the elements asked for", "another number of them");
  const hid_t native[] = {
      [CHDF5_FLOAT32] = H5T_NATIVE_FLOAT, [CHDF5_FLOAT64] = H5T_NATIVE_DOUBLE,
      [CHDF5_INT64] = H5T_NATIVE_INT64,   [CHDF5_UINT64] = H5T_NATIVE_UINT64,
      [CHDF5_UINT8] = H5T_NATIVE_UINT8,
  };
  return load(data, native[type], values, count, name, error);
}

chdf5_code chdf5_load_texts(
    hid_t file, const char *name, char *bytes, size_t size, chdf5_error *error) {
  OWNED data;
  chdf5_form form;
  chdf5_code code = open_array(file, name, &data, &form, error);
  if (code != CHDF5_DONE) return code;
  // Texts of any length would be pointers.
  if (form.elements != CHDF5_TEXTS)
    return chdf5_refused(error, name, "texts of fixed length", "other elements");
  if (chdf5_element_count(&form) * form.element_size != size)
    return chdf5_refused(error, name, "the bytes asked for", "another number of them");
  OWNED type = H5Dget_type(data);
  if (type < 0) return chdf5_failed(error, "read the type", name);
  return load(data, type, bytes, size, name, error);
}
