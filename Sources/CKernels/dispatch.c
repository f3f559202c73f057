// Picks, once, the loops compiled for the best instruction set that the processor has, and passes
// every call on to them.
#include "dispatch.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { UNKNOWN = -1, PLAIN, BASELINE, V3, V4 };

#if defined(__aarch64__)
#define BASELINE_NAME "neon"
#else
#define BASELINE_NAME "baseline"
#endif
static const char *const names[] = {"plain", BASELINE_NAME, "x86-64-v3", "x86-64-v4"};
static _Atomic int chosen = UNKNOWN;

static int best_level(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("x86-64-v4")) return V4;
  if (__builtin_cpu_supports("x86-64-v3")) return V3;
#endif
  return BASELINE;
}

// Not inlined, so that a call costs no more than the comparison.
static __attribute__((noinline, cold)) int choose(void) {
  int level = best_level();
  const char *wish = getenv("MINICNN_KERNELS");
  for (int lesser = PLAIN; wish && lesser < level; lesser++)
    if (strcmp(wish, names[lesser]) == 0) level = lesser;
  // Two threads that get here first both store the same number.
  atomic_store_explicit(&chosen, level, memory_order_relaxed);
  return level;
}

static inline int level(void) {
  int known = atomic_load_explicit(&chosen, memory_order_relaxed);
  return known != UNKNOWN ? known : choose();
}

// What the headers declare becomes a function that passes its arguments on to the loop of its level.
#if defined(__x86_64__)
#define MC_LEVELS(name) name##_plain, name##_baseline, name##_v3, name##_v4
#else
#define MC_LEVELS(name) name##_plain, name##_baseline
#endif
#define MC_KERNEL(name, ...)                                     \
  {                                                              \
    extern __typeof__(name) MC_LEVELS(name);                     \
    static __typeof__(name) *const levels[] = {MC_LEVELS(name)}; \
    return levels[level()](__VA_ARGS__);                         \
  }
#include "CKernels.h"

const char *mc_instruction_set(void) { return names[level()]; }

// What the compiler makes of a product that is added to something, for any processor of the architecture.
#if defined(__aarch64__) || defined(__FMA__)
#define BASELINE_ROUNDING "fused"
#elif defined(__x86_64__)
#define BASELINE_ROUNDING "rounded"
#else
#define BASELINE_ROUNDING "unknown"
#endif

#define ARITHMETICS(tiles) \
  {"plain " BASELINE_ROUNDING, BASELINE_ROUNDING tiles, "fused" tiles, "fused" tiles}

const char *mc_arithmetic(void) {
  static const char *const wanted[] = ARITHMETICS("");
  static const char *const unwanted[] = ARITHMETICS(" without Winograd");
  return (mc_winograd_is_wanted() ? wanted : unwanted)[level()];
}

bool mc_is_plain(void) { return level() == PLAIN; }
