// U = G g Gt for a block of 16 or 8 outputs of one input; taps [9][16], the positions of u are
// `stride` floats apart.
INLINE void transform_kernel(const int lanes, const v16 *taps, float *u,
                             size_t stride) {
  v16 t[POINTS][KERNEL_EXTENT];
#pragma clang loop unroll(full)
  for (int s = 0; s < KERNEL_EXTENT; s++) {
    v16 g[KERNEL_EXTENT] = {taps[s], taps[KERNEL_EXTENT + s], taps[2 * KERNEL_EXTENT + s]};
    v16 values[POINTS];
    kernel_values(g, values);
#pragma clang loop unroll(full)
    for (int i = 0; i < POINTS; i++) t[i][s] = values[i];
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < POINTS; i++) {
    v16 values[POINTS];
    kernel_values(t[i], values);
#pragma clang loop unroll(full)
    for (int j = 0; j < POINTS; j++)
      store_vector(lanes, u + (size_t)(i * POINTS + j) * stride, &values[j]);
  }
}

enum { KERNEL_TAPS = KERNEL_EXTENT * KERNEL_EXTENT };

// The kernel of a convolution of `outputs` and `inputs` as seen from the other side: what is an
// output there is an input here, and the taps are rotated by 180 degrees.
INLINE void transform_rotated(const int lanes, size_t inputs, size_t outputs,
                              const float *kernel, float *u, size_t stride) {
  float lines[KERNEL_TAPS][16][16];  // [tap][input][output]
  for (size_t k = 0; k < inputs; k += 16) {
    size_t count = inputs - k < 16 ? inputs - k : 16;
    for (size_t tap = 0; tap < KERNEL_TAPS; tap++)
      transpose((size_t)lanes, count, kernel + (KERNEL_TAPS - 1 - tap) * inputs * outputs + k,
                inputs, lines[tap][0], 16, 16);
    for (size_t i = 0; i < count; i++) {
      v16 taps[KERNEL_TAPS];
      for (size_t tap = 0; tap < KERNEL_TAPS; tap++) load(lines[tap][i], &taps[tap]);
      transform_kernel(lanes, taps, u + (k + i) * (size_t)lanes, stride);
    }
  }
}

INLINE void transform_straight(const int lanes, size_t inputs, size_t outputs,
                               const float *kernel, float *u, size_t stride) {
  for (size_t k = 0; k < inputs; k++) {
    v16 taps[KERNEL_TAPS];
    for (size_t tap = 0; tap < KERNEL_TAPS; tap++)
      load_vector(lanes, kernel + (tap * inputs + k) * outputs, &taps[tap]);
    transform_kernel(lanes, taps, u + k * (size_t)lanes, stride);
  }
}

// The kernel of several groups, either way: outputs of other groups than the input's get zeros.
INLINE void transform_groups(const int lanes, const ConvolutionForm *f, bool rotated,
                             const OutputBlock *block, size_t o, const float *kernel, float *u,
                             size_t stride) {
  for (size_t k = 0; k < block->inputs; k++) {
    size_t c = block->firstInput + k, group = c / f->groupInputs;
    size_t first = group * f->groupOutputs, end = first + f->groupOutputs;
    float lines[KERNEL_TAPS][16] = {{0}};
    for (size_t l = 0; l < (size_t)lanes; l++) {
      if (o + l < first || o + l >= end) continue;
      for (size_t tap = 0; tap < KERNEL_TAPS; tap++)
        lines[tap][l] =
            rotated ? kernel[((KERNEL_TAPS - 1 - tap) * f->groupOutputs + o + l - first) *
                                 f->inputs + c]
                    : kernel[(tap * f->groupInputs + c % f->groupInputs) * f->outputs + o + l];
    }
    v16 taps[KERNEL_TAPS];
    for (size_t tap = 0; tap < KERNEL_TAPS; tap++) load(lines[tap], &taps[tap]);
    transform_kernel(lanes, taps, u + k * (size_t)lanes, stride);
  }
}

void mc_winograd_kernel(size_t groups, size_t inputs, size_t outputs, bool rotated,
                        const float *kernel, float *u) {
  ConvolutionForm f = {.groups = groups, .groupInputs = inputs / groups,
                       .groupOutputs = outputs / groups, .inputs = inputs, .outputs = outputs};
  size_t widest = widest_block(&f);
  for (size_t done = 0; done < outputs;) {
    OutputBlock block = output_block(&f, done, widest);
    size_t stride = position_stride(block.inputs * block.width);
    for (size_t l = 0; l < block.width; l += 16) {
      size_t o = block.start + l;
      const float *from = kernel + (rotated ? o * inputs : o);
      float *to = u + l * block.inputs;
      if (groups > 1 && block.width == 8)
        transform_groups(8, &f, rotated, &block, o, kernel, to, stride);
      else if (groups > 1) transform_groups(16, &f, rotated, &block, o, kernel, to, stride);
      else if (block.width == 8 && rotated)
        transform_rotated(8, inputs, outputs, from, to, stride);
      else if (block.width == 8) transform_straight(8, inputs, outputs, from, to, stride);
      else if (rotated) transform_rotated(16, inputs, outputs, from, to, stride);
      else transform_straight(16, inputs, outputs, from, to, stride);
    }
    u += POSITIONS * stride;
    done = block.start + block.width;
  }
}
