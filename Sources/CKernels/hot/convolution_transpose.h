// A transposed convolution is the gradient of a convolution's input with the roles exchanged: its input is
// what the convolution c gives, its output what c takes.

void MC_NAME(mc_conv2d_transpose_forward)(const MCConvolution *c, size_t batch, const float *x,
                                          const float *prepared, const float *bias, float *y,
                                          float *scratch) {
  ConvolutionPlan plan = convolution_plan(c);
  const ConvolutionForm *f = &plan.forward;
  size_t image = f->height * f->width * f->inputs, count = f->outHeight * f->outWidth * f->outputs;
  for (size_t n = 0; n < batch; n++)
    input_gradient(&plan, x + n * count, prepared + plan.forwardPrepared, bias, y + n * image,
                   scratch);
}

// sums[j] += sum over all lines of a [lines, columns]. Sixteen lines at a time, as one of whole vectors.
//
// work: 16 * columns floats.
static void add_column_sums(size_t lines, size_t columns, const float *a, float *sums, float *work) {
  memset(work, 0, 16 * columns * sizeof(float));
  for (size_t t = 0; t < lines; t += 16, a += 16 * columns) {
    size_t count = (lines - t < 16 ? lines - t : 16) * columns;
    MC_ELEMENTWISE
    for (size_t i = 0; i < count; i++) work[i] += a[i];
  }
  for (size_t i = 0; i < 16; i++)
    for (size_t j = 0; j < columns; j++) sums[j] += work[i * columns + j];
}

void MC_NAME(mc_conv2d_transpose_backward)(const MCConvolution *c, size_t batch, const float *x,
                                           const float *dy, const float *prepared, float *dkernel,
                                           float *dbias, float *dx, float *scratch) {
  ConvolutionPlan plan = convolution_plan(c);
  const ConvolutionForm *f = &plan.forward;
  size_t image = f->height * f->width * f->inputs, count = f->outHeight * f->outWidth * f->outputs;
  for (size_t n = 0; n < batch; n++)
    kernel_gradient(f, dy + n * image, x + n * count, dkernel, NULL, scratch);
  if (dbias) add_column_sums(batch * f->height * f->width, f->inputs, dy, dbias, scratch);
  if (dx)
    MC_NAME(mc_conv2d_forward)(c, batch, 0, f->outHeight, dy, prepared, NULL, dx, NULL, scratch);
}
