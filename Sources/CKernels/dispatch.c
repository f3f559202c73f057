// Picks, once, the loops compiled for the best instruction set that the processor has, and passes
// every call on to them.
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "CKernels.h"

#if defined(__x86_64__)
#define MC_HAS_X86_LEVELS 1
#else
#define MC_HAS_X86_LEVELS 0
#endif

enum { LEVEL_UNKNOWN, LEVEL_BASELINE, LEVEL_V3, LEVEL_V4 };

static const char *const names[] = {"", "baseline", "x86-64-v3", "x86-64-v4"};
static _Atomic int chosen = LEVEL_UNKNOWN;

static int best_level(void) {
#if MC_HAS_X86_LEVELS
  __builtin_cpu_init();
  if (__builtin_cpu_supports("x86-64-v4")) return LEVEL_V4;
  if (__builtin_cpu_supports("x86-64-v3")) return LEVEL_V3;
#endif
  return LEVEL_BASELINE;
}

static int choose(void) {
  int level = best_level();
  const char *wish = getenv("MINICNN_KERNELS");
  for (int lesser = LEVEL_BASELINE; wish && lesser < level; lesser++)
    if (strcmp(wish, names[lesser]) == 0) level = lesser;
  // Two threads that get here first both store the same number.
  atomic_store_explicit(&chosen, level, memory_order_relaxed);
  return level;
}

static inline int level(void) {
  int known = atomic_load_explicit(&chosen, memory_order_relaxed);
  return known != LEVEL_UNKNOWN ? known : choose();
}

const char *mc_instruction_set(void) { return names[level()]; }

#define MC_FUNCTION(result, name, parameters, arguments) \
  result name##_baseline parameters;                     \
  result name##_v3 parameters;                           \
  result name##_v4 parameters;
#include "functions.def"
#undef MC_FUNCTION

#if MC_HAS_X86_LEVELS
#define MC_FUNCTION(result, name, parameters, arguments) \
  result name parameters {                               \
    switch (level()) {                                   \
      case LEVEL_V4: return name##_v4 arguments;         \
      case LEVEL_V3: return name##_v3 arguments;         \
      default: return name##_baseline arguments;         \
    }                                                    \
  }
#else
#define MC_FUNCTION(result, name, parameters, arguments) \
  result name parameters { return name##_baseline arguments; }
#endif
#include "functions.def"
