// What slides a window over an image of 8-bit integers.
extension CFunction {
  static let view = CFunction(
    name: "view", uses: [window], codeBytes: 0,
    text: """
      /* What a window shows of the image: its rows from `top` on, of which the taps from row to row_end lie in
         it, and likewise its columns. */
      typedef struct {
        int32_t top, row, row_end;
        int32_t left, column, column_end;
      } NAME_view;
      """)

  static let look = CFunction(
    name: "look", uses: [view], codeBytes: 208,
    text: """
      static void NAME_look(const NAME_window *w, int32_t p, int32_t q, NAME_view *v) {
        v->top = p * w->stride_height - w->pad_top;
        v->left = q * w->stride_width - w->pad_left;
        v->row = v->column = 0;
        v->row_end = w->kernel_height;
        v->column_end = w->kernel_width;
        while (v->row < v->row_end && v->top + v->row * w->dilation_height < 0) v->row++;
        while (v->column < v->column_end && v->left + v->column * w->dilation_width < 0) v->column++;
        while (v->row < v->row_end && v->top + (v->row_end - 1) * w->dilation_height >= w->in_height)
          v->row_end--;
        while (v->column < v->column_end &&
               v->left + (v->column_end - 1) * w->dilation_width >= w->in_width)
          v->column_end--;
      }
      """)

  static let place = CFunction(
    name: "place", uses: [view], codeBytes: 40,
    text: """
      /* Where tap (r, s) is in the image. */
      static int32_t NAME_place(const NAME_window *w, const NAME_view *v, int32_t r, int32_t s) {
        const int32_t row = v->top + r * w->dilation_height;
        return (row * w->in_width + v->left + s * w->dilation_width) * w->in_channels;
      }
      """)

  static let sums = CFunction(
    name: "sums", codeBytes: 0,
    text: """
      /* Weights [outputs][kernel height][kernel width][channels], and how their sums become integers of the
         output: times multipliers / 2^shifts, above y_zero, cut to low ... high. */
      typedef struct {
        const int8_t *weights;
        const int32_t *bias;
        const int32_t *multipliers;
        const uint8_t *shifts;
        int32_t x_zero, y_zero, low, high;
      } NAME_sums;
      """)

  static let dot = CFunction(
    name: "dot", codeBytes: 48,
    text: """
      static int32_t NAME_dot(int32_t count, const int8_t *weights, const int8_t *x, int32_t zero) {
        int32_t sum = 0;
        for (int32_t i = 0; i < count; i++) sum += weights[i] * (x[i] - zero);
        return sum;
      }
      """)

  static let weigh = CFunction(
    name: "weigh", uses: [place, sums, dot, rounded, cut], codeBytes: 264,
    text: """
      /* Output o of what a window shows. No image makes the sum overflow. */
      static int32_t NAME_weigh(const NAME_window *w, const NAME_sums *k, const NAME_view *v, int32_t o,
                                const int8_t *x) {
        const int32_t inputs = w->in_channels / w->groups;
        const int32_t first = o / (w->out_channels / w->groups) * inputs;
        const int8_t *weights = k->weights + o * w->kernel_height * w->kernel_width * inputs;
        /* Taps side by side are so in the image too, unless something lies between them. */
        const int32_t run =
            w->groups == 1 && w->dilation_width == 1 ? v->column_end - v->column : 1;
        int32_t sum = k->bias[o];
        for (int32_t r = v->row; r < v->row_end; r++)
          for (int32_t s = v->column; s < v->column_end; s += run)
            sum += NAME_dot(run * inputs, weights + (r * w->kernel_width + s) * inputs,
                            x + NAME_place(w, v, r, s) + first, k->x_zero);
        return NAME_cut(
            NAME_rounded((int64_t)sum * k->multipliers[o], k->shifts[o]) + k->y_zero, k->low, k->high);
      }
      """)

  static let integerConvolution = CFunction(
    name: "conv2d", uses: [look, weigh], codeBytes: 136,
    text: """
      static void NAME_conv2d(const NAME_window *w, const NAME_sums *k, const int8_t *x, int8_t *y) {
        NAME_view v;
        for (int32_t p = 0; p < w->out_height; p++)
          for (int32_t q = 0; q < w->out_width; q++) {
            NAME_look(w, p, q, &v);
            for (int32_t o = 0; o < w->out_channels; o++) *y++ = (int8_t)NAME_weigh(w, k, &v, o, x);
          }
      }
      """)

  static let integerConvolutionScores = CFunction(
    name: "conv2d_scores", uses: [look, weigh], codeBytes: 184,
    text: """
      /* The same for the last layer, whose integers have more bits. */
      static void NAME_conv2d_scores(const NAME_window *w, const NAME_sums *k, float scale,
                                     const int8_t *x, float *scores) {
        NAME_view v;
        for (int32_t p = 0; p < w->out_height; p++)
          for (int32_t q = 0; q < w->out_width; q++) {
            NAME_look(w, p, q, &v);
            for (int32_t o = 0; o < w->out_channels; o++)
              *scores++ = (float)NAME_weigh(w, k, &v, o, x) * scale;
          }
      }
      """)

