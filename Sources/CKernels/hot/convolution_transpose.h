// A transposed convolution is the gradient of a convolution's input with the roles exchanged: its input is
// what the convolution c gives, its output what c takes.

void mc_conv2d_transpose_forward(const MCConvolution *c, size_t batch, const float *x,
                                 const float *prepared, const float *bias, float *y,
                                 float *scratch) {
  ConvolutionPlan plan = convolution_plan(c);
  input_gradients(c, &plan, batch, x, NULL, NULL, prepared + plan.forwardPrepared, bias, y,
                  scratch);
}

void mc_conv2d_transpose_backward(const MCConvolution *c, size_t batch, const float *x,
                                  const float *dy, const float *prepared, float *dkernel,
                                  float *dbias, float *dx, float *scratch) {
  ConvolutionPlan plan = convolution_plan(c);
  const ConvolutionForm *f = &plan.forward;
  size_t image = f->height * f->width * f->inputs, count = f->outHeight * f->outWidth * f->outputs;
  KernelGradient kernel = kernel_gradient_of(&plan, dkernel, NULL, scratch);
  for (size_t n = 0; dkernel && n < batch; n++)
    add_to_kernel_gradient(&kernel, dy + n * image, NULL, x + n * count);
  if (dkernel) finish_kernel_gradient(&kernel);
  if (dbias) add_column_sums(batch * f->height * f->width, f->inputs, dy, dbias, scratch);
  if (dx)
    mc_conv2d_forward(c, batch, 0, f->outHeight, dy, prepared, NULL, dx, NULL, scratch);
}
