// Winograd's minimal filtering F(2x2, 3x3) (Lavin and Gray 2016, "Fast algorithms for convolutional
// neural networks"): 16 products give 2x2 outputs of a 3x3 kernel instead of 36.

// V = Bt d B of 4x4 pixels `line` and `step` floats apart, for 16 channels; the 16 positions of V are
// `stride` floats apart.
INLINE void transform_input(const float *d, size_t line, size_t step, float *v, size_t stride) {
  v16 t[4][4];
  for (int j = 0; j < 4; j++) {
    v16 d0, d1, d2, d3;
    load(d + j * step, &d0);
    load(d + line + j * step, &d1);
    load(d + 2 * line + j * step, &d2);
    load(d + 3 * line + j * step, &d3);
    t[0][j] = d0 - d2;
    t[1][j] = d1 + d2;
    t[2][j] = d2 - d1;
    t[3][j] = d1 - d3;
  }
  for (int i = 0; i < 4; i++) {
    v16 v0 = t[i][0] - t[i][2], v1 = t[i][1] + t[i][2];
    v16 v2 = t[i][2] - t[i][1], v3 = t[i][1] - t[i][3];
    store(v + (size_t)(i * 4) * stride, &v0);
    store(v + (size_t)(i * 4 + 1) * stride, &v1);
    store(v + (size_t)(i * 4 + 2) * stride, &v2);
    store(v + (size_t)(i * 4 + 3) * stride, &v3);
  }
}

// y = At m A: the 2x2 outputs of a tile, for 16 channels; the positions of m are `stride` floats apart.
INLINE void transform_output(const float *m, size_t stride, const v16 *start, v16 *y) {
  v16 s[2][4];
  for (int j = 0; j < 4; j++) {
    v16 m0, m1, m2, m3;
    load(m + (size_t)j * stride, &m0);
    load(m + (size_t)(4 + j) * stride, &m1);
    load(m + (size_t)(8 + j) * stride, &m2);
    load(m + (size_t)(12 + j) * stride, &m3);
    s[0][j] = m0 + m1 + m2;
    s[1][j] = m1 - m2 - m3;
  }
  for (int i = 0; i < 2; i++) {
    y[i * 2] = *start + (s[i][0] + s[i][1] + s[i][2]);
    y[i * 2 + 1] = *start + (s[i][1] - s[i][2] - s[i][3]);
  }
}

// Where a tile's outputs go.
typedef struct {
  bool relu, pooled;  // pooled: each tile is one window of a max pooling
  size_t height, width, channels;  // of the image y, from its first row
  float *y;
  uint8_t *argmax;  // may be NULL
} TileSink;

INLINE void sink_tile(const TileSink *sink, size_t row, size_t column, size_t o, v16 *tile) {
  if (sink->pooled) {
    v16 best = tile[0];
    i16 position = {0};
    for (int k = 1; k < 4; k++) take_larger(&tile[k], k, &best, &position);
    if (sink->relu) relu16(&best);
    size_t to = (row * sink->width + column) * sink->channels + o;
    store(sink->y + to, &best);
    store_positions(sink->argmax, 1, to, &position);
    return;
  }
  for (size_t i = 0; i < 2 && row * 2 + i < sink->height; i++)
    for (size_t j = 0; j < 2 && column * 2 + j < sink->width; j++) {
      v16 value = tile[i * 2 + j];
      if (sink->relu) relu16(&value);
      store(sink->y + ((row * 2 + i) * sink->width + column * 2 + j) * sink->channels + o, &value);
    }
}

// The tiles of rows firstRow to below endRow, counted in tiles; the first row goes to the sink's row
// 0. Each block of tiles is transformed, multiplied and transformed back while it is in the first
// cache.
//
// work: 16 * WINOGRAD_TILES * (inputs + 16) floats.
static void winograd_rows(const ConvolutionForm *f, size_t firstRow, size_t endRow, size_t across,
                          const float *image, const float *u, const float *bias,
                          const TileSink *sink, float *work) {
  size_t line = bordered_line(f), inputs = f->inputs, tiles = (endRow - firstRow) * across;
  float *v = work, *m = work + 16 * WINOGRAD_TILES * inputs;
  Segments s = {.rowStride = inputs, .outer = 1, .inner = 1, .length = inputs};
  const v16 zero = {0};
  Product product = {.s = &s, .start = &zero, .yStride = 16, .columns = 16};
  for (size_t t = 0, count; t < tiles; t += count) {
    count = even_rows(tiles - t, WINOGRAD_TILES);
    for (size_t i = 0; i < count; i++) {
      size_t row = firstRow + (t + i) / across, column = (t + i) % across;
      const float *d = image + 2 * row * line + 2 * column * inputs;
      for (size_t c = 0; c < inputs; c += 16)
        transform_input(d + c, line, inputs, v + i * inputs + c, count * inputs);
    }
    for (size_t o = 0; o < f->outputs; o += 16) {
      v16 start = {0};
      if (bias) load(bias + o, &start);
      for (size_t position = 0; position < 16; position++)
        for (size_t i = 0, rows; i < count; i += rows) {
          rows = even_rows(count - i, MC_ROWS);
          product.a = v + (position * count + i) * inputs;
          product.b = u + (o + position) * inputs * 16;
          product.y = m + (position * count + i) * 16;
          product_rows(rows, &product);
        }
      for (size_t i = 0; i < count; i++) {
        v16 tile[4];
        transform_output(m + i * 16, count * 16, &start, tile);
        sink_tile(sink, (t + i) / across, (t + i) % across, o, tile);
      }
    }
  }
}
