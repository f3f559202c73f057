// The part of a window that lies inside the image, along one axis.
typedef struct {
  size_t first, end;  // positions within the window
  size_t start;       // where position `first` is in the image
} Span;

INLINE Span window_span(size_t out, int32_t stride, int32_t pad, int32_t extent, int32_t size) {
  ptrdiff_t start = (ptrdiff_t)out * stride - pad;
  ptrdiff_t first = start < 0 ? -start : 0;
  ptrdiff_t end = (ptrdiff_t)size - start < extent ? (ptrdiff_t)size - start : extent;
  if (first > extent) first = extent;
  if (end < first) end = first;
  Span span = {(size_t)first, (size_t)end, (size_t)(start + first)};
  return span;
}

typedef struct {
  size_t height, width, channels, outHeight, outWidth;
} PoolSizes;

INLINE PoolSizes pool_sizes(const MCWindow *w) {
  PoolSizes s = {(size_t)w->inHeight, (size_t)w->inWidth, (size_t)w->inChannels,
                 (size_t)w->outHeight, (size_t)w->outWidth};
  return s;
}

// y = sum over the positions inside the image / their number.
void MC_NAME(mc_avg_pool2d_forward)(const MCWindow *w, size_t batch, const float *x, float *y) {
  PoolSizes s = pool_sizes(w);
  for (size_t n = 0; n < batch; n++, x += s.height * s.width * s.channels)
    for (size_t p = 0; p < s.outHeight; p++) {
      Span rows = window_span(p, w->strideHeight, w->padTop, w->kernelHeight, w->inHeight);
      for (size_t q = 0; q < s.outWidth; q++, y += s.channels) {
        Span columns = window_span(q, w->strideWidth, w->padLeft, w->kernelWidth, w->inWidth);
        size_t places = (rows.end - rows.first) * (columns.end - columns.first);
        for (size_t c = 0; c < s.channels; c++) y[c] = 0;
        for (size_t r = 0; r < rows.end - rows.first; r++)
          for (size_t t = 0; t < columns.end - columns.first; t++) {
            const float *from =
                x + ((rows.start + r) * s.width + columns.start + t) * s.channels;
            for (size_t c = 0; c < s.channels; c++) y[c] += from[c];
          }
        float share = places ? 1.0f / (float)places : 0;
        for (size_t c = 0; c < s.channels; c++) y[c] *= share;
      }
    }
}

// dx[each of those positions] += dy / their number.
void MC_NAME(mc_avg_pool2d_backward)(const MCWindow *w, size_t batch, const float *dy, float *dx) {
  PoolSizes s = pool_sizes(w);
  size_t image = s.height * s.width * s.channels;
  memset(dx, 0, batch * image * sizeof(float));
  for (size_t n = 0; n < batch; n++, dx += image)
    for (size_t p = 0; p < s.outHeight; p++) {
      Span rows = window_span(p, w->strideHeight, w->padTop, w->kernelHeight, w->inHeight);
      for (size_t q = 0; q < s.outWidth; q++, dy += s.channels) {
        Span columns = window_span(q, w->strideWidth, w->padLeft, w->kernelWidth, w->inWidth);
        size_t places = (rows.end - rows.first) * (columns.end - columns.first);
        float share = places ? 1.0f / (float)places : 0;
        for (size_t r = 0; r < rows.end - rows.first; r++)
          for (size_t t = 0; t < columns.end - columns.first; t++) {
            float *to = dx + ((rows.start + r) * s.width + columns.start + t) * s.channels;
            for (size_t c = 0; c < s.channels; c++) to[c] += dy[c] * share;
          }
      }
    }
}

void MC_NAME(mc_global_avg_pool_forward)(size_t batch, size_t places, size_t channels,
                                         const float *x, float *y) {
  for (size_t n = 0; n < batch; n++, y += channels) {
    for (size_t c = 0; c < channels; c++) y[c] = 0;
    for (size_t i = 0; i < places; i++, x += channels)
      for (size_t c = 0; c < channels; c++) y[c] += x[c];
    for (size_t c = 0; c < channels; c++) y[c] /= (float)places;
  }
}

void MC_NAME(mc_global_avg_pool_backward)(size_t batch, size_t places, size_t channels,
                                          const float *dy, float *dx) {
  for (size_t n = 0; n < batch; n++, dy += channels)
    for (size_t i = 0; i < places; i++, dx += channels)
      for (size_t c = 0; c < channels; c++) dx[c] = dy[c] / (float)places;
}

// A NaN counts as larger than any number, so that it is not hidden.
INLINE bool beats(float candidate, float best) {
  return candidate > best || (candidate != candidate && best == best);
}

void MC_NAME(mc_global_max_pool_forward)(size_t batch, size_t places, size_t channels,
                                         const float *x, float *y, int32_t *argmax) {
  for (size_t n = 0; n < batch; n++, x += places * channels, y += channels) {
    for (size_t c = 0; c < channels; c++) {
      size_t best = 0;
      for (size_t i = 1; i < places; i++)
        if (beats(x[i * channels + c], x[best * channels + c])) best = i;
      y[c] = x[best * channels + c];
      if (argmax) argmax[n * channels + c] = (int32_t)best;
    }
  }
}

void MC_NAME(mc_global_max_pool_backward)(size_t batch, size_t places, size_t channels,
                                          const float *dy, const int32_t *argmax, float *dx) {
  memset(dx, 0, batch * places * channels * sizeof(float));
  for (size_t n = 0; n < batch; n++, dx += places * channels)
    for (size_t c = 0; c < channels; c++)
      dx[(size_t)argmax[n * channels + c] * channels + c] = dy[n * channels + c];
}
