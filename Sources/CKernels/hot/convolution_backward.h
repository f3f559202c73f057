// The kernel's gradient, image by image.
typedef struct {
  const ConvolutionForm *f;
  GradientPath path;
  TileGradient tiles;
  float *dkernel, *dbias;  // dbias may be NULL
  float *scratch;          // `room` floats
  size_t room;
} KernelGradient;

static KernelGradient kernel_gradient_of(const ConvolutionPlan *plan, float *dkernel, float *dbias,
                                         float *scratch) {
  KernelGradient k = {.f = &plan->forward, .path = plan->gradientPath, .dkernel = dkernel,
                      .dbias = dbias, .scratch = scratch, .room = kernel_gradient_room(plan)};
  if (k.path == GRADIENT_WINOGRAD) k.tiles = tile_gradient(k.f, scratch);
  return k;
}

// dy counts only where y is positive; only the taps know a mask, and NULL asks for none.
static void add_to_kernel_gradient(KernelGradient *k, const float *x, const float *y,
                                   const float *dy) {
  if (k->path == GRADIENT_TAPS) tap_gradient(k->f, x, y, dy, k->dkernel, k->dbias, k->scratch);
  else if (k->path == GRADIENT_WINOGRAD) add_tiles(&k->tiles, x, dy, k->dbias);
  else if (k->path == GRADIENT_GROUPED)
    grouped_gradient(k->f, x, dy, k->dkernel, k->dbias, k->scratch);
  else kernel_gradient(k->f, x, dy, k->dkernel, k->dbias, k->scratch);
}

static void finish_kernel_gradient(KernelGradient *k) {
  if (k->path == GRADIENT_WINOGRAD) finish_held_tiles(&k->tiles, k->dkernel);
}

// A pixel of any number of channels.
INLINE void copy_pixel(size_t channels, const float *from, float *to) {
  if (channels < 16) return copy_part(to, from, channels);
  for (size_t c = 0; c + 16 < channels; c += 16) __builtin_memcpy(to + c, from + c, sizeof(v16));
  // The last vector ends with the channels.
  __builtin_memcpy(to + channels - 16, from + channels - 16, sizeof(v16));
}

// Rows firstRow to below endRow of x, whose sampled pixels are at `sampled`, from the first of those
// rows on. The pixels between are the bias of a transposed convolution, or zero.
static void spread_pixels(const MCWindow *w, size_t firstRow, size_t endRow, const float *sampled,
                          const float *bias, float *x) {
  size_t channels = (size_t)w->inChannels, width = (size_t)w->outWidth;
  size_t line = (size_t)w->inWidth * channels, step = (size_t)w->strideWidth * channels;
  size_t down = (size_t)w->strideHeight;
  for (size_t h = firstRow; h < endRow; h++) {
    float *row = x + h * line;
    if (!bias) memset(row, 0, line * sizeof *row);
    for (size_t i = 0; bias && i < line; i += channels) copy_pixel(channels, bias, row + i);
    if (h % down != 0 || h / down >= (size_t)w->outHeight) continue;
    for (size_t q = 0; q < width; q++, sampled += channels)
      copy_pixel(channels, sampled, row + q * step);
  }
}

// The backward form's output. Where `rectifier` is not NULL, dy is that of its output `y`; only
// Winograd's tiles know one.
static void form_gradients(const ConvolutionPlan *plan, size_t batch, const float *dy,
                           const MCRectifier *rectifier, const float *y, const float *prepared,
                           const float *bias, float *dx, float *scratch) {
  const MCRectifier nothing = {0};
  const ConvolutionForm *b = &plan->backward;
  size_t image = b->outHeight * b->outWidth * b->outputs;
  if (plan->backwardPath == BACKWARD_WINOGRAD) {
    TileSource source = {.x = dy, .rectifier = rectifier, .y = y};
    TileSink sink = {.endRow = b->outHeight, .width = b->outWidth, .channels = b->outputs,
                     .image = image, .y = dx};
    convolve_tiles(&plan->backwardTiles, b, batch, &source, prepared, bias, &sink, scratch);
    return;
  }
  if (plan->backwardPath == BACKWARD_GROUPED) {
    for (size_t n = 0; n < batch; n++)
      grouped_rows(b, 0, b->outHeight, dy + n * b->height * b->width * b->inputs, prepared, bias,
                   &nothing, dx + n * image, scratch);
    return;
  }
  if (is_pointwise(b)) {
    direct_pixels(b, batch * b->outHeight * b->outWidth, dy, prepared, bias, &nothing, dx);
    return;
  }
  ConvolutionForm f = direct_form(b);
  for (size_t n = 0; n < batch; n++)
    direct_rows(b, &f, 0, b->outHeight,
                bordered(&f, dy + n * b->height * b->width * b->inputs, scratch), prepared, bias,
                &nothing, dx + n * image);
}

