// The gradient of a 3x3 kernel by Winograd's minimal filtering F(3x3, 4x4): it is a convolution too,
// of x with dy as the kernel and 3x3 outputs. A tile of 4x4 of dy and the 6x6 pixels of x it meets
// take 36 products instead of 144. The products of all tiles are added up before they are transformed
// back, once for all images.
//
// The polynomials behind it are evaluated at 0, 3/4, -3/4, 3/2, -3/2 and infinity: with 1 and 2 in
// place of 3/4 and 3/2 the errors are twice as large. The factors that are not exact in binary are
// left to the last transform.
#define NEAR 0.75f
#define FAR 1.5f
#define NEAR2 (NEAR * NEAR)
#define FAR2 (FAR * FAR)

// As many channels at once as one register holds: the transforms need all registers there are.
#if MC_ROWS >= 12
typedef v16 TileVector;
#else
typedef v8 TileVector;
#endif
enum { TILE_LANES = sizeof(TileVector) / sizeof(float) };

INLINE void load_tile(const float *p, TileVector *v) { __builtin_memcpy(v, p, sizeof *v); }
INLINE void store_tile(float *p, const TileVector *v) { __builtin_memcpy(p, v, sizeof *v); }

// v = Bt d of six vectors; the results are `stride` vectors apart.
INLINE void transform_image6(const TileVector *d, TileVector *v, const int stride) {
  TileVector even = d[4] - FAR2 * d[2], odd = NEAR * (d[3] - FAR2 * d[1]);
  TileVector evens = d[4] - NEAR2 * d[2], odds = FAR * (d[3] - NEAR2 * d[1]);
  v[0] = d[4] - (NEAR2 + FAR2) * d[2] + NEAR2 * FAR2 * d[0];
  v[stride] = even + odd;
  v[2 * stride] = even - odd;
  v[3 * stride] = evens + odds;
  v[4 * stride] = evens - odds;
  v[5 * stride] = d[5] - (NEAR2 + FAR2) * d[3] + NEAR2 * FAR2 * d[1];
}

// y = G g of four vectors.
INLINE void transform_gradient4(const TileVector *g, TileVector *y, const int stride) {
  TileVector even = g[0] + NEAR2 * g[2], odd = NEAR * (g[1] + NEAR2 * g[3]);
  TileVector evens = g[0] + FAR2 * g[2], odds = FAR * (g[1] + FAR2 * g[3]);
  y[0] = g[0];
  y[stride] = even + odd;
  y[2 * stride] = even - odd;
  y[3 * stride] = evens + odds;
  y[4 * stride] = evens - odds;
  y[5 * stride] = g[3];
}

// w = At m of six vectors.
INLINE void transform_kernel3(const v16 *m, v16 *w, const int stride) {
  const float zero = 1 / (NEAR2 * FAR2);
  const float near = 1 / (2 * NEAR2 * (NEAR2 - FAR2)), far = 1 / (2 * FAR2 * (FAR2 - NEAR2));
  v16 nears = (m[1] + m[2]) * near, fars = (m[3] + m[4]) * far;
  w[0] = zero * m[0] + (nears + fars);
  w[stride] = NEAR * near * (m[1] - m[2]) + FAR * far * (m[3] - m[4]);
  w[2 * stride] = m[5] + (NEAR2 * nears + FAR2 * fars);
}
#undef NEAR
#undef FAR
#undef NEAR2
#undef FAR2

// Gradients of a tile in each direction, and positions of a transformed tile.
enum { GRADIENT_SIDE = 4, GRADIENT_POSITIONS = 36 };

// V = Bt d B of the 6x6 pixels at d, for TILE_LANES channels.
INLINE void transform_image_lanes(const float *d, size_t line, size_t step, float *v,
                                  size_t position) {
  TileVector down[6][6];
#pragma clang loop unroll(full)
  for (int j = 0; j < 6; j++) {
    TileVector column[6];
    for (int i = 0; i < 6; i++) load_tile(d + (size_t)i * line + (size_t)j * step, &column[i]);
    transform_image6(column, &down[0][j], 6);
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < 6; i++) {
    TileVector row[6];
    transform_image6(down[i], row, 1);
    for (int j = 0; j < 6; j++) store_tile(v + (size_t)(i * 6 + j) * position, &row[j]);
  }
}

