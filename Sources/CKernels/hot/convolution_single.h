// A convolution of an image of one channel with few kernels: a vector holds 16 neighbouring pixels of
// one output channel instead of the channels of one pixel.

// Output channels and rows worked on at once: their sums fill the registers.
enum { SINGLE_OUTPUTS = 6, SINGLE_ROWS = 2 };

#define SINGLE_BLOCK(count)                                                                  \
  {                                                                                          \
    v16 sum[SINGLE_ROWS][count];                                                             \
    for (int i = 0; i < count; i++) sum[0][i] = sum[1][i] = (v16){0} + (bias ? bias[i] : 0); \
    for (size_t r = 0; r < height + rows - 1; r++)                                           \
      for (size_t s = 0; s < width; s++) {                                                   \
        v16 pixels;                                                                          \
        load(x + r * line + s, &pixels);                                                     \
        size_t here = (r * width + s) * outputs, above = here - width * outputs;             \
        if (r < height)                                                                      \
          for (int i = 0; i < count; i++) sum[0][i] += pixels * kernel[here + (size_t)i];    \
        if (r > 0)                                                                           \
          for (int i = 0; i < count; i++) sum[1][i] += pixels * kernel[above + (size_t)i];   \
      }                                                                                      \
    for (int i = 0; i < count; i++) store(y + (size_t)i * room, &sum[0][i]);                 \
    for (int i = 0; i < count && rows > 1; i++)                                              \
      store(y + (size_t)(SINGLE_OUTPUTS + i) * room, &sum[1][i]);                            \
  }

// 16 pixels of one or two output rows: y [2][SINGLE_OUTPUTS][room] from the image's pixels at x.
static void single_block(size_t count, size_t rows, size_t height, size_t width, const float *x,
                         size_t line, const float *kernel, size_t outputs, const float *bias,
                         float *y, size_t room) {
  switch (count) {
    case 1: SINGLE_BLOCK(1) break;
    case 2: SINGLE_BLOCK(2) break;
    case 3: SINGLE_BLOCK(3) break;
    case 4: SINGLE_BLOCK(4) break;
    case 5: SINGLE_BLOCK(5) break;
    default: SINGLE_BLOCK(6) break;
  }
}

// One row of a pooling of 2x2 over two rows of `count` channels: y, argmax [width][channels].
static void pool_planes(size_t count, size_t width, const float *planes, size_t room, bool relu,
                        size_t channels, float *y, uint8_t *argmax) {
  for (size_t q = 0; q < width; q += 16) {
    float values[SINGLE_OUTPUTS][16];
    uint8_t places[SINGLE_OUTPUTS][16];
    size_t pixels = width - q < 16 ? width - q : 16;
    for (size_t i = 0; i < count; i++) {
      v16 best;
      i16 place = {0};
      for (int32_t row = 0; row < 2; row++) {
        const float *from = planes + ((size_t)row * SINGLE_OUTPUTS + i) * room + 2 * q;
        v16 low, high;
        load(from, &low);
        load(from + 16, &high);
        v16 even = __builtin_shufflevector(low, high, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24,
                                           26, 28, 30);
        v16 odd = __builtin_shufflevector(low, high, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25,
                                          27, 29, 31);
        if (row == 0) best = even;
        else take_larger(&even, 2, &best, &place);
        take_larger(&odd, row * 2 + 1, &best, &place);
      }
      if (relu) relu16(&best);
      store(values[i], &best);
      store_byte_places(places[i], &place);
    }
    for (size_t l = 0; l < pixels; l++)
      for (size_t i = 0; i < count; i++) y[(q + l) * channels + i] = values[i][l];
    for (size_t l = 0; l < pixels && argmax; l++)
      for (size_t i = 0; i < count; i++) argmax[(q + l) * channels + i] = places[i][l];
  }
}

// Output rows firstRow to below endRow; the first goes to y. With `pooled` a pair of them makes one
// row of a pooling of 2x2. image: bordered, with room for a vector that starts at its last float.
// planes: SINGLE_ROWS * SINGLE_OUTPUTS * single_room floats.
static void single_rows(const ConvolutionForm *f, size_t firstRow, size_t endRow, bool pooled,
                        size_t lastWidth, const float *image, const float *kernel,
                        const float *bias, bool relu, float *y, uint8_t *argmax, float *planes) {
  size_t line = f->paddedWidth, room = single_room(f);
  size_t width = pooled ? lastWidth : f->outWidth;
  for (size_t p = firstRow; p < endRow; p += SINGLE_ROWS) {
    size_t rows = endRow - p < SINGLE_ROWS ? endRow - p : SINGLE_ROWS;
    for (size_t o = 0; o < f->outputs; o += SINGLE_OUTPUTS) {
      size_t count = f->outputs - o < SINGLE_OUTPUTS ? f->outputs - o : SINGLE_OUTPUTS;
      for (size_t q = 0; q < f->outWidth; q += 16)
        single_block(count, rows, f->kernelHeight, f->kernelWidth, image + p * line + q, line,
                     kernel + o, f->outputs, bias ? bias + o : NULL, planes + q, room);
      if (pooled) {
        pool_planes(count, width, planes, room, relu, f->outputs, y + o,
                    argmax ? argmax + o : NULL);
        continue;
      }
      for (size_t j = 0; j < rows; j++)
        for (size_t q = 0; q < width; q++)
          for (size_t i = 0; i < count; i++) {
            float value = planes[(j * SINGLE_OUTPUTS + i) * room + q];
            y[(j * width + q) * f->outputs + o + i] = relu && value <= 0 ? 0 : value;
          }
    }
    y += (pooled ? 1 : rows) * width * f->outputs;
    if (argmax) argmax += width * f->outputs;
  }
}
