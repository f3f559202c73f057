// The gradient of a 3x3 kernel over one channel, as first layers have it: all taps of some rows of the
// kernel are summed at once, so that dy, which is large there, is read once for them, with its mask
// and the gradient of the bias.

typedef struct {
  const float *image;      // with its border
  size_t line, step, row;  // floats between rows and columns of the output, and rows of the kernel
  size_t height, width, outputs;
  const float *dy, *mask;  // [height, width, outputs]; dy counts where the mask is positive
  float *dkernel, *dbias;  // added to; dbias may be NULL
} TapGradient;

// Vectors of outputs at once, and rows of the kernel: their sums fit the registers beside the operands.
enum { TAPS_ACROSS = 3, TAP_VECTORS = MC_ROWS >= 12 ? 2 : 1, TAP_ROWS = MC_ROWS >= 12 ? 3 : 2 };

// Adds the lanes from `first` on.
INLINE void add_last_lanes(const v16 *v, size_t first, float *to) {
  float lanes[16];
  store(lanes, v);
  for (size_t l = first; l < 16; l++) to[l] += lanes[l];
}

// A block of outputs: vector j begins at output at[j]. Those below `skip` of the last one are in
// another block too, and not added here.
typedef struct {
  size_t at[TAP_VECTORS], skip;
} TapOutputs;

// `down` rows of the kernel, of which the first is row r.
INLINE void sum_kernel_taps_of(const int down, const int vectors, const TapGradient *operands,
                               size_t r, const TapOutputs *outputs) {
  const int taps = down * TAPS_ACROSS;
  const TapGradient g = *operands;
  const TapOutputs o = *outputs;
  v16 sum[TAP_ROWS * TAPS_ACROSS][TAP_VECTORS], total[TAP_VECTORS];
#pragma clang loop unroll(full)
  for (int j = 0; j < vectors; j++) {
    total[j] = (v16){0};
#pragma clang loop unroll(full)
    for (int i = 0; i < taps; i++) sum[i][j] = (v16){0};
  }
  for (size_t p = 0; p < g.height; p++)
    for (size_t q = 0; q < g.width; q++) {
      const float *a = g.image + p * g.line + q * g.step + r * g.row;
      const size_t pixel = (p * g.width + q) * g.outputs;
      v16 gradient[TAP_VECTORS];
#pragma clang loop unroll(full)
      for (int j = 0; j < vectors; j++) {
        load(g.dy + pixel + o.at[j], &gradient[j]);
        if (g.mask) {
          v16 value;
          load(g.mask + pixel + o.at[j], &value);
          gradient[j] = (v16)((i16)gradient[j] & (value > 0));
        }
        if (r == 0) total[j] += gradient[j];
      }
#pragma clang loop unroll(full)
      for (int i = 0; i < taps; i++) {
        float tap = a[(size_t)(i / TAPS_ACROSS) * g.row + (size_t)(i % TAPS_ACROSS)];
#pragma clang loop unroll(full)
        for (int j = 0; j < vectors; j++) sum[i][j] += tap * gradient[j];
      }
    }
  float *to = g.dkernel + r * TAPS_ACROSS * g.outputs;
#pragma clang loop unroll(full)
  for (int j = 0; j < vectors; j++) {
    size_t first = j == vectors - 1 ? o.skip : 0;
#pragma clang loop unroll(full)
    for (int i = 0; i < taps; i++)
      add_last_lanes(&sum[i][j], first, to + (size_t)i * g.outputs + o.at[j]);
    if (g.dbias && r == 0) add_last_lanes(&total[j], first, g.dbias + o.at[j]);
  }
}

// The same with what is constant in it. Each is a function of its own, as in block.h.
#define MC_TAPS(down, vectors)                                                   \
  static __attribute__((noinline)) void sum_kernel_taps_##down##_##vectors(      \
      const TapGradient *g, size_t r, const TapOutputs *outputs) {               \
    sum_kernel_taps_of(down, vectors, g, r, outputs);                                   \
  }
MC_TAPS(1, 1) MC_TAPS(2, 1)
#if MC_ROWS >= 12
MC_TAPS(3, 1) MC_TAPS(1, 2) MC_TAPS(2, 2) MC_TAPS(3, 2)
#endif

// For one image and a kernel of so many rows.
static void sum_kernel_taps(const TapGradient *g, size_t height) {
  for (size_t o = 0, vectors; o < g->outputs; o += vectors * 16) {
    size_t left = g->outputs - o;
    vectors = left > 16 ? TAP_VECTORS : 1;
    // The last vector begins early enough to end with the outputs.
    TapOutputs outputs = {.at = {o}};
    for (size_t j = 0; j < vectors; j++) {
      size_t begin = o + 16 * j, last = g->outputs - 16;
      outputs.at[j] = begin < last ? begin : last;
      outputs.skip = begin - outputs.at[j];
    }
    for (size_t r = 0, down; r < height; r += down) {
      down = height - r < TAP_ROWS ? height - r : TAP_ROWS;
      switch (down * 10 + vectors) {
        case 11: sum_kernel_taps_1_1(g, r, &outputs); break;
        case 21: sum_kernel_taps_2_1(g, r, &outputs); break;
#if MC_ROWS >= 12
        case 31: sum_kernel_taps_3_1(g, r, &outputs); break;
        case 12: sum_kernel_taps_1_2(g, r, &outputs); break;
        case 22: sum_kernel_taps_2_2(g, r, &outputs); break;
        case 32: sum_kernel_taps_3_2(g, r, &outputs); break;
#endif
      }
    }
  }
}

// dkernel and dbias of one image, of whose output y only the sign matters; NULL where no ReLU followed.
// scratch: image_room floats.
static void tap_gradient(const ConvolutionForm *f, const float *x, const float *y, const float *dy,
                         float *dkernel, float *dbias, float *scratch) {
  size_t line = bordered_line(f);
  TapGradient g = {.image = bordered(f, x, scratch), .line = f->strideHeight * line,
                   .step = f->strideWidth, .row = line, .height = f->outHeight,
                   .width = f->outWidth, .outputs = f->outputs, .dy = dy, .mask = y,
                   .dkernel = dkernel, .dbias = dbias};
  sum_kernel_taps(&g, f->kernelHeight);
}