// Y = G g Gt of the 4x4 gradients at g, for TILE_LANES channels.
INLINE void transform_gradient_lanes(const float *g, size_t line, size_t step, float *y,
                                     size_t position) {
  TileVector down[6][4];
#pragma clang loop unroll(full)
  for (int j = 0; j < 4; j++) {
    TileVector column[4];
    for (int i = 0; i < 4; i++) load_tile(g + (size_t)i * line + (size_t)j * step, &column[i]);
    transform_gradient4(column, &down[0][j], 4);
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < 6; i++) {
    TileVector row[6];
    transform_gradient4(down[i], row, 1);
    for (int j = 0; j < 6; j++) store_tile(y + (size_t)(i * 6 + j) * position, &row[j]);
  }
}

// The same for 16 channels, of which the first `skip` are not needed.
static void transform_image_tile(const float *d, size_t line, size_t step, size_t skip, float *v,
                                 size_t position) {
  for (size_t l = skip / TILE_LANES * TILE_LANES; l < 16; l += TILE_LANES)
    transform_image_lanes(d + l, line, step, v + l, position);
}

static void transform_gradient_tile(const float *g, size_t line, size_t step, size_t skip,
                                    float *y, size_t position) {
  for (size_t l = skip / TILE_LANES * TILE_LANES; l < 16; l += TILE_LANES)
    transform_gradient_lanes(g + l, line, step, y + l, position);
}

typedef struct {
  const ConvolutionForm *f;
  ConvolutionForm image, gradient;  // bordered so that they are whole tiles
  size_t inputs, outputs, blocks;   // blocks of 16 outputs
  size_t sumInputs;                 // gradient_inputs
  size_t down, across;              // tiles of an image
  size_t vPosition, yPosition;      // floats of one position
  size_t held;                      // tiles that wait for their products
  bool adds;                        // there are products already
  float *space;                     // a bordered image and a bordered gradient
  float *v;                         // [position][tile][inputs]
  float *y;                         // [position][block of outputs][tile][16]
  // [position][sumInputs][blocks * 16]: sums of products, of each output with the inputs of its block.
  float *m;
} TileGradient;

// scratch: gradient_winograd_room floats.
static TileGradient tile_gradient(const ConvolutionForm *f, float *scratch) {
  TileGradient t = {.f = f, .sumInputs = gradient_inputs(f), .image = gradient_image_form(f), .gradient = gradient_tiles_form(f),
                    .inputs = f->inputs, .outputs = f->outputs,
                    .blocks = blocks_of_16(f->outputs),
                    .vPosition = gradient_image_position(f),
                    .yPosition = gradient_tiles_position(f)};
  t.down = t.gradient.paddedHeight / GRADIENT_SIDE;
  t.across = t.gradient.paddedWidth / GRADIENT_SIDE;
  t.space = scratch;
  t.v = t.space + image_room(&t.image) + image_room(&t.gradient);
  t.y = t.v + GRADIENT_POSITIONS * t.vPosition;
  t.m = t.y + GRADIENT_POSITIONS * t.yPosition;
  return t;
}

// m[position][c][o] += sum over the tiles that are held of v[position][tile][c] times
// y[position][tile][o].
static void multiply_held_tiles(TileGradient *t) {
  size_t room = t->blocks * 16;
  for (size_t position = 0; position < GRADIENT_POSITIONS; position++)
    for (size_t o = 0, columns; o < t->outputs; o += columns) {
      OutputBlock block = gradient_block(t->f, o, BLOCK_COLUMNS);
      columns = block.width;
      // The last block holds the last 16 outputs, so that some are in the block before it as well.
      size_t twice = o + columns == t->outputs ? room - t->outputs : 0;
      const float *lines = t->y + position * t->yPosition + o * GRADIENT_TILES;
      OuterProduct product = {.aStride = t->inputs, .b = columns <= 16 ? lines + twice : lines,
                              .bStride = 16, .bNext = GRADIENT_TILES * 16 + twice,
                              .count = t->held, .lines = 1, .adds = t->adds, .dwStride = room,
                              .columns = (columns + 7) / 8 * 8};
      if (product.columns == 24) product.columns = 32;
      for (size_t c = 0, rows; c < block.inputs; c += rows) {
        rows = even_rows(block.inputs - c, most_rows(columns));
        product.a = t->v + position * t->vPosition + block.firstInput + c;
        product.dw = t->m + (position * t->sumInputs + c) * room + o;
        outer_rows(rows, &product);
      }
    }
  t->adds = true;
  t->held = 0;
}

