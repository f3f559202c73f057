// The gradient of a kernel over one channel, as first layers have it: many taps of the kernel are
// summed at once, so that dy, which is large there, is read for all of them, with its mask and the
// gradient of the bias. Where one pass does not hold all taps, all passes go over a band of rows
// that stays in the first cache before they go on to the next one.

#if MC_ROWS >= 12
typedef v16 TapVector;
typedef i16 TapMask;
#else
typedef v8 TapVector;
typedef i8 TapMask;
#endif

// Outputs of a vector, and vectors of them at once.
enum { TAP_OUTPUTS = sizeof(TapVector) / sizeof(float), TAP_VECTORS = 2 };

typedef struct {
  const float *image;      // with its border
  size_t line, step, row;  // floats between rows and columns of the output, and rows of the kernel
  size_t height, width, outputs, kernelHeight, kernelWidth;
  const float *dy, *mask;  // [height, width, outputs]; dy counts where the mask is positive
  float *dkernel, *dbias;  // added to; dbias may be NULL
  size_t tap;              // floats from one tap of dkernel to the next
} TapGradient;

// What one pass sums: some rows of the kernel from row r and columns from s, for a block of outputs.
// Vector j begins at output at[j]. Outputs below `skip` of the last one are in another block too.
typedef struct {
  size_t r, s;
  size_t at[TAP_VECTORS], skip;
} TapPass;

// Adds the lanes from `first` on.
INLINE void add_outputs(const TapVector *v, size_t first, float *to) {
  static const int32_t numbers[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  TapVector old;
  TapMask lane;
  __builtin_memcpy(&old, to, sizeof old);
  __builtin_memcpy(&lane, numbers, sizeof lane);
  TapMask isMeant = lane >= (int32_t)first;
  TapVector sum = old + *v;
  sum = (TapVector)(((TapMask)sum & isMeant) | ((TapMask)old & ~isMeant));
  __builtin_memcpy(to, &sum, sizeof sum);
}

INLINE void sum_pass(const int down, const int across, const int vectors,
                     const TapGradient *operands, const TapPass *pass) {
  enum { MOST = 21 };
  const int taps = down * across;
  const TapGradient g = *operands;
  const TapPass o = *pass;
  const bool isFirst = o.r == 0 && o.s == 0;
  TapVector sum[MOST][TAP_VECTORS], total[TAP_VECTORS];
#pragma clang loop unroll(full)
  for (int j = 0; j < vectors; j++) {
    total[j] = (TapVector){0};
#pragma clang loop unroll(full)
    for (int i = 0; i < taps; i++) sum[i][j] = (TapVector){0};
  }
  for (size_t p = 0; p < g.height; p++)
    for (size_t q = 0; q < g.width; q++) {
      const float *a = g.image + p * g.line + q * g.step + o.r * g.row + o.s;
      const size_t pixel = (p * g.width + q) * g.outputs;
      TapVector gradient[TAP_VECTORS];
#pragma clang loop unroll(full)
      for (int j = 0; j < vectors; j++) {
        __builtin_memcpy(&gradient[j], g.dy + pixel + o.at[j], sizeof gradient[j]);
        if (g.mask) {
          TapVector value;
          __builtin_memcpy(&value, g.mask + pixel + o.at[j], sizeof value);
          gradient[j] = (TapVector)((TapMask)gradient[j] & (value > 0));
        }
        if (isFirst) total[j] += gradient[j];
      }
#pragma clang loop unroll(full)
      for (int i = 0; i < taps; i++) {
        float tap = a[(size_t)(i / across) * g.row + (size_t)(i % across)];
#pragma clang loop unroll(full)
        for (int j = 0; j < vectors; j++) sum[i][j] += tap * gradient[j];
      }
    }
#pragma clang loop unroll(full)
  for (int j = 0; j < vectors; j++) {
    const size_t skip = j == vectors - 1 ? o.skip : 0;
#pragma clang loop unroll(full)
    for (int i = 0; i < taps; i++) {
      const size_t tap = (o.r + (size_t)(i / across)) * g.kernelWidth + o.s + (size_t)(i % across);
      add_outputs(&sum[i][j], skip, g.dkernel + tap * g.tap + o.at[j]);
    }
    if (g.dbias && isFirst) add_outputs(&total[j], skip, g.dbias + o.at[j]);
  }
}

// The same with what is constant in it. Each is a function of its own, as in block.h.
#define MC_TAPS(down, across, vectors)                                                       \
  static __attribute__((noinline)) void sum_pass_##down##_##across##_##vectors(              \
      const TapGradient *g, const TapPass *pass) {                                           \
    sum_pass(down, across, vectors, g, pass);                                                \
  }
MC_TAPS(1, 3, 1) MC_TAPS(2, 3, 1) MC_TAPS(3, 3, 1) MC_TAPS(1, 3, 2) MC_TAPS(2, 3, 2)
MC_TAPS(1, 5, 1) MC_TAPS(2, 5, 1) MC_TAPS(1, 5, 2) MC_TAPS(1, 7, 1)
#if MC_ROWS >= 12
MC_TAPS(3, 3, 2) MC_TAPS(3, 5, 1) MC_TAPS(2, 5, 2) MC_TAPS(2, 7, 1) MC_TAPS(3, 7, 1)
MC_TAPS(1, 7, 2)
#else
MC_TAPS(1, 4, 2)
#endif

