// What the parts of CMPI know of the ranks.
#pragma once
#include "CMPI.h"

/// Fills in what is known of an error of MPI.
cmpi_outcome cmpi_error(int code, int rank, cmpi_failure *failure);

/// Makes room for exchanges with so many ranks; false where there is no memory.
_Bool cmpi_make_room(int count);
