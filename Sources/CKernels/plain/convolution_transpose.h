// A transposed convolution is the gradient of a convolution's input with the roles exchanged: its input
// x [P,Q,O] is what the convolution c gives, its output y [H,W,C] what c takes. Every number of x spreads a
// copy of the kernel over y:
//
//   y[p*stride + r*dilation - pad, q*stride + s*dilation - pad, c] += x[p,q,o] * kernel[r,s,c,o]
//
// and y begins with the bias. Backwards, dx is the convolution of dy, and the kernel's gradient that of a
// convolution of dy whose gradient is x.

static void spread(const MCConvolution *c, const float *x, const float *kernel, const float *image,
                   float *dkernel, float *y) {
  const MCWindow *w = &c->window;
  for (size_t p = 0, i = 0; p < (size_t)w->outHeight; p++)
    for (size_t q = 0; q < (size_t)w->outWidth; q++)
      for (size_t o = 0; o < (size_t)w->outChannels; o++, i++)
        backward_at(w, image, kernel, x[i], p, q, o, dkernel, NULL, y);
}

void mc_conv2d_transpose_forward(const MCConvolution *c, size_t batch, const float *x,
                                 const float *prepared, const float *bias, float *y,
                                 float *scratch) {
  (void)scratch;
  const MCWindow *w = &c->window;
  size_t channels = (size_t)w->inChannels, pixels = (size_t)w->inHeight * (size_t)w->inWidth;
  size_t count = (size_t)w->outHeight * (size_t)w->outWidth * (size_t)w->outChannels;
  for (size_t n = 0; n < batch; n++, x += count, y += pixels * channels) {
    for (size_t i = 0; i < pixels * channels; i++) y[i] = bias ? bias[i % channels] : 0;
    spread(c, x, prepared, NULL, NULL, y);
  }
}

void mc_conv2d_transpose_backward(const MCConvolution *c, size_t batch, const float *x,
                                  const float *dy, const float *prepared, float *dkernel,
                                  float *dbias, float *dx, float *scratch) {
  const MCWindow *w = &c->window;
  size_t channels = (size_t)w->inChannels, pixels = (size_t)w->inHeight * (size_t)w->inWidth;
  size_t count = (size_t)w->outHeight * (size_t)w->outWidth * (size_t)w->outChannels;
  if (dx) mc_conv2d_forward(c, batch, 0, (size_t)w->outHeight, dy, prepared, NULL, dx, NULL, scratch);
  for (size_t n = 0; n < batch; n++, x += count, dy += pixels * channels) {
    if (dkernel) spread(c, x, prepared, dy, dkernel, NULL);
    for (size_t i = 0; dbias && i < pixels * channels; i++) dbias[i % channels] += dy[i];
  }
}
