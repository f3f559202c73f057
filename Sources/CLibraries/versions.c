#include <hdf5.h>
#include <libdeflate.h>
#include <openssl/crypto.h>
#include <openssl/opensslv.h>
#include <png.h>
#include <stdio.h>
#include <zip.h>
#include <zlib.h>
// After stdio.h, which it takes for granted.
#include <jpeglib.h>

#include "CLibraries.h"

#define TEXT(number) TEXT_OF(number)
#define TEXT_OF(number) #number

static void add(clibraries_entry **next, const char *name, const char *version) {
  clibraries_entry *entry = (*next)++;
  entry->name = name;
  snprintf(entry->version, sizeof entry->version, "%s", version);
}

void clibraries_list(clibraries_entry entries[CLIBRARIES_COUNT]) {
  clibraries_entry *next = entries;
  unsigned major = 0, minor = 0, release = 0;
  char text[48];
  H5get_libversion(&major, &minor, &release);
  snprintf(text, sizeof text, "%u.%u.%u", major, minor, release);
  add(&next, "libhdf5", text);
  add(&next, "zlib", zlibVersion());
  add(&next, "libdeflate", LIBDEFLATE_VERSION_STRING);
  add(&next, "libpng", png_get_libpng_ver(NULL));
#ifdef LIBJPEG_TURBO_VERSION
  add(&next, "libjpeg-turbo", TEXT(LIBJPEG_TURBO_VERSION));
#else
  add(&next, "libjpeg", TEXT(JPEG_LIB_VERSION));
#endif
  add(&next, "libzip", zip_libzip_version());
#ifdef OPENSSL_VERSION_STRING
  add(&next, "libcrypto", OpenSSL_version(OPENSSL_VERSION_STRING));
#else
  add(&next, "libcrypto", OPENSSL_VERSION_TEXT);
#endif
}
