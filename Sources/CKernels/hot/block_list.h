// Blocks of outputs, each kept in registers while its sums run: how many outputs a block has is a
// constant, as an array of vectors stays in registers only where every index is one.

// The functions name_1 to name_12 are the block `name` with that many rows, `most` at most, and
// name_of is the list of them. Each is a function of its own, because in one that holds them all
// the compiler would keep sums in memory.
#define MC_BLOCK(name, rows, most)                                              \
  static __attribute__((noinline)) void name##_##rows(const void *operands) {   \
    if ((rows) <= (most)) name(rows, operands);                                 \
  }
#define MC_BLOCKS(name, most)                                                                  \
  MC_BLOCK(name, 1, most) MC_BLOCK(name, 2, most) MC_BLOCK(name, 3, most)                      \
  MC_BLOCK(name, 4, most) MC_BLOCK(name, 5, most) MC_BLOCK(name, 6, most)                      \
  MC_BLOCK(name, 7, most) MC_BLOCK(name, 8, most) MC_BLOCK(name, 9, most)                      \
  MC_BLOCK(name, 10, most) MC_BLOCK(name, 11, most) MC_BLOCK(name, 12, most)                   \
  static void (*const name##_of[])(const void *) = {                                           \
      NULL,     name##_1, name##_2, name##_3, name##_4,  name##_5, name##_6,                   \
      name##_7, name##_8, name##_9, name##_10, name##_11, name##_12};

// Rows of the next block when `left` are left: as evenly as possible, because a block of few rows
// waits for its own sums.
INLINE size_t even_rows(size_t left, size_t most) {
  size_t blocks = (left + most - 1) / most;
  return (left + blocks - 1) / blocks;
}
