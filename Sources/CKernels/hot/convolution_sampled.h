// A convolution of one tap that steps over pixels: those that it reads are copied side by side, and so
// are their gradients until they are spread over the image, so that no loop sees a stride.

INLINE void copy_pixel(size_t channels, const float *from, float *to) {
  if (channels < 16) return copy_part(to, from, channels);
  for (size_t c = 0; c + 16 < channels; c += 16) __builtin_memcpy(to + c, from + c, sizeof(v16));
  // The last vector ends with the channels.
  __builtin_memcpy(to + channels - 16, from + channels - 16, sizeof(v16));
}

// Rows firstRow to below endRow of the pixels [outHeight, outWidth, inChannels], the first of all of
// them at `sampled`.
static void sample_pixels(const MCWindow *w, size_t firstRow, size_t endRow, const float *x,
                          float *sampled) {
  size_t channels = (size_t)w->inChannels, width = (size_t)w->outWidth;
  size_t line = (size_t)w->inWidth * channels, step = (size_t)w->strideWidth * channels;
  for (size_t p = firstRow; p < endRow; p++) {
    const float *from = x + p * (size_t)w->strideHeight * line;
    float *to = sampled + p * width * channels;
    for (size_t q = 0; q < width; q++) copy_pixel(channels, from + q * step, to + q * channels);
  }
}

// The other way, all rows. The pixels between are the bias of a transposed convolution, or zero.
static void spread_pixels(const MCWindow *w, const float *sampled, const float *bias, float *x) {
  size_t channels = (size_t)w->inChannels, width = (size_t)w->outWidth;
  size_t line = (size_t)w->inWidth * channels, step = (size_t)w->strideWidth * channels;
  size_t down = (size_t)w->strideHeight;
  for (size_t h = 0; h < (size_t)w->inHeight; h++, x += line) {
    if (!bias) memset(x, 0, line * sizeof *x);
    for (size_t i = 0; bias && i < line; i += channels) copy_pixel(channels, bias, x + i);
    if (h % down != 0 || h / down >= (size_t)w->outHeight) continue;
    for (size_t q = 0; q < width; q++, sampled += channels)
      copy_pixel(channels, sampled, x + q * step);
  }
}
