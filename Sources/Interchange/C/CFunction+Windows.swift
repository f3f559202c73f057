// What slides a window over an image. All images are [height, width, channels], channels innermost.
extension CFunction {
  static let window = CFunction(
    name: "window", codeBytes: 0,
    text: """
      /* How a window slides over an image; images are rows of pixels of channels. */
      typedef struct {
        int32_t in_height, in_width, in_channels;
        int32_t out_height, out_width, out_channels;
        int32_t kernel_height, kernel_width;
        int32_t stride_height, stride_width;
        int32_t dilation_height, dilation_width;
        int32_t pad_top, pad_left;
        int32_t groups;
      } NAME_window;
      """)

  static let tap = CFunction(
    name: "tap", uses: [window], codeBytes: 72,
    text: """
      /* Where tap (r, s) of window (p, q) is in the image, or -1 in the padding. */
      static int32_t NAME_tap(const NAME_window *w, int32_t p, int32_t q, int32_t r, int32_t s) {
        const int32_t row = p * w->stride_height + r * w->dilation_height - w->pad_top;
        const int32_t column = q * w->stride_width + s * w->dilation_width - w->pad_left;
        if (row < 0 || row >= w->in_height || column < 0 || column >= w->in_width) return -1;
        return (row * w->in_width + column) * w->in_channels;
      }
      """)

  static let start = CFunction(
    name: "start", codeBytes: 32,
    text: """
      /* y = bias, or 0 where there is none. */
      static void NAME_start(int32_t count, const float *bias, float *y) {
        for (int32_t i = 0; i < count; i++) y[i] = bias ? bias[i] : 0.0f;
      }
      """)

  static let addProduct = CFunction(
    name: "add_product", codeBytes: 56,
    text: """
      /* y += x * kernel, for one number x, many of which are 0 behind a ReLU. */
      static void NAME_add_product(int32_t count, float x, const float *kernel, float *y) {
        if (x == 0.0f) return;
        for (int32_t i = 0; i < count; i++) y[i] += x * kernel[i];
      }
      """)

  static let dense = CFunction(
    name: "dense", uses: [start, addProduct], codeBytes: 56,
    text: """
      /* y[o] = bias[o] + the sum over i of x[i] * kernel[i][o] */
      static void NAME_dense(int32_t inputs, int32_t outputs, const float *kernel, const float *bias,
          const float *x, float *y) {
        NAME_start(outputs, bias, y);
        for (int32_t i = 0; i < inputs; i++)
          NAME_add_product(outputs, x[i], kernel + i * outputs, y);
      }
      """)

  static let convolutionPixel = CFunction(
    name: "conv2d_pixel", uses: [tap, start, addProduct], codeBytes: 256,
    text: """
      /* Pixel (p, q) of a convolution: y[o] = bias[o] + the sum over taps and i of x[i] * kernel[tap][i][o],
         i over the channels of o's group. */
      static void NAME_conv2d_pixel(const NAME_window *w, int32_t p, int32_t q, const float *kernel,
          const float *bias, const float *x, float *y) {
        const int32_t inputs = w->in_channels / w->groups, outputs = w->out_channels / w->groups;
        NAME_start(w->out_channels, bias, y);
        for (int32_t r = 0; r < w->kernel_height; r++)
          for (int32_t s = 0; s < w->kernel_width; s++) {
            const int32_t at = NAME_tap(w, p, q, r, s);
            if (at < 0) {
              kernel += inputs * w->out_channels;
              continue;
            }
            for (int32_t i = 0; i < inputs; i++, kernel += w->out_channels)
              for (int32_t g = 0; g < w->groups; g++)
                NAME_add_product(outputs, x[at + g * inputs + i], kernel + g * outputs,
                    y + g * outputs);
          }
      }
      """)

  static let convolution = CFunction(
    name: "conv2d", uses: [convolutionPixel], codeBytes: 72,
    text: """
      static void NAME_conv2d(const NAME_window *w, const float *kernel, const float *bias,
          const float *x, float *y) {
        for (int32_t p = 0; p < w->out_height; p++)
          for (int32_t q = 0; q < w->out_width; q++, y += w->out_channels)
            NAME_conv2d_pixel(w, p, q, kernel, bias, x, y);
      }
      """)

