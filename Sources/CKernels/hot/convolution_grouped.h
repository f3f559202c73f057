// Convolutions in small groups. For a block of 16 outputs the image is expanded: in place of the
// channels of a pixel it has a vector for each input of a group, whose lanes hold what that input is in
// the group of the lane's output. Then each lane sums the products of its own group alone, and no part
// of a vector is empty.

typedef struct {
  size_t start;          // the first output
  int groups;            // that its outputs belong to
  size_t inputs[LANES];  // the first input of each
  i16 lanes[LANES];      // all bits of the lanes of each
} GroupedBlock;

static GroupedBlock grouped_block(const ConvolutionForm *f, size_t block) {
  GroupedBlock b = {.start = grouped_start(f, block)};
  size_t end = b.start + LANES;
  for (size_t o = b.start, next; o < end; o = next, b.groups++) {
    size_t group = o / f->groupOutputs;
    next = (group + 1) * f->groupOutputs < end ? (group + 1) * f->groupOutputs : end;
    int32_t lanes[LANES] = {0};
    for (size_t l = o; l < next; l++) lanes[l - b.start] = -1;
    b.inputs[b.groups] = group * f->groupInputs;
    __builtin_memcpy(&b.lanes[b.groups], lanes, sizeof lanes);
  }
  return b;
}

// A row of pixels, `groups` groups of them.
INLINE void expand_groups(const int groups, const ConvolutionForm *f, const GroupedBlock *b,
                          size_t count, const float *from, float *to) {
  const size_t groupInputs = f->groupInputs, inputs = f->inputs;
  const GroupedBlock block = *b;
  for (size_t w = 0; w < count; w++, from += inputs)
    for (size_t c = 0; c < groupInputs; c++, to += LANES) {
      i16 all = {0};
      for (int i = 0; i < groups; i++) {
        int32_t value;
        __builtin_memcpy(&value, from + block.inputs[i] + c, sizeof value);
        all |= value & block.lanes[i];
      }
      v16 vector = (v16)all;
      store(to, &vector);
    }
}

static void expand_pixels(const ConvolutionForm *f, const GroupedBlock *b, size_t count,
                          const float *from, float *to) {
  switch (b->groups) {
    case 1: return expand_groups(1, f, b, count, from, to);
    case 2: return expand_groups(2, f, b, count, from, to);
    case 3: return expand_groups(3, f, b, count, from, to);
    case 4: return expand_groups(4, f, b, count, from, to);
    case 5: return expand_groups(5, f, b, count, from, to);
    default: return expand_groups(b->groups, f, b, count, from, to);
  }
}

// Rows of the bordered image from the `first` one on.
static void expand_rows(const ConvolutionForm *f, const GroupedBlock *b, const float *image,
                        size_t first, size_t rows, float *expanded) {
  size_t vectors = f->groupInputs * LANES, line = grouped_line(f);
  size_t before = f->left > 0 ? (size_t)f->left : 0, cut = f->left < 0 ? (size_t)-f->left : 0;
  if (before > f->paddedWidth) before = f->paddedWidth;
  size_t count = f->width > cut ? f->width - cut : 0;
  if (count > f->paddedWidth - before) count = f->paddedWidth - before;
  for (size_t r = 0; r < rows; r++) {
    float *to = expanded + r * line;
    ptrdiff_t h = (ptrdiff_t)(first + r) - f->top;
    if (h < 0 || (size_t)h >= f->height) {
      memset(to, 0, line * sizeof(float));
      continue;
    }
    memset(to, 0, before * vectors * sizeof(float));
    const float *from = image + ((size_t)h * f->width + cut) * f->inputs;
    to += before * vectors;
    expand_pixels(f, b, count, from, to);
    memset(to + count * vectors, 0, (line - (before + count) * vectors) * sizeof(float));
  }
}

// ---- y = start + sum over the kernel of image * kernel, lane by lane ---------------------------------

typedef struct {
  const float *image;
  const Segments *s;    // in floats of the expanded image; of the kernel all segments touch
  const float *kernel;
  v16 start;
  MCRectifier rectifier;
  float *y;
  size_t yStride;
} LaneProduct;

INLINE void lane_product(const int rows, const void *operands) {
  const LaneProduct p = *(const LaneProduct *)operands;
  const Segments s = *p.s;
  const float *kernel = p.kernel;
  v16 sum[12];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) sum[i] = p.start;
  for (size_t o = 0; o < s.outer; o++)
    for (size_t n = 0; n < s.inner; n++) {
      const float *from = p.image + o * s.outerStride + n * s.innerStride;
      for (size_t k = 0; k < s.length; k += LANES, kernel += LANES) {
        v16 weights;
        load(kernel, &weights);
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++) {
          v16 x;
          load(from + (size_t)i * s.rowStride + k, &x);
          sum[i] += x * weights;
        }
      }
    }
  rectify16(rows, &p.rectifier, sum);
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) store(p.y + (size_t)i * p.yStride, &sum[i]);
}

MC_BLOCKS(lane_product, MC_ROWS)

