// What works on each number, or each channel, by itself. y may be x.
extension CFunction {
  static let image = CFunction(
    name: "image", codeBytes: 48,
    text: """
      /* Bytes as numbers from 0 to 1. */
      static void NAME_image(int32_t count, const uint8_t *image, float *y) {
        for (int32_t i = 0; i < count; i++) y[i] = (float)image[i] * (1.0f / 255.0f);
      }
      """)

  static let relu = elementwise("relu", "x[i] > 0.0f ? x[i] : 0.0f", codeBytes: 48)
  static let relu6 = elementwise(
    "relu6", "x[i] > 6.0f ? 6.0f : x[i] > 0.0f ? x[i] : 0.0f", codeBytes: 72)
  static let leakyReLU = elementwise(
    "leaky_relu", "x[i] > 0.0f ? x[i] : slope * x[i]", numbers: ["slope"], codeBytes: 64)
  static let rescaling = elementwise(
    "rescaling", "scale * x[i] + offset", numbers: ["scale", "offset"], codeBytes: 48)
  static let elu = elementwise(
    "elu", "x[i] > 0.0f ? x[i] : alpha * expm1f(x[i])", numbers: ["alpha"], needsMath: true,
    codeBytes: 64)
  static let gelu = elementwise(
    "gelu", "0.5f * x[i] * (1.0f + erff(x[i] * 0.70710678f))", needsMath: true, codeBytes: 88)
  static let silu = elementwise(
    "silu", "x[i] / (1.0f + expf(-x[i]))", needsMath: true, codeBytes: 56)
  static let sigmoid = elementwise(
    "sigmoid", "1.0f / (1.0f + expf(-x[i]))", needsMath: true, codeBytes: 56)
  static let tanh = elementwise("tanh", "tanhf(x[i])", needsMath: true, codeBytes: 32)

  private static func elementwise(
    _ name: String, _ formula: String, numbers: [String] = [], needsMath: Bool = false,
    codeBytes: Int
  ) -> CFunction {
    let parameters = numbers.map { "float \($0), " }.joined()
    return CFunction(
      name: name, needsMath: needsMath, codeBytes: codeBytes,
      text: """
        static void NAME_\(name)(int32_t count, \(parameters)const float *x, float *y) {
          for (int32_t i = 0; i < count; i++) y[i] = \(formula);
        }
        """)
  }

  static let prelu = CFunction(
    name: "prelu", codeBytes: 104,
    text: """
      /* x above 0, slopes[column] * x below. */
      static void NAME_prelu(int32_t rows, int32_t columns, const float *slopes, const float *x,
          float *y) {
        for (int32_t i = 0; i < rows; i++)
          for (int32_t c = 0; c < columns; c++, x++, y++) *y = *x > 0.0f ? *x : slopes[c] * *x;
      }
      """)

  static let scaleShift = CFunction(
    name: "scale_shift", codeBytes: 96,
    text: """
      /* scale[column] * x + shift[column]: a normalization by known means and variances. */
      static void NAME_scale_shift(int32_t rows, int32_t columns, const float *scale,
          const float *shift, const float *x, float *y) {
        for (int32_t i = 0; i < rows; i++)
          for (int32_t c = 0; c < columns; c++) *y++ = scale[c] * *x++ + shift[c];
      }
      """)

  static let add = CFunction(
    name: "add", codeBytes: 40,
    text: """
      static void NAME_add(int32_t count, const float *a, const float *b, float *y) {
        for (int32_t i = 0; i < count; i++) y[i] = a[i] + b[i];
      }
      """)

  static let multiply = CFunction(
    name: "multiply", codeBytes: 80,
    text: """
      /* Each row of x times the factors. */
      static void NAME_multiply(int32_t rows, int32_t columns, const float *factors, const float *x,
          float *y) {
        for (int32_t i = 0; i < rows; i++)
          for (int32_t c = 0; c < columns; c++) *y++ = *x++ * factors[c];
      }
      """)
}
