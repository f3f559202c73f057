// What parses an archive: libzip on bytes that may be made to exploit its errors.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <zip.h>

#include "process.h"

/// Deflate writes at most 258 bytes for two bits.
enum { MOST_EXPANSION = 1032 };

static carchives_code refuse_zip(carchives_error *error, zip_error_t *reason) {
  return zip_error_code_zip(reason) == ZIP_ER_MEMORY
             ? carchives_system(error, "read it", ENOMEM)
             : carchives_refuse(error, CARCHIVES_DAMAGED, zip_error_strerror(reason));
}

static carchives_code open_archive(
    carchives_archive archive, zip_t **zip, carchives_error *error) {
  zip_error_t reason;
  zip_error_init(&reason);
  carchives_code code = CARCHIVES_DONE;
  zip_source_t *source = zip_source_buffer_create(archive.bytes, archive.size, 0, &reason);
  if (source == NULL) {
    code = refuse_zip(error, &reason);
  } else if ((*zip = zip_open_from_source(source, ZIP_RDONLY, &reason)) == NULL) {
    code = refuse_zip(error, &reason);
    zip_source_free(source);
  }
  zip_error_fini(&reason);
  return code;
}

/// Reads what an archive states of a member, and checks that it can be.
static carchives_code look_at(
    zip_t *zip, carchives_archive archive, size_t number, zip_stat_t *entry,
    carchives_error *error) {
  const zip_uint64_t needed = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE |
                              ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
  if (zip_stat_index(zip, number, 0, entry) != 0) return refuse_zip(error, zip_get_error(zip));
  if ((entry->valid & needed) != needed)
    return carchives_refuse(error, CARCHIVES_DAMAGED, "a member without its size");
  if (entry->encryption_method != ZIP_EM_NONE)
    return carchives_refuse(error, CARCHIVES_UNSUPPORTED, "an encrypted member");
  if (entry->comp_method != ZIP_CM_STORE && entry->comp_method != ZIP_CM_DEFLATE)
    return carchives_refuse(
        error, CARCHIVES_UNSUPPORTED, "a member that is neither stored nor deflated");
  if (entry->size > CARCHIVES_MOST_BYTES)
    return carchives_refuse(error, CARCHIVES_UNSUPPORTED, "a member of over 4 GiB");
  if (entry->comp_size > archive.size || entry->size / MOST_EXPANSION > entry->comp_size)
    return carchives_refuse(error, CARCHIVES_DAMAGED, "a member of more bytes than it can have");
  return CARCHIVES_DONE;
}

static carchives_code list_members(
    zip_t *zip, carchives_archive archive, carchives_member *members, size_t *count,
    carchives_error *error) {
  zip_int64_t entries = zip_get_num_entries(zip, 0);
  if (entries < 0 || entries > CARCHIVES_MOST_MEMBERS)
    return carchives_refuse(error, CARCHIVES_UNSUPPORTED, "an archive of too many files");
  for (size_t number = 0; number < (size_t)entries; number++) {
    zip_stat_t entry;
    carchives_code code = look_at(zip, archive, number, &entry, error);
    if (code != CARCHIVES_DONE) return code;
    members[number] = (carchives_member){.size = entry.size};
    size_t length = strlen(entry.name);
    if (length < sizeof members[number].name) memcpy(members[number].name, entry.name, length);
  }
  *count = (size_t)entries;
  return CARCHIVES_DONE;
}

static carchives_code read_member(
    zip_t *zip, size_t number, void *content, size_t size, carchives_error *error) {
  zip_file_t *file = zip_fopen_index(zip, number, 0);
  if (file == NULL) return refuse_zip(error, zip_get_error(zip));
  carchives_code code = CARCHIVES_DONE;
  size_t done = 0;
  zip_int64_t got = 1;
  while (done < size && got > 0) {
    got = zip_fread(file, (char *)content + done, size - done);
    if (got > 0) done += (size_t)got;
  }
  // Reading on to the end has the checksum compared.
  char more;
  if (got >= 0) got = zip_fread(file, &more, 1);
  if (got < 0) {
    code = refuse_zip(error, zip_file_get_error(file));
  } else if (done < size || got > 0) {
    code = carchives_refuse(error, CARCHIVES_OTHER_SIZE, NULL);
  }
  zip_fclose(file);
  return code;
}

carchives_code carchives_list_here(
    carchives_archive archive, carchives_member *members, size_t *count, carchives_error *error) {
  zip_t *zip;
  carchives_code code = open_archive(archive, &zip, error);
  if (code != CARCHIVES_DONE) return code;
  code = list_members(zip, archive, members, count, error);
  zip_discard(zip);
  return code;
}

carchives_code carchives_read_here(
    carchives_archive archive, size_t number, void *content, size_t size, carchives_error *error) {
  zip_t *zip;
  carchives_code code = open_archive(archive, &zip, error);
  if (code != CARCHIVES_DONE) return code;
  zip_stat_t entry;
  code = look_at(zip, archive, number, &entry, error);
  if (code == CARCHIVES_DONE)
    code = entry.size == size ? read_member(zip, number, content, size, error)
                              : carchives_refuse(error, CARCHIVES_OTHER_SIZE, NULL);
  zip_discard(zip);
  return code;
}
