// A convolution of an image of one channel with few kernels: a vector holds 16 neighbouring pixels of
// one output channel instead of the channels of one pixel.

// 16 pixels of one or two output rows, or twice as many of each: y [2][SINGLE_OUTPUTS][room] from the
// image's pixels at x.
typedef struct {
  size_t rows, height, width;  // output rows; rows and columns of the kernel
  const float *x;
  size_t line;
  const float *kernel;
  size_t outputs;  // of the kernel
  const float *bias;
  float *y;
  size_t room;
} SinglePixels;

// Rows, or vectors of one row, whose sums are in registers together: AVX-512 alone has room for two.
enum {
  SINGLE_HELD = MC_ROWS < SINGLE_ROWS * SINGLE_OUTPUTS ? 1 : SINGLE_ROWS,
  SINGLE_WIDE = SINGLE_HELD
};

INLINE void single_block(const int count, const void *operands) {
  const SinglePixels p = *(const SinglePixels *)operands;
  for (size_t first = 0, held; first < p.rows; first += held) {
    held = p.rows - first < SINGLE_HELD ? p.rows - first : SINGLE_HELD;
    v16 sum[SINGLE_HELD][SINGLE_OUTPUTS];
    for (int j = 0; j < SINGLE_HELD; j++)
      for (int i = 0; i < count; i++) sum[j][i] = (v16){0} + (p.bias ? p.bias[i] : 0);
    // Row r of the image is row r - j of the kernel for the sums of row j.
    for (size_t r = 0; r < p.height + held - 1; r++)
      for (size_t s = 0; s < p.width; s++) {
        v16 pixels;
        load(p.x + (first + r) * p.line + s, &pixels);
        const float *weights = p.kernel + (r * p.width + s) * p.outputs;
        for (size_t j = 0; j < SINGLE_HELD; j++)
          if (r >= j && r - j < p.height)
            for (size_t i = 0; i < (size_t)count; i++)
              sum[j][i] += pixels * (weights - j * p.width * p.outputs)[i];
      }
    for (size_t j = 0; j < SINGLE_HELD && j < held; j++)
      for (size_t i = 0; i < (size_t)count; i++)
        store(p.y + ((first + j) * SINGLE_OUTPUTS + i) * p.room, &sum[j][i]);
  }
}

MC_BLOCKS(single_block, SINGLE_OUTPUTS)

// SINGLE_WIDE vectors of each row: a weight is loaded once for all of them, where two rows use another
// weight each.
INLINE void single_wide(const int count, const void *operands) {
  const SinglePixels p = *(const SinglePixels *)operands;
  for (size_t row = 0; row < p.rows; row++) {
    v16 sum[SINGLE_WIDE][SINGLE_OUTPUTS];
    for (int v = 0; v < SINGLE_WIDE; v++)
      for (int i = 0; i < count; i++) sum[v][i] = (v16){0} + (p.bias ? p.bias[i] : 0);
    for (size_t r = 0; r < p.height; r++)
      for (size_t s = 0; s < p.width; s++) {
        v16 pixels[SINGLE_WIDE];
        for (int v = 0; v < SINGLE_WIDE; v++)
          load(p.x + (row + r) * p.line + s + v * 16, &pixels[v]);
        const float *weights = p.kernel + (r * p.width + s) * p.outputs;
        for (int i = 0; i < count; i++)
          for (int v = 0; v < SINGLE_WIDE; v++) sum[v][i] += pixels[v] * weights[i];
      }
    for (int v = 0; v < SINGLE_WIDE; v++)
      for (int i = 0; i < count; i++)
        store(p.y + (row * SINGLE_OUTPUTS + (size_t)i) * p.room + v * 16, &sum[v][i]);
  }
}

MC_BLOCKS(single_wide, SINGLE_OUTPUTS)

// One row of a pooling of 2x2 over two rows of `count` channels: y, argmax [width][channels].
// `places`: whether argmax is wanted. `follows`: what lies behind a pixel is written later anyway.
INLINE void pool_row(const bool places, size_t count, size_t width, const float *planes,
                     size_t room, const MCRectifier *rectifier, bool follows, size_t channels,
                     float *y,
                     uint8_t *argmax) {
  for (size_t q = 0; q < width; q += 16) {
    v8 values[2][8] = {{{0}}};
    i8 positions[2][8] = {{{0}}};
    size_t pixels = width - q < 16 ? width - q : 16;
    for (size_t i = 0; i < count; i++) {
      v16 best;
      i16 position = {0};
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
        else take_larger(&even, 2, &best, &position);
        take_larger(&odd, row * 2 + 1, &best, &position);
      }
      rectify16(1, rectifier, &best);
      for (int half = 0; half < 2; half++) {
        load8((const float *)&best + 8 * half, &values[half][i]);
        const char *lanes = (const char *)&position + half * (int)sizeof(i8);
        if (places) __builtin_memcpy(&positions[half][i], lanes, sizeof(i8));
      }
    }
    for (size_t half = 0; half * 8 < pixels; half++) {
      turn8(values[half]);
      if (places) turn8((v8 *)positions[half]);
      for (size_t l = 0; l < 8 && half * 8 + l < pixels; l++) {
        size_t pixel = q + half * 8 + l, at = pixel * channels;
        bool whole = follows && pixel + 1 < width;
        if (whole) store8(y + at, &values[half][l]);
        else store_part8(y + at, count, &values[half][l]);
        if (!places) continue;
        b8 bytes = __builtin_convertvector(positions[half][l], b8);
        if (whole) memcpy(argmax + at, &bytes, sizeof bytes);
        for (size_t i = 0; i < count && !whole; i++) argmax[at + i] = bytes[i];
      }
    }
  }
}