  static let integerConvolutionMaximum = CFunction(
    name: "conv2d_max_pool2d", uses: [look, weigh], codeBytes: 288,
    text: """
      /* The maximum of each window over a convolution, of which nothing else is kept. */
      static void NAME_conv2d_max_pool2d(const NAME_window *w, const NAME_window *pool,
                                         const NAME_sums *k, const int8_t *x, int8_t *y) {
        NAME_view seen, v;
        for (int32_t p = 0; p < pool->out_height; p++)
          for (int32_t q = 0; q < pool->out_width; q++, y += w->out_channels) {
            NAME_look(pool, p, q, &seen);
            const int is_empty = seen.row == seen.row_end || seen.column == seen.column_end;
            for (int32_t o = 0; o < w->out_channels; o++)
              y[o] = (int8_t)(is_empty ? k->y_zero : -128);
            for (int32_t r = seen.row; r < seen.row_end; r++)
              for (int32_t s = seen.column; s < seen.column_end; s++) {
                NAME_look(w, seen.top + r, seen.left + s, &v);
                for (int32_t o = 0; o < w->out_channels; o++) {
                  const int32_t value = NAME_weigh(w, k, &v, o, x);
                  if (value > y[o]) y[o] = (int8_t)value;
                }
              }
          }
      }
      """)

  static let integerMaximum = CFunction(
    name: "max_pool2d", uses: [look, place], codeBytes: 232,
    text: """
      /* The maximum of each window; zero where it has no pixel. */
      static void NAME_max_pool2d(const NAME_window *w, int32_t zero, const int8_t *x, int8_t *y) {
        NAME_view v;
        for (int32_t p = 0; p < w->out_height; p++)
          for (int32_t q = 0; q < w->out_width; q++, y += w->out_channels) {
            NAME_look(w, p, q, &v);
            const int is_empty = v.row == v.row_end || v.column == v.column_end;
            for (int32_t c = 0; c < w->out_channels; c++) y[c] = (int8_t)(is_empty ? zero : -128);
            for (int32_t r = v.row; r < v.row_end; r++)
              for (int32_t s = v.column; s < v.column_end; s++) {
                const int8_t *pixel = x + NAME_place(w, &v, r, s);
                for (int32_t c = 0; c < w->out_channels; c++)
                  if (pixel[c] > y[c]) y[c] = pixel[c];
              }
          }
      }
      """)

  static let integerMean = CFunction(
    name: "avg_pool2d", uses: [look, place, scaled], codeBytes: 272,
    text: """
      /* The mean of each window's pixels; zero where it has none. The factors are those of 1, 2, ... pixels, or
         the same one for all windows. */
      static void NAME_avg_pool2d(const NAME_window *w, int32_t factors, const int32_t *multipliers,
                                  const uint8_t *shifts, int32_t x_zero, int32_t y_zero,
                                  const int8_t *x, int8_t *y) {
        NAME_view v;
        for (int32_t p = 0; p < w->out_height; p++)
          for (int32_t q = 0; q < w->out_width; q++) {
            NAME_look(w, p, q, &v);
            const int32_t taps = (v.row_end - v.row) * (v.column_end - v.column);
            const int32_t number = factors == 1 || taps == 0 ? 0 : taps - 1;
            for (int32_t c = 0; c < w->out_channels; c++) {
              int32_t sum = 0;
              for (int32_t r = v.row; r < v.row_end; r++)
                for (int32_t s = v.column; s < v.column_end; s++)
                  sum += x[NAME_place(w, &v, r, s) + c] - x_zero;
              *y++ = NAME_scaled(sum, multipliers[number], shifts[number], y_zero);
            }
          }
      }
      """)

  static let integerZeroPadding = CFunction(
    name: "zero_padding2d", codeBytes: 160,
    text: """
      /* Zeros round an image. */
      static void NAME_zero_padding2d(int32_t height, int32_t width, int32_t channels, int32_t top,
                                      int32_t bottom, int32_t left, int32_t right, int32_t zero,
                                      const int8_t *x, int8_t *y) {
        for (int32_t p = -top; p < height + bottom; p++)
          for (int32_t q = -left; q < width + right; q++)
            for (int32_t c = 0; c < channels; c++)
              *y++ = p >= 0 && p < height && q >= 0 && q < width ? *x++ : (int8_t)zero;
      }
      """)

  static let integerUpSampling = CFunction(
    name: "up_sampling2d", codeBytes: 104,
    text: """
      /* Each pixel as `rows` by `columns` of them. */
      static void NAME_up_sampling2d(int32_t height, int32_t width, int32_t channels, int32_t rows,
                                     int32_t columns, const int8_t *x, int8_t *y) {
        for (int32_t p = 0; p < height * rows; p++)
          for (int32_t q = 0; q < width * columns; q++)
            for (int32_t c = 0; c < channels; c++)
              *y++ = x[(p / rows * width + q / columns) * channels + c];
      }
      """)

  static let integerColumns = CFunction(
    name: "copy_columns", uses: [scaled], codeBytes: 112,
    text: """
      /* The rows of x, times a factor, as parts of the rows of y, which are `width` long. */
      static void NAME_copy_columns(int32_t rows, int32_t columns, int32_t width, int32_t x_zero,
                                    int32_t y_zero, int32_t multiplier, int32_t shift,
                                    const int8_t *x, int8_t *y) {
        for (int32_t i = 0; i < rows; i++)
          for (int32_t c = 0; c < columns; c++)
            y[i * width + c] = NAME_scaled(*x++ - x_zero, multiplier, shift, y_zero);
      }
      """)

  /// The functions of quantized networks.
  static let integers: [CFunction] = [
    rounded, cut, scaled, pixels, integerScores, integerTable, integerSlopes, integerAdd,
    integerMultiply, exponentialSum, integerSoftmax, integerSoftmaxScores, window, view, look,
    place,
    sums, dot, weigh, integerConvolution, integerConvolutionScores, integerConvolutionMaximum,
    integerMaximum, integerMean, integerZeroPadding, integerUpSampling, integerColumns,
  ]

  /// The most bytes of stack of a prediction with integers, on a Cortex-M4.
  static let integerStackBytes = 320
}
