// libhdf5 of the system, for the C of CHDF5 alone.
#pragma once
#include <hdf5.h>
