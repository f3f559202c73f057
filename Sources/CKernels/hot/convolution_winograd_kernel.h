// U = G g Gt for a block of 16 or 8 outputs of one input; taps [extent * extent], the positions of u are
// `stride` floats apart.
INLINE void transform_kernel(const int extent, const size_t lanes, const v16 *taps, float *u,
                             size_t stride) {
  v16 t[POINTS][LARGEST_KERNEL];
#pragma clang loop unroll(full)
  for (int s = 0; s < extent; s++) {
    v16 g[LARGEST_KERNEL], values[POINTS];
#pragma clang loop unroll(full)
    for (int r = 0; r < extent; r++) g[r] = taps[r * extent + s];
    kernel_values(extent, g, values);
#pragma clang loop unroll(full)
    for (int i = 0; i < POINTS; i++) t[i][s] = values[i];
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < POINTS; i++) {
    v16 values[POINTS];
    kernel_values(extent, t[i], values);
#pragma clang loop unroll(full)
    for (int j = 0; j < POINTS; j++)
      store_vector(lanes, u + (size_t)(i * POINTS + j) * stride, &values[j]);
  }
}

enum { MOST_TAPS = LARGEST_KERNEL * LARGEST_KERNEL };

// The kernel of a convolution of `outputs` and `inputs` as seen from the other side: what is an
// output there is an input here, and the taps are rotated by 180 degrees.
INLINE void transform_rotated(const int extent, const size_t lanes, size_t inputs, size_t outputs,
                              const float *kernel, float *u, size_t stride) {
  const size_t taps = (size_t)(extent * extent);
  size_t kept = lanes < outputs ? lanes : outputs;
  float lines[MOST_TAPS][16][16];  // [tap][input][output]
  if (kept < lanes) memset(lines, 0, sizeof lines);
  for (size_t k = 0; k < inputs; k += 16) {
    size_t count = inputs - k < 16 ? inputs - k : 16;
    for (size_t tap = 0; tap < taps; tap++)
      transpose(kept, count, kernel + (taps - 1 - tap) * inputs * outputs + k, inputs,
                lines[tap][0], 16, 16);
    for (size_t i = 0; i < count; i++) {
      v16 line[MOST_TAPS];
      for (size_t tap = 0; tap < taps; tap++) load(lines[tap][i], &line[tap]);
      transform_kernel(extent, lanes, line, u + (k + i) * lanes, stride);
    }
  }
}

INLINE void transform_straight(const int extent, const size_t lanes, size_t inputs, size_t outputs,
                               const float *kernel, float *u, size_t stride) {
  const size_t taps = (size_t)(extent * extent);
  for (size_t k = 0; k < inputs; k++) {
    v16 line[MOST_TAPS];
    for (size_t tap = 0; tap < taps; tap++) {
      const float *from = kernel + (tap * inputs + k) * outputs;
      if (outputs < lanes) load_part(from, outputs, &line[tap]);
      else load_vector(lanes, from, &line[tap]);
    }
    transform_kernel(extent, lanes, line, u + k * lanes, stride);
  }
}

// The kernel of several groups, either way: outputs of other groups than the input's get zeros.
INLINE void transform_groups(const int extent, const size_t lanes, const ConvolutionForm *f, bool rotated,
                             const OutputBlock *block, size_t o, const float *kernel, float *u,
                             size_t stride) {
  const size_t taps = (size_t)(extent * extent);
  for (size_t k = 0; k < block->inputs; k++) {
    size_t c = block->firstInput + k, group = c / f->groupInputs;
    size_t first = group * f->groupOutputs, end = first + f->groupOutputs;
    float lines[MOST_TAPS][16] = {{0}};
    for (size_t l = 0; l < lanes; l++) {
      if (o + l < first || o + l >= end) continue;
      for (size_t tap = 0; tap < taps; tap++)
        lines[tap][l] =
            rotated ? kernel[((taps - 1 - tap) * f->groupOutputs + o + l - first) *
                                 f->inputs + c]
                    : kernel[(tap * f->groupInputs + c % f->groupInputs) * f->outputs + o + l];
    }
    v16 line[MOST_TAPS];
    for (size_t tap = 0; tap < taps; tap++) load(lines[tap], &line[tap]);
    transform_kernel(extent, lanes, line, u + k * lanes, stride);
  }
}

// The kernel of so many rows and columns, block by block.
INLINE void transform_blocks(const int extent, const ConvolutionForm *f, bool rotated,
                             const float *kernel, float *u) {
  size_t inputs = f->inputs, outputs = f->outputs;
  for (size_t done = 0; done < outputs;) {
    OutputBlock block = output_block(f, done);
    size_t stride = position_stride(block.inputs * block.width);
    for (size_t l = 0; l < block.width; l += 16) {
      size_t o = block.start + l;
      const float *from = kernel + (rotated ? o * inputs : o);
      float *to = u + l * block.inputs;
      // Kernels of 5x5 have no groups here.
      if (extent == 3 && f->groups > 1 && block.width == 8)
        transform_groups(extent, 8, f, rotated, &block, o, kernel, to, stride);
      else if (extent == 3 && f->groups > 1)
        transform_groups(extent, 16, f, rotated, &block, o, kernel, to, stride);
      else if (block.width == 8 && rotated)
        transform_rotated(extent, 8, inputs, outputs, from, to, stride);
      else if (block.width == 8) transform_straight(extent, 8, inputs, outputs, from, to, stride);
      else if (rotated) transform_rotated(extent, 16, inputs, outputs, from, to, stride);
      else transform_straight(extent, 16, inputs, outputs, from, to, stride);
    }
    u += POSITIONS * stride;
    done = block.start + block.outputs;
  }
}

void mc_winograd_kernel(size_t extent, size_t groups, size_t inputs, size_t outputs, bool rotated,
                        const float *kernel, float *u) {
  ConvolutionForm f = {.groups = groups, .groupInputs = inputs / groups,
                       .groupOutputs = outputs / groups, .inputs = inputs, .outputs = outputs};
  if (extent == 3) transform_blocks(3, &f, rotated, kernel, u);
  else transform_blocks(5, &f, rotated, kernel, u);
}
