// The cases by name. The headers of CKernels are read with an MC_KERNEL that registers the case of the loop it
// follows: a loop without a case does not link.
#include <stdlib.h>

#include "MachineBits.h"
#include "bits.h"

typedef struct {
  const char *name;
  void (*run)(Bits *);
} Case;

static Case cases[256];
static int count;

static void add(const char *name, void (*run)(Bits *)) {
  if ((size_t)count == COUNT_OF(cases)) abort();
  cases[count++] = (Case){name, run};
}

#define REGISTER(name)                                       \
  BITS_OF(name);                                             \
  __attribute__((constructor)) static void add_##name(void) { \
    add(#name, bits_of_##name);                              \
  }                                                          \
  BITS_OF(name)
#define MC_KERNEL(name, ...) ; REGISTER(name)
#include "CKernels.h"

REGISTER(mc_exp);
REGISTER(mc_log);
REGISTER(mc_log1p);
REGISTER(mc_expm1);
REGISTER(mc_power);
REGISTER(mc_sin);
REGISTER(mc_cos);
REGISTER(steps_of_training);

int machine_bits_count(void) { return count; }

const char *machine_bits_name(int index) { return cases[index].name; }

uint64_t machine_bits_digest(int index) {
  Bits bits = {0};
  cases[index].run(&bits);
  release(&bits);
  return bits.digest;
}
