// What the C files that are compiled once ask about the loops in use.
#pragma once
#include <stdbool.h>

// Whether they are the plain ones.
bool mc_is_plain(void);
