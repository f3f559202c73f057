// What moves numbers to other places. y must not be x.
extension CFunction {
  static let copyColumns = CFunction(
    name: "copy_columns", codeBytes: 72,
    text: """
      /* The rows of x as parts of the rows of y, which are `width` long. */
      static void NAME_copy_columns(int32_t rows, int32_t columns, const float *x, int32_t width,
          float *y) {
        for (int32_t i = 0; i < rows; i++)
          for (int32_t c = 0; c < columns; c++) y[i * width + c] = *x++;
      }
      """)

  static let zeroPadding = CFunction(
    name: "zero_padding2d", codeBytes: 128,
    text: """
      /* Zeros round an image. */
      static void NAME_zero_padding2d(int32_t height, int32_t width, int32_t channels, int32_t top,
          int32_t bottom, int32_t left, int32_t right, const float *x,
          float *y) {
        for (int32_t p = -top; p < height + bottom; p++)
          for (int32_t q = -left; q < width + right; q++)
            for (int32_t c = 0; c < channels; c++)
              *y++ = p >= 0 && p < height && q >= 0 && q < width ? *x++ : 0.0f;
      }
      """)

  static let upSamplingNearest = CFunction(
    name: "up_sampling2d", codeBytes: 128,
    text: """
      /* Each pixel as `rows` by `columns` of them. */
      static void NAME_up_sampling2d(int32_t height, int32_t width, int32_t channels, int32_t rows,
          int32_t columns, const float *x, float *y) {
        for (int32_t p = 0; p < height * rows; p++)
          for (int32_t q = 0; q < width * columns; q++)
            for (int32_t c = 0; c < channels; c++)
              *y++ = x[(p / rows * width + q / columns) * channels + c];
      }
      """)

  static let between = CFunction(
    name: "between", codeBytes: 72,
    text: """
      /* Between which pixels the centre of pixel i falls when `size` of them become `factor` times as many:
         the first, the second, and how far it is from the first to the second. */
      static float NAME_between(int32_t i, int32_t factor, int32_t size, int32_t *low,
          int32_t *high) {
        const int32_t numerator = 2 * i + 1 - factor, denominator = 2 * factor;
        *low = numerator < 0 ? 0 : numerator / denominator;
        *high = numerator < 0 ? 0 : *low + 1 < size ? *low + 1 : *low;
        return numerator < 0 ? 0.0f : (float)(numerator % denominator) / (float)denominator;
      }
      """)

  static let upSamplingBilinear = CFunction(
    name: "up_sampling2d_bilinear", uses: [between], codeBytes: 280,
    text: """
      /* Means of the four nearest pixels; at the edges the outermost ones go on. */
      static void NAME_up_sampling2d_bilinear(int32_t height, int32_t width, int32_t channels,
          int32_t rows, int32_t columns, const float *x,
          float *y) {
        int32_t top, bottom, left, right;
        for (int32_t p = 0; p < height * rows; p++) {
          const float down = NAME_between(p, rows, height, &top, &bottom);
          for (int32_t q = 0; q < width * columns; q++) {
            const float across = NAME_between(q, columns, width, &left, &right);
            for (int32_t c = 0; c < channels; c++) {
              const float a = x[(top * width + left) * channels + c];
              const float b = x[(top * width + right) * channels + c];
              const float d = x[(bottom * width + left) * channels + c];
              const float e = x[(bottom * width + right) * channels + c];
              const float upper = a + (b - a) * across, lower = d + (e - d) * across;
              *y++ = upper + (lower - upper) * down;
            }
          }
        }
      }
      """)
}
