// What the C files that are compiled once ask about the loops in use.
#pragma once
#include <stdbool.h>

// Whether they are the plain ones.
bool mc_is_plain(void);

// Unless the environment variable MINICNN_WINOGRAD is "off", which lets results be compared.
bool mc_winograd_is_wanted(void);
