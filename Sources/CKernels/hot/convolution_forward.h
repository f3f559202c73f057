// The final output: rows of pooled maxima where `pooled`, else rows of the convolution.

// How the rows of one image are computed.
typedef struct {
  const MCConvolution *c;
  ConvolutionPlan plan;
  ConvolutionForm bordered, inner;  // inner: direct_form of the forward form
  bool pairs;                       // pools_pairs
  const float *prepared, *bias;
  float *work;
} ForwardRun;

// The same rows of each image of a batch by Winograd's tiles; the first row goes to y.
static void forward_tiles(const ForwardRun *run, size_t batch, const float *x, size_t firstRow,
                          size_t endRow, const MCRectifier *rectifier, float *y, uint8_t *argmax) {
  const ConvolutionForm *f = &run->plan.forward;
  TileSource source = {.x = x};
  TileSink sink = {.rectifier = *rectifier, .pooled = run->pairs, .firstRow = firstRow,
                   .endRow = endRow,
                   .width = run->pairs ? run->plan.lastWidth : f->outWidth, .channels = f->outputs,
                   .image = run->plan.lastRows * run->plan.lastWidth * f->outputs, .y = y,
                   .argmax = argmax};
  convolve_tiles(&run->plan.forwardTiles, f, batch, &source, run->prepared, run->bias, &sink,
                 run->work);
}

// Rows of the convolution of an image, firstRow to below endRow, of which the first goes to y.
static void convolution_rows(const ForwardRun *run, const float *image, size_t firstRow,
                             size_t endRow, const MCRectifier *rectifier, float *y) {
  const ConvolutionForm *f = &run->plan.forward;
  switch (run->plan.forwardPath) {
    case FORWARD_DIRECT:
      direct_rows(f, &run->inner, firstRow, endRow, image, run->prepared, run->bias, rectifier, y);
      break;
    case FORWARD_SINGLE_CHANNEL:
      single_rows(f, firstRow, endRow, false, 0, image, run->prepared, run->bias, rectifier, y,
                  NULL, run->work);
      break;
    case FORWARD_GROUPED:
      grouped_rows(f, firstRow, endRow, image, run->prepared, run->bias, rectifier, y, run->work);
      break;
    case FORWARD_WINOGRAD:
      forward_tiles(run, 1, image, firstRow, endRow, rectifier, y, NULL);
  }
}

INLINE void rectify(const MCRectifier *r, size_t count, float *y) {
  if (!r->rectifies) return;
  MC_ELEMENTWISE
  for (size_t i = 0; i < count; i++) y[i] = rectified(r, y[i]);
}

// Pooled rows firstRow to below endRow, of which the first goes to y and argmax.
static void pooled_rows(const ForwardRun *run, const float *image, size_t firstRow, size_t endRow,
                        float *y, uint8_t *argmax) {
  const ConvolutionForm *f = &run->plan.forward;
  const MCWindow *pool = &run->c->pool;
  const MCRectifier *rectifier = &run->c->rectifier;
  size_t width = run->plan.lastWidth;
  if (run->pairs && run->plan.forwardPath == FORWARD_SINGLE_CHANNEL) {
    single_rows(f, 2 * firstRow, 2 * endRow, true, width, image, run->prepared, run->bias,
                rectifier, y,
                argmax, run->work);
    return;
  }
  if (run->pairs && run->plan.forwardPath == FORWARD_DIRECT) {
    direct_windows(f, width, firstRow, endRow, image, run->prepared, run->bias, rectifier, y,
                   argmax);
    return;
  }
  const MCRectifier nothing = {0};
  // A stripe of the convolution's rows at a time, while they are in the first cache.
  float *stripe = run->work;
  if (run->plan.forwardPath == FORWARD_WINOGRAD) stripe += winograd_room(f);
  if (run->plan.forwardPath == FORWARD_SINGLE_CHANNEL) stripe += single_planes(f);
  size_t most = pooled_rows_at_once(run->c);
  for (size_t p = firstRow, rows; p < endRow; p += rows) {
    rows = endRow - p < most ? endRow - p : most;
    size_t first = p * (size_t)pool->strideHeight;
    size_t end = (p + rows - 1) * (size_t)pool->strideHeight + (size_t)pool->kernelHeight;
    convolution_rows(run, image, first, end, &nothing, stripe);
    MCWindow part = *pool;
    part.inHeight = (int32_t)(end - first);
    part.outHeight = (int32_t)rows;
    float *to = y + (p - firstRow) * width * f->outputs;
    uint8_t *positions = argmax ? argmax + (p - firstRow) * width * f->outputs : NULL;
    mc_max_pool2d_forward(&part, 1, stripe, to, positions);
    // Rectifier and maximum commute, and there are fewer maxima.
    rectify(rectifier, rows * width * f->outputs, to);
  }
}

void mc_conv2d_forward(const MCConvolution *c, size_t batch, size_t firstRow, size_t endRow,
                       const float *x, const float *prepared, const float *bias, float *y,
                       uint8_t *argmax, float *scratch) {
  ForwardRun run = {.c = c, .plan = convolution_plan(c), .prepared = prepared, .bias = bias};
  const ConvolutionForm *f = &run.plan.forward;
  run.pairs = pools_pairs(c);
  run.work = scratch;
  bool tiled = run.plan.forwardPath == FORWARD_WINOGRAD;
  if (tiled || run.plan.forwardPath == FORWARD_GROUPED) {
    run.bordered = *f;
    run.bordered.direct = true;
  } else {
    run.inner = direct_form(f);
    run.bordered = run.inner;
    // A vector may extend beyond the image's end.
    if (run.plan.forwardPath == FORWARD_SINGLE_CHANNEL) run.bordered.direct = false;
    run.work += image_room(&run.bordered);
  }
  size_t image = f->height * f->width * f->inputs;
  size_t last = run.plan.lastRows * run.plan.lastWidth * f->outputs;
  size_t skip = firstRow * run.plan.lastWidth * f->outputs;
  if (firstRow >= endRow || batch == 0) return;
  if (tiled && (run.pairs || !c->pooled)) {
    forward_tiles(&run, batch, x, firstRow, endRow, &c->rectifier, y + skip,
                  argmax ? argmax + skip : NULL);
    return;
  }
  if (run.plan.forwardPath == FORWARD_DIRECT && is_pointwise(f) && !c->pooled) {
    // Whole images follow each other; parts of them do not.
    bool whole = endRow - firstRow == f->outHeight;
    size_t images = whole ? batch : 1, pixels = images * (endRow - firstRow) * f->outWidth;
    for (size_t n = 0; n < batch; n += images)
      direct_pixels(f, pixels, x + n * image + firstRow * f->width * f->inputs, prepared, bias,
                    &c->rectifier, y + n * last + skip);
    return;
  }
  for (size_t n = 0; n < batch; n++) {
    const float *from = bordered(&run.bordered, x + n * image, scratch);
    float *to = y + n * last + skip;
    if (c->pooled)
      pooled_rows(&run, from, firstRow, endRow, to, argmax ? argmax + n * last + skip : NULL);
    else convolution_rows(&run, from, firstRow, endRow, &c->rectifier, to);
  }
}
