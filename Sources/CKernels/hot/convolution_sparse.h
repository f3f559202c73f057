// The backward pass through a max pooling into the convolution before it. Only one position of each
// pooling window has a gradient, and none where a ReLU masked it: the gradients of kernel and input
// are gathered from those positions alone, a small part of the work of the dense product.
//
// The work is done in bands of pooled rows whose part of the image stays in the first cache. A
// pixel is one position of one window of the band: window * positions + position.

// What a band's loops share.
typedef struct {
  const MCConvolution *c;
  ConvolutionForm f;
  SparseSizes sizes;
  Routes routes;
  size_t room;          // of one row of the kernel
  size_t copies, copy;  // of the input's gradient, and how far apart they lie
  float *sums;          // [rows of the kernel][outputs][room]: its gradient
} SparseRun;

static Lists take_lists(size_t count, size_t room, float **scratch) {
  Lists lists = {.room = room, .values = *scratch};
  lists.starts = (uint32_t *)(void *)(lists.values + count * room);
  lists.lengths = lists.starts + count * room;
  lists.targets = lists.lengths + count;
  *scratch = (float *)(void *)(lists.targets + count);
  return lists;
}

// Where the image's pixels that each window reads begin, and where the sums of each list go.
static void find_places(const SparseRun *run) {
  const MCWindow *pool = &run->c->pool;
  const Routes *routes = &run->routes;
  for (size_t window = 0, pixel = 0; window < run->sizes.windows; window++) {
    size_t row = window / (size_t)pool->outWidth * (size_t)pool->strideHeight;
    size_t column = window % (size_t)pool->outWidth * (size_t)pool->strideWidth;
    size_t corner = row * (size_t)routes->line + column * (size_t)routes->step;
    routes->corners[window] = (int32_t)corner;
    for (size_t r = 0; r < (size_t)pool->kernelHeight; r++)
      for (size_t s = 0; s < (size_t)pool->kernelWidth; s++, pixel++)
        routes->byPixel.targets[pixel] =
            (uint32_t)(corner + r * (size_t)routes->line + s * (size_t)routes->step +
                       pixel % run->copies * run->copy);
  }
  for (size_t o = 0; o < run->f.outputs; o++)
    routes->byChannel.targets[o] = (uint32_t)(o * run->room);
}

// dkernel[r,s,c,o] += sums[r][o][s,c].
static void add_sums(const ConvolutionForm *f, const float *sums, float *dkernel) {
  size_t run = f->kernelWidth * f->inputs, room = run_room(f);
  for (size_t r = 0; r < f->kernelHeight; r++)
    for (size_t i = 0; i < run; i++)
      for (size_t o = 0; o < f->outputs; o++)
        dkernel[(r * run + i) * f->outputs + o] += sums[(r * f->outputs + o) * room + i];
}

static void add_copies(size_t length, size_t count, const float *copies, size_t copy, float *to) {
  if (count == 1) memcpy(to, copies, length * sizeof(float));
  else for (size_t i = 0; i < length; i++) to[i] = copies[i] + copies[copy + i];
}

// Whether the bordered image is the image.
static bool has_no_border(const ConvolutionForm *f) {
  return f->top == 0 && f->left == 0 && f->height == f->paddedHeight && f->width == f->paddedWidth;
}

// Removes the border, adding up the copies.
static void unborder(const ConvolutionForm *f, const float *copies, size_t count, size_t copy,
                     float *dx) {
  size_t line = f->paddedWidth * f->inputs, width = f->width * f->inputs;
  if (has_no_border(f)) return add_copies(f->height * line, count, copies, copy, dx);
  // The columns that some output reads.
  size_t first = f->left < 0 ? (size_t)-f->left : 0;
  ptrdiff_t space = (ptrdiff_t)f->paddedWidth - f->left;
  size_t end = space < 0 ? 0 : (size_t)space < f->width ? (size_t)space : f->width;
  for (size_t h = 0; h < f->height; h++) {
    ptrdiff_t row = (ptrdiff_t)h + f->top;
    float *to = dx + h * width;
    if (first >= end || row < 0 || row >= (ptrdiff_t)f->paddedHeight) {
      memset(to, 0, width * sizeof(float));
      continue;
    }
    size_t start = (size_t)((ptrdiff_t)first + f->left) * f->inputs;
    memset(to, 0, first * f->inputs * sizeof(float));
    add_copies((end - first) * f->inputs, count, copies + (size_t)row * line + start, copy,
               to + first * f->inputs);
    memset(to + end * f->inputs, 0, (width - end * f->inputs) * sizeof(float));
  }
}