static void pool_planes(size_t count, size_t width, const float *planes, size_t room,
                        const MCRectifier *rectifier,
                        bool follows, size_t channels, float *y, uint8_t *argmax) {
  if (argmax) pool_row(true, count, width, planes, room, rectifier, follows, channels, y, argmax);
  else pool_row(false, count, width, planes, room, rectifier, follows, channels, y, NULL);
}

// Eight pixels from q on of up to eight channels, of which the first is `first`. y: the row.
INLINE void turn_pixels(const size_t first, size_t q, size_t channels, size_t width,
                        const float *planes, size_t room, const MCRectifier *rectifier, float *y) {
  enum { BLOCK = SINGLE_ROWS * SINGLE_OUTPUTS };
  v8 values[8];
#pragma clang loop unroll(full)
  for (size_t i = 0; i < 8; i++) {
    const size_t c = first + i;
    load8(planes + (c / SINGLE_OUTPUTS * BLOCK + c % SINGLE_OUTPUTS) * room + q, &values[i]);
  }
  rectify8(8, rectifier, values);
  turn8(values);
  size_t at = q * channels + first, last = at + 7 * channels + 8;
  // What a whole register writes beyond a pixel comes later.
  if (q + 8 <= width && last <= width * channels) {
#pragma clang loop unroll(full)
    for (size_t l = 0; l < 8; l++) store8(y + at + l * channels, &values[l]);
    return;
  }
  size_t count = channels - first < 8 ? channels - first : 8;
  for (size_t l = 0; l < 8 && q + l < width; l++)
    store_part8(y + at + l * channels, count, &values[l]);
}

// A row of all channels without a pooling: y [width][channels].
static void turn_row(size_t channels, size_t width, const float *planes, size_t room,
                     const MCRectifier *rectifier, float *y) {
  for (size_t q = 0; q < width; q += 8) {
    if (channels > 8) turn_pixels(8, q, channels, width, planes, room, rectifier, y);
    turn_pixels(0, q, channels, width, planes, room, rectifier, y);
  }
}

// Output rows firstRow to below endRow; the first goes to y. With `pooled` a pair of them makes one
// row of a pooling of 2x2. image: bordered, with room for a vector that starts at its last float.
// planes: single_planes floats.
static void single_rows(const ConvolutionForm *f, size_t firstRow, size_t endRow, bool pooled,
                        size_t lastWidth, const float *image, const float *kernel,
                        const float *bias, const MCRectifier *rectifier, float *y, uint8_t *argmax,
                        float *planes) {
  size_t line = f->paddedWidth, room = single_room(f);
  size_t width = pooled ? lastWidth : f->outWidth;
  for (size_t p = firstRow; p < endRow; p += SINGLE_ROWS) {
    size_t rows = endRow - p < SINGLE_ROWS ? endRow - p : SINGLE_ROWS;
    for (size_t o = 0; o < f->outputs; o += SINGLE_OUTPUTS) {
      size_t count = f->outputs - o < SINGLE_OUTPUTS ? f->outputs - o : SINGLE_OUTPUTS;
      float *to = planes + o * SINGLE_ROWS * room;
      SinglePixels pixels = {.rows = rows, .height = f->kernelHeight, .width = f->kernelWidth,
                             .line = line, .kernel = kernel + o, .outputs = f->outputs,
                             .bias = bias ? bias + o : NULL, .room = room};
      for (size_t q = 0; q < f->outWidth;) {
        bool wide = SINGLE_WIDE > 1 && f->outWidth - q > 16;
        pixels.x = image + p * line + q;
        pixels.y = to + q;
        if (wide) single_wide_of[count](&pixels);
        else single_block_of[count](&pixels);
        q += wide ? 16 * SINGLE_WIDE : 16;
      }
      if (!pooled) continue;
      // What a whole register of the first channels overwrites comes later, and within the row.
      bool follows = o == 0 && 2 * f->outputs >= 8;
      pool_planes(count, width, to, room, rectifier, follows, f->outputs, y + o,
                  argmax ? argmax + o : NULL);
    }
    for (size_t j = 0; j < rows && !pooled; j++)
      turn_row(f->outputs, width, planes + j * SINGLE_OUTPUTS * room, room, rectifier,
               y + j * width * f->outputs);
    y += (pooled ? 1 : rows) * width * f->outputs;
    if (argmax) argmax += width * f->outputs;
  }
}
