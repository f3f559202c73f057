// The weights of the four control points around a point at fraction t between the middle two: a
// uniform cubic B-spline, which is smooth to its second derivative.
INLINE void spline_weights(float t, float w[4]) {
  float u = 1 - t;
  w[0] = u * u * u / 6;
  w[1] = (3 * t * t * t - 6 * t * t + 4) / 6;
  w[2] = (3 * u * u * u - 6 * u * u + 4) / 6;
  w[3] = t * t * t / 6;
}

void mc_spline_field(size_t height, size_t width, size_t columns, float spacing,
                     const float *restrict controls, float *restrict scratch,
                     float *restrict field) {
  float w[4];
  for (size_t i = 0; i < height; i++) {
    float position = (float)i / spacing;
    size_t first = (size_t)position;
    spline_weights(position - (float)first, w);
    const float *c = controls + first * columns;
    for (size_t k = 0; k < columns; k++)
      scratch[i * columns + k] =
          w[0] * c[k] + w[1] * c[columns + k] + w[2] * c[2 * columns + k] + w[3] * c[3 * columns + k];
  }
  // Column by column of the field, so that the weights are computed once.
  for (size_t j = 0; j < width; j++) {
    float position = (float)j / spacing;
    size_t first = (size_t)position;
    spline_weights(position - (float)first, w);
    for (size_t i = 0; i < height; i++) {
      const float *c = scratch + i * columns + first;
      field[i * width + j] = w[0] * c[0] + w[1] * c[1] + w[2] * c[2] + w[3] * c[3];
    }
  }
}

INLINE float clamped(float x, float least, float most) {
  x = x < least ? least : x;
  return x > most ? most : x;
}

INLINE void warp(size_t height, size_t width, size_t channels, const float map[6],
                 const float *field, const float *restrict framed, float *restrict y) {
  float lastRow = (float)(height + 1), lastColumn = (float)(width + 1);
  int32_t line = (int32_t)((width + 2) * channels), step = (int32_t)channels;
  const float *rows = field, *columns = field ? field + height * width : NULL;
  for (size_t i = 0; i < height; i++) {
    float row0 = map[0] * (float)i + map[2] + 1, column0 = map[3] * (float)i + map[5] + 1;
    for (size_t j = 0; j < width; j++) {
      float row = row0 + map[1] * (float)(int32_t)j;
      float column = column0 + map[4] * (float)(int32_t)j;
      if (field) {
        row += rows[i * width + j];
        column += columns[i * width + j];
      }
      row = clamped(row, 0, lastRow);
      column = clamped(column, 0, lastColumn);
      // On the frame's last row or column, the full step from the one before.
      int32_t r = (int32_t)row, c = (int32_t)column;
      r = r > (int32_t)height ? (int32_t)height : r;
      c = c > (int32_t)width ? (int32_t)width : c;
      float down = row - (float)r, right = column - (float)c;
      const float *at = framed;
      int32_t corner = r * line + c * step;
      for (size_t k = 0; k < channels; k++) {
        int32_t p = corner + (int32_t)k;
        float top = at[p] + right * (at[p + step] - at[p]);
        float bottom = at[p + line] + right * (at[p + line + step] - at[p + line]);
        y[(i * width + j) * channels + k] = top + down * (bottom - top);
      }
    }
  }
}

void mc_warp(size_t height, size_t width, size_t channels, const float map[6], const float *field,
             const float *framed, float *y) {
  // With one channel and a field or none known, the loop over a row is free of branches.
  if (channels == 1 && field) return warp(height, width, 1, map, field, framed, y);
  if (channels == 1) return warp(height, width, 1, map, NULL, framed, y);
  warp(height, width, channels, map, field, framed, y);
}
