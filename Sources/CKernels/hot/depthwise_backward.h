// The gradients of a depthwise convolution (depthwise_rows.h).

// dx of one image, both of whole vectors. Positions of the input that lie a stride apart are reached by
// the same taps.
static void depthwise_input_gradient(const MCWindow *w, const float *dy, const float *prepared,
                                     float *dx) {
  size_t width = depthwise_width(w), columns = (size_t)w->inWidth;
  size_t stride = (size_t)w->strideWidth;
  DepthwiseRows rows = {.line = (size_t)w->outWidth * width, .width = width, .kernel = prepared,
                        .kernelWidth = (size_t)w->kernelWidth,
                        .channels = width, .step = stride * width};
  for (size_t h = 0; h < (size_t)w->inHeight; h++) {
    rows.down = backward_axis(h, w->strideHeight, w->dilationHeight, w->padTop, w->kernelHeight,
                              w->outHeight);
    for (size_t first = 0; first < stride && first < columns; first++) {
      rows.across = backward_axis(first, w->strideWidth, w->dilationWidth, w->padLeft,
                                  w->kernelWidth, w->outWidth);
      rows.count = (columns - first + stride - 1) / stride;
      rows.middle = outputs_inside(&rows.across, 0, rows.across.taps, rows.count);
      depthwise_row(&rows, 0, dy, dx + (h * columns + first) * width);
    }
  }
}

// sums[t] += sum over i < count of x[i*move + t*tapMove] * dy[i*width], t < n, a vector each. Every other
// product goes to a second sum, so that additions wait for each other less. n is a constant wherever
// this is called.
INLINE void sum_products(const int n, size_t count, const float *x, size_t move, size_t tapMove,
                         const float *dy, size_t width, float *sums) {
  v16 even[3] = {{0}}, odd[3] = {{0}};
  size_t i = 0;
  for (; i + 2 <= count; i += 2, x += 2 * move, dy += 2 * width) {
    v16 first, second;
    load(dy, &first);
    load(dy + width, &second);
    for (int t = 0; t < n; t++) {
      v16 a, b;
      load(x + (size_t)t * tapMove, &a);
      load(x + (size_t)t * tapMove + move, &b);
      even[t] += a * first;
      odd[t] += b * second;
    }
  }
  if (i < count) {
    v16 last;
    load(dy, &last);
    for (int t = 0; t < n; t++) {
      v16 a;
      load(x + (size_t)t * tapMove, &a);
      even[t] += a * last;
    }
  }
  for (int t = 0; t < n; t++) {
    v16 sum;
    load(sums + t * 16, &sum);
    sum += even[t] + odd[t];
    store(sums + t * 16, &sum);
  }
}

