// A convolution as its formula says, one output after the other, with the ReLU and the max pooling that
// may follow it. `prepared` is the kernel as it is, [R,S,C/groups,O].
//
//   y[p,q,o] = bias[o] + sum over r,s,c of
//              x[p*stride + r*dilation - pad, q*stride + s*dilation - pad, c] * kernel[r,s,c,o]
//
// c runs over the channels of the group of o; outside the image x is 0. Backwards, the derivative of a
// product is one factor, times the gradient of the other: for each term of each sum
//
//   dkernel[r,s,c,o] += x[..., c] * dy[p,q,o]
//   dx[..., c]       += kernel[r,s,c,o] * dy[p,q,o]
//   dbias[o]         += dy[p,q,o]

// Where the terms of output channel o begin: in a pixel of x, and in a tap of the kernel they are
// `inputs` channels each.
typedef struct {
  size_t inputs, first;
} Group;

INLINE Group group_of(const MCWindow *w, size_t o) {
  size_t inputs = (size_t)(w->inChannels / w->groups);
  Group group = {inputs, o / (size_t)(w->outChannels / w->groups) * inputs};
  return group;
}

// Of kernel[r,s,c,o] in the kernel.
INLINE size_t weight_at(const MCWindow *w, int32_t r, int32_t s, size_t c, size_t o) {
  size_t tap = (size_t)(r * w->kernelWidth + s), inputs = (size_t)(w->inChannels / w->groups);
  return (tap * inputs + c) * (size_t)w->outChannels + o;
}

static float output_at(const MCWindow *w, const float *x, const float *kernel, const float *bias,
                       size_t p, size_t q, size_t o) {
  Group group = group_of(w, o);
  double sum = bias ? (double)bias[o] : 0;
  for (int32_t r = 0; r < w->kernelHeight; r++)
    for (int32_t s = 0; s < w->kernelWidth; s++) {
      ptrdiff_t row = row_at(w, p, r), column = column_at(w, q, s);
      if (!is_inside(w, row, column)) continue;
      const float *pixel = x + pixel_at(w, row, column) + group.first;
      for (size_t c = 0; c < group.inputs; c++)
        sum += (double)pixel[c] * (double)kernel[weight_at(w, r, s, c, o)];
    }
  return (float)sum;
}

// dy: the gradient of that output. dkernel, dbias and dx may be NULL.
static void backward_at(const MCWindow *w, const float *x, const float *kernel, float dy, size_t p,
                        size_t q, size_t o, float *dkernel, float *dbias, float *dx) {
  Group group = group_of(w, o);
  if (dbias) dbias[o] += dy;
  for (int32_t r = 0; r < w->kernelHeight; r++)
    for (int32_t s = 0; s < w->kernelWidth; s++) {
      ptrdiff_t row = row_at(w, p, r), column = column_at(w, q, s);
      if (!is_inside(w, row, column)) continue;
      size_t pixel = pixel_at(w, row, column) + group.first;
      for (size_t c = 0; c < group.inputs; c++) {
        size_t weight = weight_at(w, r, s, c, o);
        if (dkernel) dkernel[weight] += x[pixel + c] * dy;
        if (dx) dx[pixel + c] += kernel[weight] * dy;
      }
    }
}

// The largest output in window (p, q) of the pooling, and its position there.
static float pooled_at(const MCConvolution *c, const float *x, const float *kernel,
                       const float *bias, size_t p, size_t q, size_t o, uint8_t *position) {
  const MCWindow *pool = &c->pool;
  float best = 0;
  for (int32_t r = 0; r < pool->kernelHeight; r++)
    for (int32_t s = 0; s < pool->kernelWidth; s++) {
      float value = output_at(&c->window, x, kernel, bias, (size_t)row_at(pool, p, r),
                              (size_t)column_at(pool, q, s), o);
      if (r + s > 0 && !beats(value, best)) continue;
      best = value;
      *position = (uint8_t)(r * pool->kernelWidth + s);
    }
  return best;
}

void mc_conv2d_forward(const MCConvolution *c, size_t batch, size_t firstRow, size_t endRow,
                       const float *x, const float *prepared, const float *bias, float *y,
                       uint8_t *argmax, float *scratch) {
  (void)scratch;
  const MCWindow *w = &c->window, *last = c->pooled ? &c->pool : w;
  size_t image = (size_t)w->inHeight * (size_t)w->inWidth * (size_t)w->inChannels;
  size_t height = (size_t)last->outHeight, width = (size_t)last->outWidth;
  size_t outputs = (size_t)w->outChannels;
  for (size_t n = 0; n < batch; n++, x += image)
    for (size_t p = firstRow; p < endRow; p++)
      for (size_t q = 0; q < width; q++)
        for (size_t o = 0; o < outputs; o++) {
          size_t i = ((n * height + p) * width + q) * outputs + o;
          uint8_t position = 0;
          float value = c->pooled ? pooled_at(c, x, prepared, bias, p, q, o, &position)
                                  : output_at(w, x, prepared, bias, p, q, o);
          y[i] = rectified(&c->rectifier, value);
          if (c->pooled && argmax) argmax[i] = position;
        }
}

void mc_conv2d_backward(const MCConvolution *c, size_t batch, const float *x, const float *y,
                        const float *dy, const uint8_t *argmax, const float *prepared,
                        float *dkernel, float *dbias, float *dx, float *scratch) {
  (void)scratch;
  const MCWindow *w = &c->window, *pool = &c->pool, *last = c->pooled ? pool : w;
  size_t image = (size_t)w->inHeight * (size_t)w->inWidth * (size_t)w->inChannels, i = 0;
  if (dx) memset(dx, 0, batch * image * sizeof(float));
  for (size_t n = 0; n < batch; n++, x += image, dx = dx ? dx + image : NULL)
    for (size_t p = 0; p < (size_t)last->outHeight; p++)
      for (size_t q = 0; q < (size_t)last->outWidth; q++)
        for (size_t o = 0; o < (size_t)w->outChannels; o++, i++) {
          float gradient = rectified_gradient(&c->rectifier, y[i], dy[i]);
          // Off: the ReLU passes nothing on.
          if (c->rectifier.rectifies && gradient == 0) continue;
          size_t row = p, column = q;
          if (c->pooled) {
            row = (size_t)row_at(pool, p, argmax[i] / pool->kernelWidth);
            column = (size_t)column_at(pool, q, argmax[i] % pool->kernelWidth);
          }
          backward_at(w, x, prepared, gradient, row, column, o, dkernel, dbias, dx);
        }
}
