// Which versions of the system's libraries this program works with.
#pragma once
#include <stddef.h>

typedef struct {
  const char *name;
  /// Of the library that is loaded, where it says that, or else of the one that this was compiled with.
  char version[64];
} clibraries_entry;

enum { CLIBRARIES_COUNT = 7 };

/// Lists all of them.
void clibraries_list(clibraries_entry entries[CLIBRARIES_COUNT]);