// Up to three neighbouring taps of a row of the kernel, for one image of whole vectors. Outputs where
// all of them read inside are summed together, the others tap by tap.
static void depthwise_taps_gradient(const MCWindow *w, size_t tap, size_t n, const float *x,
                                    const float *dy, float *sums) {
  size_t width = depthwise_width(w), taps = depthwise_taps(w), columns = (size_t)w->outWidth;
  size_t line = (size_t)w->inWidth * width;
  KernelAxis down = forward_axis(w->strideHeight, w->dilationHeight, w->padTop, w->kernelHeight,
                                 w->inHeight);
  KernelAxis across = forward_axis(w->strideWidth, w->dilationWidth, w->padLeft, w->kernelWidth,
                                   w->inWidth);
  size_t move = (size_t)across.move * width, tapMove = (size_t)across.tapMove * width;
  ptrdiff_t left = (across.start + (ptrdiff_t)tap * across.tapMove) * (ptrdiff_t)width;
  Run common = outputs_inside(&across, tap, tap + n, columns), edges[3][2];
  for (size_t t = 0; t < n; t++) {
    Run own = outputs_inside(&across, tap + t, tap + t + 1, columns);
    edges[t][0] = (Run){own.first, own.end < common.first ? own.end : common.first};
    edges[t][1] = (Run){own.first > common.end ? own.first : common.end, own.end};
  }
  for (size_t p = 0; p < (size_t)w->outHeight; p++, dy += columns * width) {
    Run rows = taps_inside(&down, p);
    for (size_t o = 0; o < width; o += 16)
      for (size_t r = rows.first; r < rows.end; r++) {
        ptrdiff_t top = down.start + (ptrdiff_t)p * down.move + (ptrdiff_t)r * down.tapMove;
        // What output 0 reads, which may be outside.
        ptrdiff_t at = top * (ptrdiff_t)line + left + (ptrdiff_t)o;
        size_t count = common.end - common.first;
        const float *from = count > 0 ? x + (at + (ptrdiff_t)(common.first * move)) : x;
        const float *gradient = dy + common.first * width + o;
        float *to = sums + o * taps + (r * (size_t)w->kernelWidth + tap) * 16;
        if (n == 3) sum_products(3, count, from, move, tapMove, gradient, width, to);
        else if (n == 2) sum_products(2, count, from, move, tapMove, gradient, width, to);
        else sum_products(1, count, from, move, tapMove, gradient, width, to);
        for (size_t t = 0; t < n; t++)
          for (size_t side = 0; side < 2; side++) {
            Run run = edges[t][side];
            if (run.first >= run.end) continue;
            sum_products(1, run.end - run.first,
                         x + (at + (ptrdiff_t)(t * tapMove + run.first * move)), move, 0,
                         dy + run.first * width + o, width, to + t * 16);
          }
      }
  }
}

void mc_depthwise_backward(const MCWindow *w, size_t batch, const float *x, const float *dy,
                           const float *prepared, float *dkernel, float *dbias, float *dx,
                           float *scratch) {
  size_t inputs = (size_t)w->inChannels, outputs = (size_t)w->outChannels;
  size_t pixels = (size_t)w->inHeight * (size_t)w->inWidth;
  size_t places = (size_t)w->outHeight * (size_t)w->outWidth;
  size_t width = depthwise_width(w), taps = depthwise_taps(w);
  bool whole = depthwise_is_whole(w);
  float *wideImage = scratch, *wideGradient = wideImage + depthwise_input_room(w);
  float *sums = wideGradient + depthwise_output_room(w);
  float *work = sums + taps * width;
  memset(sums, 0, taps * width * sizeof(float));
  for (size_t n = 0; n < batch; n++) {
    const float *image = x + n * pixels * inputs, *gradient = dy + n * places * outputs;
    float *to = dx ? dx + n * pixels * inputs : NULL;
    if (dbias) add_column_sums(places, outputs, gradient, dbias, work);
    if (depthwise_is_3x3(w)) {
      if (dkernel) kernel_gradient_3x3(w, image, gradient, sums);
      if (dx) input_gradient_3x3(w, gradient, prepared, to);
      continue;
    }
    if (!whole) {
      widen(pixels, inputs, outputs / inputs, width, image, wideImage);
      widen(places, outputs, 1, width, gradient, wideGradient);
      image = wideImage;
      gradient = wideGradient;
    }
    for (size_t tap = 0; dkernel && tap < (size_t)w->kernelWidth; tap += 3) {
      size_t left = (size_t)w->kernelWidth - tap;
      depthwise_taps_gradient(w, tap, left < 3 ? left : 3, image, gradient, sums);
    }
    if (!dx) continue;
    // The image is not needed any more where it was a copy.
    depthwise_input_gradient(w, gradient, prepared, whole ? to : wideImage);
    if (!whole) narrow(pixels, inputs, outputs / inputs, width, wideImage, to);
  }
  if (dkernel && depthwise_is_3x3(w)) return add_kernel_gradient_3x3(outputs, sums, dkernel);
  for (size_t tap = 0; dkernel && tap < taps; tap++)
    for (size_t o = 0; o < outputs; o++)
      dkernel[tap * outputs + o] += sums[(o / 16 * taps + tap) * 16 + o % 16];
}
