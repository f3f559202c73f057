// The arithmetic of quantized networks: 8-bit integers, 32-bit sums, and one rule of rounding.
extension CFunction {
  /// The rule of ``FixedPointFactor``.
  static let rounded = CFunction(
    name: "rounded", codeBytes: 88,
    text: """
      /* product / 2^shift to the nearest integer, halves up. What a negative number is when it is shifted is for
         the compiler to say, so none is. */
      static int64_t NAME_rounded(int64_t product, int32_t shift) {
        const int64_t sum = product + ((int64_t)1 << (shift - 1));
        return sum >= 0 ? sum >> shift : -1 - ((-1 - sum) >> shift);
      }
      """)

  static let cut = CFunction(
    name: "cut", codeBytes: 40,
    text: """
      /* The integer from low to high that is nearest. */
      static int32_t NAME_cut(int64_t value, int32_t low, int32_t high) {
        return value < low ? low : value > high ? high : (int32_t)value;
      }
      """)

  static let scaled = CFunction(
    name: "scaled", uses: [rounded, cut], codeBytes: 40,
    text: """
      /* zero + value * multiplier / 2^shift, as 8 bits hold it. */
      static int8_t NAME_scaled(int32_t value, int32_t multiplier, int32_t shift, int32_t zero) {
        return (int8_t)NAME_cut(NAME_rounded((int64_t)value * multiplier, shift) + zero, -128, 127);
      }
      """)

  static let pixels = CFunction(
    name: "image", codeBytes: 32,
    text: """
      /* The bytes of the image, which stand for bytes / 255, around 0. */
      static void NAME_image(int32_t count, const uint8_t *image, int8_t *y) {
        for (int32_t i = 0; i < count; i++) y[i] = (int8_t)((int32_t)image[i] - 128);
      }
      """)

  static let integerScores = CFunction(
    name: "scores", codeBytes: 56,
    text: """
      static void NAME_scores(int32_t count, int32_t zero, float scale, const int8_t *x, float *y) {
        for (int32_t i = 0; i < count; i++) y[i] = (float)(x[i] - zero) * scale;
      }
      """)

  static let integerTable = CFunction(
    name: "table", codeBytes: 32,
    text: """
      /* A function of each number, whose 256 values are known. */
      static void NAME_table(int32_t count, const int8_t *table, const int8_t *x, int8_t *y) {
        for (int32_t i = 0; i < count; i++) y[i] = table[x[i] + 128];
      }
      """)

  static let integerSlopes = CFunction(
    name: "prelu", uses: [scaled], codeBytes: 112,
    text: """
      /* One factor for what is above zero, and one for each column elsewhere. */
      static void NAME_prelu(int32_t rows, int32_t columns, int32_t x_zero, int32_t y_zero,
                             int32_t above, int32_t above_shift, const int32_t *below,
                             const uint8_t *below_shifts, const int8_t *x, int8_t *y) {
        for (int32_t i = 0; i < rows; i++)
          for (int32_t c = 0; c < columns; c++) {
            const int32_t value = *x++ - x_zero;
            *y++ = value > 0 ? NAME_scaled(value, above, above_shift, y_zero)
                             : NAME_scaled(value, below[c], below_shifts[c], y_zero);
          }
      }
      """)

  static let integerAdd = CFunction(
    name: "add", uses: [rounded, cut], codeBytes: 104,
    text: """
      /* The sum of two, each times its factor, rounded once. */
      static void NAME_add(int32_t count, int32_t a_zero, int32_t a_factor, int32_t b_zero,
                           int32_t b_factor, int32_t shift, int32_t y_zero, int32_t low, int32_t high,
                           const int8_t *a, const int8_t *b, int8_t *y) {
        for (int32_t i = 0; i < count; i++) {
          const int64_t sum =
              (int64_t)(a[i] - a_zero) * a_factor + (int64_t)(b[i] - b_zero) * b_factor;
          y[i] = (int8_t)NAME_cut(NAME_rounded(sum, shift) + y_zero, low, high);
        }
      }
      """)

  static let integerMultiply = CFunction(
    name: "multiply", uses: [scaled], codeBytes: 120,
    text: """
      /* The numbers of each row times as many factors. */
      static void NAME_multiply(int32_t rows, int32_t columns, int32_t x_zero, int32_t factor_zero,
                                int32_t y_zero, int32_t multiplier, int32_t shift, const int8_t *x,
                                const int8_t *factors, int8_t *y) {
        for (int32_t i = 0; i < rows; i++)
          for (int32_t c = 0; c < columns; c++)
            *y++ = NAME_scaled((*x++ - x_zero) * (factors[c] - factor_zero), multiplier, shift, y_zero);
      }
      """)

  static let exponentialSum = CFunction(
    name: "exponential_sum", codeBytes: 88,
    text: """
      /* The sum of the exponentials of a row, of which the largest is that of 0; and that largest number. */
      static int64_t NAME_exponential_sum(int32_t columns, const int32_t *table, const int8_t *x,
                                          int32_t *largest) {
        int64_t sum = 0;
        *largest = x[0];
        for (int32_t c = 1; c < columns; c++)
          if (x[c] > *largest) *largest = x[c];
        for (int32_t c = 0; c < columns; c++) sum += table[*largest - x[c]];
        return sum;
      }
      """)

  static let integerSoftmax = CFunction(
    name: "softmax", uses: [exponentialSum, cut], codeBytes: 184,
    text: """
      /* The share of each exponential of a row in their sum, of 256. */
      static void NAME_softmax(int32_t rows, int32_t columns, const int32_t *table, const int8_t *x,
                               int8_t *y) {
        int32_t largest;
        for (int32_t i = 0; i < rows; i++, x += columns, y += columns) {
          const int64_t sum = NAME_exponential_sum(columns, table, x, &largest);
          for (int32_t c = 0; c < columns; c++) {
            const int64_t share = ((int64_t)table[largest - x[c]] * 256 + sum / 2) / sum;
            y[c] = (int8_t)NAME_cut(share - 128, -128, 127);
          }
        }
      }
      """)

  static let integerSoftmaxScores = CFunction(
    name: "softmax_scores", uses: [exponentialSum], codeBytes: 208,
    text: """
      /* The same, of 32768, times what such a share stands for. */
      static void NAME_softmax_scores(int32_t rows, int32_t columns, const int32_t *table, float scale,
                                      const int8_t *x, float *scores) {
        int32_t largest;
        for (int32_t i = 0; i < rows; i++, x += columns, scores += columns) {
          const int64_t sum = NAME_exponential_sum(columns, table, x, &largest);
          for (int32_t c = 0; c < columns; c++) {
            const int64_t share = ((int64_t)table[largest - x[c]] * 32768 + sum / 2) / sum;
            scores[c] = (float)(int32_t)share * scale;
          }
        }
      }
      """)
}