// dx of one image whose pixels are sampled: a product over pixels side by side, some rows of them at a
// time, so that dx is written once and in order, and most of it by clearing whole rows.
static void sampled_gradients(const MCWindow *w, const ConvolutionForm *b, const float *dy,
                              const float *prepared, const float *bias, float *dx,
                              float *scratch) {
  const MCRectifier nothing = {0};
  size_t most = sampled_rows(b), down = (size_t)w->strideHeight;
  for (size_t p = 0, rows; p < b->height; p += rows) {
    rows = b->height - p < most ? b->height - p : most;
    direct_pixels(b, rows * b->width, dy + p * b->width * b->inputs, prepared, bias, &nothing,
                  scratch);
    size_t end = p + rows < b->height ? (p + rows) * down : (size_t)w->inHeight;
    spread_pixels(w, p * down, end, scratch, bias, dx);
  }
}

// dx is dy spread back through the same kernel: a convolution of its own. A transposed convolution has a
// bias there, any other none.
static void input_gradients(const MCConvolution *c, const ConvolutionPlan *plan, size_t batch,
                            const float *dy, const MCRectifier *rectifier, const float *y,
                            const float *prepared, const float *bias, float *dx, float *scratch) {
  if (!plan->sampled) {
    form_gradients(plan, batch, dy, rectifier, y, prepared, bias, dx, scratch);
    return;
  }
  const ConvolutionForm *f = &plan->forward, *b = &plan->backward;
  for (size_t n = 0; n < batch; n++)
    sampled_gradients(&c->window, b, dy + n * b->height * b->width * b->inputs, prepared, bias,
                      dx + n * f->height * f->width * f->inputs, scratch);
}

void mc_conv2d_backward(const MCConvolution *c, size_t batch, const float *x, const float *y,
                        const float *dy, const uint8_t *argmax, const float *prepared,
                        float *dkernel, float *dbias, float *dx, float *scratch) {
  ConvolutionPlan plan = convolution_plan(c);
  const ConvolutionForm *f = &plan.forward;
  const float *rotated = prepared + plan.forwardPrepared;
  if (plan.backwardPath == BACKWARD_SPARSE) {
    backward_sparse(c, &plan, batch, x, y, dy, argmax, rotated, dkernel, dbias, dx, scratch);
    return;
  }
  size_t image = f->height * f->width * f->inputs, count = f->outHeight * f->outWidth * f->outputs;
  float *masked = scratch;
  bool tiled = plan.backwardPath == BACKWARD_WINOGRAD;
  if (c->rectifier.rectifies) scratch += (count + LANES - 1) / LANES * LANES;
  // The sums of the kernel's gradient are kept while the input's is computed.
  KernelGradient kernel = kernel_gradient_of(&plan, dkernel, dbias, scratch);
  scratch += kernel.room;
  if (tiled && dx)
    input_gradients(c, &plan, batch, dy, c->rectifier.rectifies ? &c->rectifier : NULL, y,
                    rotated, NULL, dx, scratch);
  if (tiled && !dkernel) return;
  for (size_t n = 0; n < batch; n++) {
    const float *gradient = dy + n * count, *mask = c->rectifier.rectifies ? y + n * count : NULL;
    bool isLeft = kernel.path == GRADIENT_TAPS && is_relu(&c->rectifier) && (tiled || !dx);
    if (mask && !isLeft) {
      mc_rectifier_backward(count, &c->rectifier, mask, gradient, masked);
      gradient = masked;
      mask = NULL;
    }
    if (dkernel) add_to_kernel_gradient(&kernel, x + n * image, mask, gradient);
    if (dx && !tiled)
      input_gradients(c, &plan, 1, gradient, NULL, NULL, rotated, NULL, dx + n * image, scratch);
  }
  if (dkernel) finish_kernel_gradient(&kernel);
}
