// Transposes blocks of 16 by 16 floats.

// Rows i and i + 8 side by side, lane by lane; four times over, rows have become columns.
INLINE void transpose_lines(v16 *m) {
  for (int round = 0; round < 4; round++) {
    v16 next[16];
    for (int i = 0; i < 8; i++) {
      next[2 * i] = __builtin_shufflevector(m[i], m[i + 8], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5,
                                            21, 6, 22, 7, 23);
      next[2 * i + 1] = __builtin_shufflevector(m[i], m[i + 8], 8, 24, 9, 25, 10, 26, 11, 27, 12,
                                                28, 13, 29, 14, 30, 15, 31);
    }
    for (int i = 0; i < 16; i++) m[i] = next[i];
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