// By rows, columns and vectors.
static void (*const sum_pass_of[4][8][3])(const TapGradient *, const TapPass *) = {
    [1][3] = {NULL, sum_pass_1_3_1, sum_pass_1_3_2}, [2][3] = {NULL, sum_pass_2_3_1, sum_pass_2_3_2},
    [1][5] = {NULL, sum_pass_1_5_1, sum_pass_1_5_2}, [1][7][1] = sum_pass_1_7_1,
    [3][3][1] = sum_pass_3_3_1, [2][5][1] = sum_pass_2_5_1,
#if MC_ROWS >= 12
    [3][3][2] = sum_pass_3_3_2, [2][5][2] = sum_pass_2_5_2, [1][7][2] = sum_pass_1_7_2,
    [3][5][1] = sum_pass_3_5_1, [2][7][1] = sum_pass_2_7_1, [3][7][1] = sum_pass_3_7_1,
#else
    [1][4][2] = sum_pass_1_4_2,
#endif
};

// Columns and rows of the kernel whose sums fit the registers beside the operands.
INLINE size_t taps_across(size_t width, size_t vectors) {
  return MC_ROWS >= 12 || vectors == 1 || width < 7 ? width : 4;
}

INLINE size_t taps_down(size_t across, size_t vectors) {
  enum { REGISTERS = MC_ROWS >= 12 ? 21 : 12, MOST = 3 };
  size_t rows = REGISTERS / (across * vectors);
  return rows < 1 ? 1 : rows > MOST ? MOST : rows;
}

// All taps and outputs over the rows of g.
static void sum_kernel_taps(const TapGradient *g) {
  for (size_t o = 0, vectors; o < g->outputs; o += vectors * TAP_OUTPUTS) {
    vectors = g->outputs - o > TAP_OUTPUTS ? TAP_VECTORS : 1;
    // The last vector begins early enough to end with the outputs.
    size_t last = g->outputs < TAP_OUTPUTS ? 0 : g->outputs - TAP_OUTPUTS;
    TapPass pass = {0};
    for (size_t j = 0; j < vectors; j++) {
      size_t begin = o + TAP_OUTPUTS * j;
      pass.at[j] = begin < last ? begin : last;
      pass.skip = begin - pass.at[j];
    }
    for (size_t across; pass.s < g->kernelWidth; pass.s += across) {
      size_t left = g->kernelWidth - pass.s, most = taps_across(g->kernelWidth, vectors);
      across = left < most ? left : most;
      pass.r = 0;
      for (size_t down; pass.r < g->kernelHeight; pass.r += down) {
        down = even_rows(g->kernelHeight - pass.r, taps_down(across, vectors));
        sum_pass_of[down][across][vectors](g, &pass);
      }
    }
  }
}

// Copies lines of `count` floats, which are `from` and `to` floats apart.
static void copy_lines(size_t lines, size_t count, const float *source, size_t from, float *target,
                       size_t to) {
  for (size_t i = 0; i < lines; i++)
    for (size_t l = 0; l < count; l++) target[i * to + l] = source[i * from + l];
}

// The rows of g, whose vectors have more lanes than there are outputs: dy with room behind it, and
// the gradients in whole vectors. scratch: what tap_room adds.
static void sum_narrow_taps(TapGradient g, bool isLast, float *scratch) {
  size_t taps = g.kernelHeight * g.kernelWidth, count = g.height * g.width * g.outputs;
  float *wide = scratch, *bias = wide + taps * LANES, *last = bias + LANES;
  TapGradient w = g;
  w.dkernel = wide;
  w.tap = LANES;
  if (g.dbias) w.dbias = bias;
  if (isLast) {
    // Asked for each number, a masked load of AVX-512 would try to read at NULL, which is slow.
    if (!g.mask) memcpy(last, g.dy, count * sizeof(float));
    for (size_t i = 0; i < count && g.mask; i++) last[i] = g.mask[i] > 0 ? g.dy[i] : 0;
    memset(last + count, 0, LANES * sizeof(float));
    w.dy = last;
    w.mask = NULL;
  }
  copy_lines(taps, g.outputs, g.dkernel, g.outputs, wide, LANES);
  if (g.dbias) copy_lines(1, g.outputs, g.dbias, 0, bias, 0);
  sum_kernel_taps(&w);
  copy_lines(taps, g.outputs, wide, LANES, g.dkernel, g.outputs);
  if (g.dbias) copy_lines(1, g.outputs, bias, 0, g.dbias, 0);
}

// dkernel and dbias of one image, of whose output y only the sign matters; NULL where no ReLU
// followed. scratch: tap_room floats.
static void tap_gradient(const ConvolutionForm *f, const float *x, const float *y, const float *dy,
                         float *dkernel, float *dbias, float *scratch) {
  size_t line = bordered_line(f), row = f->outWidth * f->outputs;
  const float *image = bordered(f, x, scratch);
  TapGradient g = {.line = f->strideHeight * line, .step = f->strideWidth, .row = line,
                   .width = f->outWidth, .outputs = f->outputs, .kernelHeight = f->kernelHeight,
                   .kernelWidth = f->kernelWidth, .dkernel = dkernel, .dbias = dbias,
                   .tap = f->outputs};
  for (size_t p = 0; p < f->outHeight; p += g.height) {
    g.height = even_rows(f->outHeight - p, tap_band(f));
    g.image = image + p * g.line;
    g.dy = dy + p * row;
    g.mask = y ? y + p * row : NULL;
    if (f->outputs < TAP_OUTPUTS)
      sum_narrow_taps(g, p + g.height == f->outHeight, scratch + image_room(f));
    else sum_kernel_taps(&g);
  }
}
