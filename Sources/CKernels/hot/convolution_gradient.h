// The kernel's rows as segments over the image, for its gradient.
INLINE Segments kernel_segments(const ConvolutionForm *f, size_t line) {
  bool touches = f->dilationWidth == 1 && f->groups == 1;
  Segments s = {.rowStride = f->strideWidth * f->inputs,
                .outer = f->kernelHeight,
                .outerStride = f->dilationHeight * line,
                .inner = touches ? 1 : f->kernelWidth,
                .innerStride = f->dilationWidth * f->inputs,
                .length = touches ? f->kernelWidth * f->inputs : f->groupInputs};
  return s;
}

// Copies dy [lines, outputs] to rows of whole blocks: [group][block][line][16]. What is in the columns
// that no output has does not matter.
static void spread_lines(size_t lines, const ConvolutionForm *f, const float *dy, float *wide) {
  size_t blocks = blocks_of_16(f->groupOutputs);
  for (size_t block = 0; block < f->groups * blocks; block++) {
    size_t first = (block % blocks) * 16;
    size_t columns = f->groupOutputs - first < 16 ? f->groupOutputs - first : 16;
    const float *from = dy + block / blocks * f->groupOutputs + first;
    float *to = wide + block * lines * 16;
    for (size_t t = 0; t < lines; t++) {
      v16 line;
      // Whole vectors are faster, but must not reach beyond the end.
      if (columns == 16 || t + 16 < lines) load(from + t * f->outputs, &line);
      else load_part(from + t * f->outputs, columns, &line);
      store(to + t * 16, &line);
    }
  }
}

// Output rows for one pass of the kernel's gradient: as many as stay in the first cache, image and
// dy together, while all tiles of a block of outputs go over them.
INLINE size_t lines_of_pass(const ConvolutionForm *f, size_t line) {
  enum { ROOM = 24 * 1024 / sizeof(float) };
  size_t border = (f->kernelHeight - 1) * f->dilationHeight * line;
  size_t each = f->strideHeight * line + f->outWidth * 16;
  size_t lines = ROOM > border ? (ROOM - border) / each : 0;
  // Below a hundred steps or so, fetching and storing the sums costs more than the cache gives.
  size_t least = 96 / f->outWidth + 1;
  lines = lines > least ? lines : least;
  size_t passes = (f->outHeight + lines - 1) / lines;
  return (f->outHeight + passes - 1) / passes;
}

// dbias[o] += sum of dy over all lines; four sums, so that additions need not wait for each other.
static void add_bias_gradient(size_t lines, size_t stride, size_t columns, const float *dy,
                              float *dbias) {
  v16 sum[4] = {{0}};
  size_t t = 0;
  for (; t + 4 <= lines; t += 4)
    for (int i = 0; i < 4; i++) {
      v16 line;
      load(dy + (t + (size_t)i) * stride, &line);
      sum[i] += line;
    }
  for (; t < lines; t++) {
    v16 line;
    load(dy + t * stride, &line);
    sum[0] += line;
  }
  v16 old;
  load_part(dbias, columns, &old);
  old += (sum[0] + sum[1]) + (sum[2] + sum[3]);
  store_part(dbias, columns, &old);
}

// dkernel[r,s,c,o] += sum over p,q of x[p*stride + r*dilation - pad, ..., c] * dy[p,q,o], for one image.
//
// scratch: a bordered image and dy in rows of whole blocks.
static void kernel_gradient(const ConvolutionForm *f, const float *x, const float *dy,
                            float *dkernel, float *dbias, float *scratch) {
  size_t line = bordered_line(f), pixels = f->outHeight * f->outWidth;
  Segments s = kernel_segments(f, line);
  size_t blocks = blocks_of_16(f->groupOutputs);
  // Lines that lie apart by a multiple of some hundred bytes share few lines of the first cache, so
  // they are copied, unless a kernel of few taps would read them too seldom for that to pay off.
  bool shallow = f->depth < 64;
  bool whole = f->groupOutputs % 16 == 0 && (shallow || f->outputs == 16);
  if (pixels == 0) return;
  size_t pass = shallow ? f->outHeight : lines_of_pass(f, line);
  const float *image = bordered(f, x, scratch);
  float *wide = scratch + image_room(f);
  if (!whole) spread_lines(pixels, f, dy, wide);
  size_t parts = part_count(f->groupOutputs);
  for (size_t part = 0; part < f->groups * parts; part++) {
    size_t g = part / parts, first = part_start(part % parts, f->groupOutputs);
    size_t columns = part_columns(part % parts, f->groupOutputs);
    size_t o = g * f->groupOutputs + first;
    const float *lines = whole ? dy + o : wide + (g * blocks + first / 16) * pixels * 16;
    size_t stride = whole ? f->outputs : 16, next = whole ? 16 : pixels * 16;
    for (size_t i = 0; dbias && i < columns; i += 16)
      add_bias_gradient(pixels, stride, columns - i < 16 ? columns - i : 16, lines + i / 16 * next,
                        dbias + o + i);
    float *target = dkernel + o;
    for (size_t p = 0; p < f->outHeight; p += pass) {
      size_t count = f->outHeight - p < pass ? f->outHeight - p : pass;
      for (size_t r = 0; r < s.outer; r++)
        for (size_t i = 0; i < s.inner; i++)
          for (size_t k = 0, rows; k < s.length; k += rows) {
            rows = even_rows(s.length - k, most_rows(columns));
            const float *from = image + p * f->strideHeight * line + g * f->groupInputs +
                                r * s.outerStride + i * s.innerStride + k;
            OuterProduct product = {.a = from, .aStride = s.rowStride,
                                    .aLine = f->strideHeight * line,
                                    .b = lines + p * f->outWidth * stride, .bStride = stride,
                                    .bLine = f->outWidth * stride, .bNext = next,
                                    .count = f->outWidth, .lines = count, .adds = true,
                                    .dw = target + ((r * s.inner + i) * s.length + k) * f->outputs,
                                    .dwStride = f->outputs, .columns = columns};
            // Lines that touch are one: where a kernel of one tap has neither stride nor border.
            if (product.aLine == f->outWidth * s.rowStride) {
              product.count *= count;
              product.lines = 1;
            }
            outer_rows(rows, &product);
          }
    }
  }
}
