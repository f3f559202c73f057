// A depthwise convolution: which loop takes it.

void mc_depthwise_forward(const MCWindow *w, size_t batch, size_t firstRow, size_t endRow,
                          const float *x, const float *prepared, const float *bias,
                          const MCRectifier *rectifier,
                          float *y, float *scratch) {
  size_t inputs = (size_t)w->inChannels, outputs = (size_t)w->outChannels;
  size_t pixels = (size_t)w->inHeight * (size_t)w->inWidth, width = depthwise_width(w);
  size_t line = (size_t)w->outWidth * outputs, places = (size_t)w->outHeight * line;
  if (depthwise_is_3x3(w)) {
    for (size_t n = 0; n < batch; n++)
      forward_3x3(w, firstRow, endRow, x + n * pixels * inputs, prepared, bias, rectifier,
                  y + n * places);
    return;
  }
  DepthwiseRows rows = {
      .down = forward_axis(w->strideHeight, w->dilationHeight, w->padTop, w->kernelHeight,
                           w->inHeight),
      .across = forward_axis(w->strideWidth, w->dilationWidth, w->padLeft, w->kernelWidth,
                             w->inWidth),
      .count = (size_t)w->outWidth, .line = (size_t)w->inWidth * width, .width = width,
      .kernel = prepared, .bias = bias, .rectifier = *rectifier,
      .kernelWidth = (size_t)w->kernelWidth, .channels = outputs, .step = outputs};
  rows.middle = outputs_inside(&rows.across, 0, rows.across.taps, rows.count);
  for (size_t n = 0; n < batch && firstRow < endRow; n++) {
    const float *image = x + n * pixels * inputs;
    if (!depthwise_is_whole(w)) {
      widen(pixels, inputs, outputs / inputs, width, image, scratch);
      image = scratch;
    }
    for (size_t p = firstRow; p < endRow; p++)
      depthwise_row(&rows, p, image, y + n * places + p * line);
  }
}