  static let convolutionMaximum = CFunction(
    name: "conv2d_max_pool2d", uses: [convolutionPixel], codeBytes: 224,
    text: """
      /* The maximum of each window over a convolution, of which one pixel is kept at a time. */
      static void NAME_conv2d_max_pool2d(const NAME_window *w, const NAME_window *pool,
          const float *kernel, const float *bias, const float *x,
          float *pixel, float *y) {
        for (int32_t p = 0; p < pool->out_height; p++)
          for (int32_t q = 0; q < pool->out_width; q++, y += pool->out_channels) {
            int32_t taps = 0;
            NAME_start(pool->out_channels, 0, y);
            for (int32_t r = 0; r < pool->kernel_height; r++)
              for (int32_t s = 0; s < pool->kernel_width; s++) {
                const int32_t at = NAME_tap(pool, p, q, r, s);
                if (at < 0) continue;
                NAME_conv2d_pixel(w, at / pool->in_channels / pool->in_width,
                    at / pool->in_channels % pool->in_width, kernel, bias, x, pixel);
                for (int32_t c = 0; c < pool->out_channels; c++)
                  if (taps == 0 || pixel[c] > y[c]) y[c] = pixel[c];
                taps++;
              }
          }
      }
      """)

  static let transposedConvolution = CFunction(
    name: "conv2d_transpose", uses: [tap, start, addProduct], codeBytes: 224,
    text: """
      /* y = bias, then each pixel of x spread over a window of y: x[i] * kernel[tap][i][o]. The window is that
         of the convolution from y to x. */
      static void NAME_conv2d_transpose(const NAME_window *w, const float *kernel, const float *bias,
          const float *x, float *y) {
        const int32_t inputs = w->out_channels, outputs = w->in_channels;
        for (int32_t i = 0; i < w->in_height * w->in_width; i++)
          NAME_start(outputs, bias, y + i * outputs);
        for (int32_t p = 0; p < w->out_height; p++)
          for (int32_t q = 0; q < w->out_width; q++, x += inputs)
            for (int32_t r = 0; r < w->kernel_height; r++)
              for (int32_t s = 0; s < w->kernel_width; s++) {
                const int32_t at = NAME_tap(w, p, q, r, s);
                if (at < 0) continue;
                for (int32_t i = 0; i < inputs; i++)
                  NAME_add_product(
                      outputs, x[i],
                      kernel + ((r * w->kernel_width + s) * inputs + i) * outputs, y + at);
              }
      }
      """)

  static let maximum = CFunction(
    name: "max_pool2d", uses: [tap, start], codeBytes: 200,
    text: """
      /* The maximum of each window; 0 where it has no pixel. */
      static void NAME_max_pool2d(const NAME_window *w, const float *x, float *y) {
        for (int32_t p = 0; p < w->out_height; p++)
          for (int32_t q = 0; q < w->out_width; q++, y += w->out_channels) {
            int32_t taps = 0;
            NAME_start(w->out_channels, 0, y);
            for (int32_t r = 0; r < w->kernel_height; r++)
              for (int32_t s = 0; s < w->kernel_width; s++) {
                const int32_t at = NAME_tap(w, p, q, r, s);
                if (at < 0) continue;
                for (int32_t c = 0; c < w->out_channels; c++)
                  if (taps == 0 || x[at + c] > y[c]) y[c] = x[at + c];
                taps++;
              }
          }
      }
      """)

  static let mean = CFunction(
    name: "avg_pool2d", uses: [tap, start], codeBytes: 216,
    text: """
      /* The mean of each window's pixels; 0 where it has none. */
      static void NAME_avg_pool2d(const NAME_window *w, const float *x, float *y) {
        for (int32_t p = 0; p < w->out_height; p++)
          for (int32_t q = 0; q < w->out_width; q++, y += w->out_channels) {
            int32_t taps = 0;
            NAME_start(w->out_channels, 0, y);
            for (int32_t r = 0; r < w->kernel_height; r++)
              for (int32_t s = 0; s < w->kernel_width; s++) {
                const int32_t at = NAME_tap(w, p, q, r, s);
                if (at < 0) continue;
                for (int32_t c = 0; c < w->out_channels; c++) y[c] += x[at + c];
                taps++;
              }
            for (int32_t c = 0; taps > 0 && c < w->out_channels; c++) y[c] /= (float)taps;
          }
      }
      """)
}
