// Prints each loop's name and digest, with a tab between: the lines of digests.txt, in the order of the headers.
#include <inttypes.h>
#include <stdio.h>

#include "CKernels.h"
#include "MachineBits.h"

int main(void) {
  fprintf(stderr, "%s: %s\n", mc_instruction_set(), mc_arithmetic());
  for (int i = 0; i < machine_bits_count(); i++)
    printf("%s\t%016" PRIx64 "\n", machine_bits_name(i), machine_bits_digest(i));
  return 0;
}