// One band of windows: x and dx from the first row it reads, each NULL where its gradient is not
// wanted. `left` numbers of y, dy and argmax may be read.
static void band_backward(const SparseRun *run, size_t windows, size_t left, const float *y,
                          const float *dy, const uint8_t *argmax, const float *weights,
                          const float *x, float *dx) {
  enum { CACHED = 24 * 1024 / sizeof(float) };
  const Routes *routes = &run->routes;
  size_t height = run->f.kernelHeight, line = run->f.paddedWidth * run->f.inputs;
  size_t step = run->f.outputs * run->room;
  make_lists(routes, windows, left, y, dy, argmax, x != NULL, dx != NULL);
  if (x) {
    ListProduct p = {.lists = &routes->byChannel, .count = run->f.outputs,
                     .from = x, .fromStep = line, .to = run->sums, .toStep = step};
    list_product(height, run->room, height, &p);
  }
  if (dx) {
    ListProduct p = {.lists = &routes->byPixel, .count = windows * run->sizes.positions,
                     .from = weights, .fromStep = step, .to = dx, .toStep = line};
    // As many rows of the kernel at a time as stay in the first cache, for all channels.
    list_product(height, run->room, CACHED / step < 1 ? 1 : CACHED / step, &p);
  }
}

// The kernel's gradient wants the bordered image, the input's a place of its own for the sums: dx
// itself where no vector extends beyond it.
static SparseRun sparse_run(const MCConvolution *c, const ConvolutionPlan *plan, float *scratch) {
  SparseRun run = {.c = c, .f = plan->forward, .sizes = sparse_sizes(c, &plan->forward)};
  ConvolutionForm *f = &run.f;
  // The last vector of a kernel's row may extend beyond the image's end.
  f->direct = has_no_border(f) && f->kernelWidth * f->inputs == run_room(f);
  run.room = run_room(f);
  run.copies = f->direct ? 1 : sparse_copies(f);
  run.copy = image_room(f);
  run.sums = scratch;
  scratch += sparse_count(f);
  size_t columns = (size_t)c->pool.kernelWidth;
  run.routes = (Routes){
      .outputs = f->outputs, .positions = run.sizes.positions, .rectifier = c->rectifier,
      .columns = (int32_t)columns, .inverse = (int32_t)(65536 / columns + 1),
      .step = (int32_t)(f->inputs * f->strideWidth),
      .line = (int32_t)(f->paddedWidth * f->inputs * f->strideHeight),
      .kernelRoom = (int32_t)(run.room), .bias = scratch};
  scratch += run.sizes.pixelRoom;
  run.routes.byChannel = take_lists(f->outputs, run.sizes.channelRoom, &scratch);
  run.routes.byPixel = take_lists(run.sizes.pixels, run.sizes.pixelRoom, &scratch);
  run.routes.corners = (int32_t *)(void *)scratch;
  find_places(&run);
  return run;
}

static void backward_sparse(const MCConvolution *c, const ConvolutionPlan *plan, size_t batch,
                            const float *x, const float *y, const float *dy, const uint8_t *argmax,
                            const float *weights, float *dkernel, float *dbias, float *dx,
                            float *scratch) {
  size_t room = image_room(&plan->forward);
  float *borderedX = scratch, *borderedDx = scratch + room;
  SparseRun run = sparse_run(c, plan, borderedDx + room * sparse_copies(&plan->forward));
  const ConvolutionForm *f = &run.f;
  size_t image = f->height * f->width * f->inputs, lastLine = plan->lastWidth * f->outputs;
  size_t bandLine = (size_t)c->pool.strideHeight * f->strideHeight * f->paddedWidth * f->inputs;
  size_t all = batch * plan->lastRows * lastLine;
  memset(run.sums, 0, sparse_count(f) * sizeof(float));
  memset(run.routes.bias, 0, run.sizes.pixelRoom * sizeof(float));
  for (size_t n = 0; n < batch; n++) {
    // There is another image behind all but the last one.
    bool inPlace = has_no_border(f) && n + 1 < batch && image >= LANES;
    const float *from = !dkernel ? NULL : inPlace ? x + n * image
                                                  : bordered(f, x + n * image, borderedX);
    float *to = !dx ? NULL : f->direct ? dx + n * image : borderedDx;
    if (dx) memset(to, 0, (f->direct ? image : run.copies * run.copy) * sizeof(float));
    for (size_t p = 0, rows; p < plan->lastRows; p += rows) {
      rows = plan->lastRows - p < run.sizes.rows ? plan->lastRows - p : run.sizes.rows;
      size_t at = (n * plan->lastRows + p) * lastLine;
      band_backward(&run, rows * plan->lastWidth, all - at, y + at, dy + at, argmax + at, weights,
                    from ? from + p * bandLine : NULL, to ? to + p * bandLine : NULL);
    }
    if (dx && !f->direct) unborder(f, borderedDx, run.copies, run.copy, dx + n * image);
  }
  if (dkernel) add_sums(f, run.sums, dkernel);
  for (size_t o = 0; o < f->outputs && dbias; o++) dbias[o] += run.routes.bias[o];
}
