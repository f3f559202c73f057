// How fast multiplications with additions can be: nothing else, and no memory.

size_t mc_multiply_adds(size_t least) {
  // Enough sums that none has to wait, and no more than there are registers.
  enum { SUMS = MC_ROWS > 4 ? MC_ROWS : 3, STEPS = 16 };
  v16 sum[SUMS] = {{0}}, factor = {0}, term = {0};
  size_t done = 0;
  for (; done < least; done += SUMS * STEPS * 16) {
    // The compiler must assume that the numbers have changed, and compute.
    __asm__ volatile("" : "+m"(factor), "+m"(term));
    v16 now = factor, more = term;
    for (int step = 0; step < STEPS; step++)
      for (int i = 0; i < SUMS; i++) sum[i] = sum[i] * now + more;
  }
  __asm__ volatile("" : : "m"(sum));
  return done;
}
