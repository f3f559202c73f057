// Transposes blocks of 16 by 16 floats.

// Pairs, then fours of rows within each quarter of a vector, then the quarters: each step is one
// instruction, where a step across all lanes takes several without AVX-512.
INLINE void transpose_lines(v16 *m) {
  v16 pairs[16], fours[16];
#pragma clang loop unroll(full)
  for (int i = 0; i < 16; i += 2) {
    pairs[i] = __builtin_shufflevector(m[i], m[i + 1], 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12,
                                       28, 13, 29);
    pairs[i + 1] = __builtin_shufflevector(m[i], m[i + 1], 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11,
                                           27, 14, 30, 15, 31);
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < 16; i += 4)
#pragma clang loop unroll(full)
    for (int half = 0; half < 2; half++) {
      fours[i + 2 * half] =
          __builtin_shufflevector(pairs[i + half], pairs[i + half + 2], 0, 1, 16, 17, 4, 5, 20, 21,
                                  8, 9, 24, 25, 12, 13, 28, 29);
      fours[i + 2 * half + 1] =
          __builtin_shufflevector(pairs[i + half], pairs[i + half + 2], 2, 3, 18, 19, 6, 7, 22, 23,
                                  10, 11, 26, 27, 14, 15, 30, 31);
    }
  // fours[4 * g + c]: in quarter q, column 4 * q + c of rows 4 * g to 4 * g + 3.
#pragma clang loop unroll(full)
  for (int c = 0; c < 4; c++) {
    v16 low[2], high[2];
#pragma clang loop unroll(full)
    for (int h = 0; h < 2; h++) {
      const v16 *even = &fours[8 * h + c], *odd = &fours[8 * h + 4 + c];
      low[h] = __builtin_shufflevector(*even, *odd, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21,
                                       22, 23);
      high[h] = __builtin_shufflevector(*even, *odd, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15,
                                        28, 29, 30, 31);
    }
    m[c] = __builtin_shufflevector(low[0], low[1], 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21,
                                   22, 23);
    m[4 + c] = __builtin_shufflevector(low[0], low[1], 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27,
                                       28, 29, 30, 31);
    m[8 + c] = __builtin_shufflevector(high[0], high[1], 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20,
                                       21, 22, 23);
    m[12 + c] = __builtin_shufflevector(high[0], high[1], 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26,
                                        27, 28, 29, 30, 31);
  }
}

// to[j][i] = from[i][j] for up to 16 rows and columns; `room` floats of each row of `to` are written,
// zeros after the last row.
static void transpose(size_t rows, size_t columns, const float *from, size_t fromStride, float *to,
                 size_t toStride, size_t room) {
  v16 m[16];
  for (size_t i = 0; i < 16; i++) {
    if (i >= rows) m[i] = (v16){0};
    else if (columns == 16) load(from + i * fromStride, &m[i]);
    else load_part(from + i * fromStride, columns, &m[i]);
  }
  transpose_lines(m);
  for (size_t j = 0; j < columns; j++) {
    if (room == 16) store(to + j * toStride, &m[j]);
    else store_part(to + j * toStride, room, &m[j]);
  }
}