// The kernel over the expanded image.
static Segments lane_segments(const ConvolutionForm *f) {
  size_t vectors = f->groupInputs * LANES;
  bool touches = f->dilationWidth == 1;
  Segments s = {.rowStride = f->strideWidth * vectors,
                .outer = f->kernelHeight,
                .outerStride = f->dilationHeight * grouped_line(f),
                .inner = touches ? 1 : f->kernelWidth,
                .innerStride = f->dilationWidth * vectors,
                .length = touches ? f->kernelWidth * vectors : vectors};
  return s;
}

// As direct_rows, of the image without its border. scratch: grouped_room floats.
static void grouped_rows(const ConvolutionForm *f, size_t firstRow, size_t endRow,
                         const float *image, const float *packed, const float *bias,
                         const MCRectifier *rectifier, float *y, float *scratch) {
  float *expanded = aligned(scratch);
  Segments s = lane_segments(f);
  size_t band = grouped_band(f, OUTPUT_BAND);
  LaneProduct product = {.s = &s, .rectifier = *rectifier, .yStride = f->outputs};
  for (size_t j = 0; j < blocks_of_16(f->outputs); j++) {
    GroupedBlock block = grouped_block(f, j);
    product.kernel = packed + j * f->depth * LANES;
    product.start = (v16){0};
    if (bias) load(bias + block.start, &product.start);
    for (size_t p = firstRow, count; p < endRow; p += count) {
      count = endRow - p < band ? endRow - p : band;
      expand_rows(f, &block, image, p * f->strideHeight, grouped_reach(f, count), expanded);
      for (size_t i = 0; i < count; i++)
        for (size_t q = 0, rows; q < f->outWidth; q += rows) {
          rows = even_rows(f->outWidth - q, MC_ROWS);
          size_t to = ((p - firstRow + i) * f->outWidth + q) * f->outputs + block.start;
          product.image = expanded + i * f->strideHeight * grouped_line(f) + q * s.rowStride;
          product.y = y + to;
          lane_product_of[rows](&product);
        }
    }
  }
}

// ---- dkernel += sum over the outputs of image * dy, lane by lane ---------------------------------------

typedef struct {
  const float *image;
  size_t pixel, imageLine;
  const float *dy;
  size_t dyPixel, dyLine;
  size_t count, lines;
  size_t skip;  // lanes that another block adds
  float *dw;
  size_t dwStride;
} LaneGradient;

// v[first..16) added to `to`.
INLINE void add_from_lane(const v16 *v, size_t first, float *to) {
  if (first == 0) {
    v16 old;
    load(to, &old);
    old += *v;
    store(to, &old);
    return;
  }
  float lanes[LANES];
  store(lanes, v);
  for (size_t l = first; l < LANES; l++) to[l] += lanes[l];
}

INLINE void lane_gradient(const int rows, const void *operands) {
  const LaneGradient p = *(const LaneGradient *)operands;
  v16 sum[12];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) sum[i] = (v16){0};
  for (size_t n = 0; n < p.lines; n++) {
    const float *image = p.image + n * p.imageLine, *dy = p.dy + n * p.dyLine;
    for (size_t t = 0; t < p.count; t++, image += p.pixel, dy += p.dyPixel) {
      v16 gradient;
      load(dy, &gradient);
#pragma clang loop unroll(full)
      for (int i = 0; i < rows; i++) {
        v16 x;
        load(image + i * LANES, &x);
        sum[i] += x * gradient;
      }
    }
  }
  v16 total[12];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) total[i] = sum[i];
  for (int i = 0; i < rows; i++)
    add_from_lane(&total[i], p.skip, p.dw + (size_t)i * p.dwStride);
}

MC_BLOCKS(lane_gradient, MC_ROWS)

// As kernel_gradient. scratch: grouped_room floats.
static void grouped_gradient(const ConvolutionForm *f, const float *x, const float *dy,
                             float *dkernel, float *dbias, float *scratch) {
  Segments s = lane_segments(f);
  size_t line = grouped_line(f), band = grouped_band(f, GRADIENT_BAND), room = f->outWidth * f->outputs;
  if (dbias) add_column_sums(f->outHeight * f->outWidth, f->outputs, dy, dbias, scratch);
  float *expanded = aligned(scratch);
  for (size_t j = 0; j < blocks_of_16(f->outputs); j++) {
    GroupedBlock block = grouped_block(f, j);
    LaneGradient g = {.pixel = s.rowStride, .imageLine = f->strideHeight * line,
                      .dyPixel = f->outputs, .dyLine = room, .count = f->outWidth,
                      .skip = j * LANES - block.start, .dwStride = f->outputs};
    for (size_t p = 0; p < f->outHeight; p += g.lines) {
      g.lines = f->outHeight - p < band ? f->outHeight - p : band;
      expand_rows(f, &block, x, p * f->strideHeight, grouped_reach(f, g.lines), expanded);
      g.dy = dy + p * room + block.start;
      g.dw = dkernel + block.start;
      for (size_t r = 0; r < s.outer; r++)
        for (size_t n = 0; n < s.inner; n++) {
          size_t vectors = s.length / LANES;
          for (size_t k = 0, rows; k < vectors; k += rows) {
            rows = even_rows(vectors - k, MC_ROWS);
            g.image = expanded + r * s.outerStride + n * s.innerStride + k * LANES;
            lane_gradient_of[rows](&g);
            g.dw += rows * f->outputs;
          }
        }
    }
  }
}