// The tiles of one image are transformed, and multiplied when there are enough of them. dbias may be
// NULL.
static void add_tiles(TileGradient *t, const float *x, const float *dy, float *dbias) {
  float *space = t->space + image_room(&t->image);
  // Room for a tile is room for sixteen lines of outputs.
  if (dbias)
    add_column_sums(t->gradient.height * t->gradient.width, t->outputs, dy, dbias, space);
  const float *image = bordered(&t->image, x, t->space);
  const float *gradient = bordered(&t->gradient, dy, space);
  size_t line = bordered_line(&t->image), gradientLine = bordered_line(&t->gradient);
  for (size_t i = 0; i < t->down * t->across; i++) {
    size_t row = i / t->across * GRADIENT_SIDE, column = i % t->across * GRADIENT_SIDE;
    const float *d = image + row * line + column * t->inputs;
    const float *g = gradient + row * gradientLine + column * t->outputs;
    // The last vector overlaps the one before it where the channels are no whole vectors.
    for (size_t c = 0; c < t->inputs; c += 16) {
      size_t first = c + 16 <= t->inputs ? c : t->inputs - 16;
      transform_image_tile(d + first, line, t->inputs, c - first,
                           t->v + t->held * t->inputs + first, t->vPosition);
    }
    for (size_t o = 0; o < t->outputs; o += 16) {
      size_t first = o + 16 <= t->outputs ? o : t->outputs - 16;
      transform_gradient_tile(g + first, gradientLine, t->outputs, o - first,
                              t->y + (o * GRADIENT_TILES + t->held * 16), t->yPosition);
    }
    if (++t->held == GRADIENT_TILES) multiply_held_tiles(t);
  }
}

// to[first..end) += v[first..end).
static void add_lanes(const v16 *v, size_t first, size_t end, float *to) {
  if (first == 0 && end == 16) {
    v16 old;
    load(to, &old);
    old += *v;
    store(to, &old);
    return;
  }
  float lanes[16];
  store(lanes, v);
  for (size_t l = first; l < end; l++) to[l] += lanes[l];
}

// dkernel += At m A. Of what a block of several groups has summed up, only the products of channels of
// the same group are wanted.
static void finish_held_tiles(TileGradient *t, float *dkernel) {
  if (t->held > 0) multiply_held_tiles(t);
  if (!t->adds) return;
  const ConvolutionForm *f = t->f;
  size_t room = t->blocks * 16, position = t->sumInputs * room;
  OutputBlock blocks[MOST_GRADIENT_CHANNELS / LANES];
  for (size_t j = 0; j < t->blocks; j++) blocks[j] = gradient_block(f, j * 16, 16);
  for (size_t k = 0; k < t->sumInputs; k++)
    for (size_t j = 0; j < t->blocks; j++) {
      const OutputBlock block = blocks[j];
      if (k >= block.inputs) continue;
      size_t o = block.start, c = block.firstInput + k, own = c / f->groupInputs * f->groupOutputs;
      size_t first = own > o ? own - o : 0, end = own + f->groupOutputs - o;
      if (end > block.width) end = block.width;
      const float *m = t->m + k * room + o;
      v16 down[3][6];
#pragma clang loop unroll(full)
      for (int j = 0; j < 6; j++) {
        v16 column[6];
        for (int i = 0; i < 6; i++) load(m + (size_t)(i * 6 + j) * position, &column[i]);
        transform_kernel3(column, &down[0][j], 6);
      }
      for (size_t r = 0; r < 3; r++) {
        v16 taps[3];
        transform_kernel3(down[r], taps, 1);
        for (size_t s = 0; s < 3; s++)
          add_lanes(&taps[s], first, end,
                    dkernel + ((r * 3 + s) * f->groupInputs + c % f->groupInputs) * t->outputs + o);
      }
    }
}
