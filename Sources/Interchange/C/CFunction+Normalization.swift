// What needs all of a row, or of a sample, before it can write its first number. y may be x.
extension CFunction {
  static let softmax = CFunction(
    name: "softmax", needsMath: true, codeBytes: 168,
    text: """
      /* e^x / the sum of e^x over each row, from which the largest x is taken first, so that none overflows. */
      static void NAME_softmax(int32_t rows, int32_t columns, const float *x, float *y) {
        for (int32_t i = 0; i < rows; i++, x += columns, y += columns) {
          float largest = x[0], sum = 0.0f;
          for (int32_t c = 1; c < columns; c++)
            if (x[c] > largest) largest = x[c];
          for (int32_t c = 0; c < columns; c++) {
            y[c] = expf(x[c] - largest);
            sum += y[c];
          }
          for (int32_t c = 0; c < columns; c++) y[c] /= sum;
        }
      }
      """)

  static let normalize = CFunction(
    name: "normalize", needsMath: true, codeBytes: 344,
    text: """
      /* gamma[c] * (x - mean) / sqrt(variance + epsilon) + beta[c] over `rows` by `columns` numbers, whose rows
         are `width` apart. What rounding leaves of the mean is made good in the second pass. */
      static void NAME_normalize(int32_t rows, int32_t columns, int32_t width, float epsilon,
          const float *gamma, const float *beta, const float *x, float *y) {
        const float count = (float)rows * (float)columns;
        float mean = 0.0f, error = 0.0f, variance = 0.0f, scale;
        for (int32_t i = 0; i < rows; i++)
          for (int32_t c = 0; c < columns; c++) mean += x[i * width + c];
        mean /= count;
        for (int32_t i = 0; i < rows; i++)
          for (int32_t c = 0; c < columns; c++) {
            const float distance = x[i * width + c] - mean;
            error += distance;
            variance += distance * distance;
          }
        error /= count;
        mean += error;
        scale = 1.0f / sqrtf(variance / count - error * error + epsilon);
        for (int32_t i = 0; i < rows; i++)
          for (int32_t c = 0; c < columns; c++) {
            const float value = (x[i * width + c] - mean) * scale;
            y[i * width + c] = (gamma ? gamma[c] * value : value) + (beta ? beta[c] : 0.0f);
          }
      }
      """)

  static let groupNorm = CFunction(
    name: "group_norm", uses: [normalize], codeBytes: 104,
    text: """
      /* Groups of neighbouring columns, each over all rows. */
      static void NAME_group_norm(int32_t rows, int32_t columns, int32_t groups, float epsilon,
          const float *gamma, const float *beta, const float *x, float *y) {
        const int32_t part = columns / groups;
        for (int32_t c = 0; c < columns; c += part)
          NAME_normalize(rows, part, columns, epsilon, gamma ? gamma + c : 0, beta ? beta + c : 0,
              x + c, y + c);
      }
      """)

  static let layerNorm = CFunction(
    name: "layer_norm", uses: [normalize], codeBytes: 80,
    text: """
      /* Each row by itself. */
      static void NAME_layer_norm(int32_t rows, int32_t columns, float epsilon, const float *gamma,
          const float *beta, const float *x, float *y) {
        for (int32_t i = 0; i < rows; i++)
          NAME_normalize(1, columns, columns, epsilon, gamma, beta, x + i * columns,
              y + i * columns);
      }
      """)
}
