// The loops of mc_dense.h, over batches around the blocks of 8 and 16 samples, inputs and outputs that fill
// panels and blocks and do not, and the dense layers of the models in Models.
#include "CKernels.h"
#include "bits.h"

typedef struct {
  size_t batch, inputs, outputs;
} Size;

static const Size sizes[] = {
    {1, 1, 1}, {1, 300, 70}, {2, 5, 3}, {3, 17, 8}, {8, 40, 12}, {13, 19, 16}, {16, 33, 50}, {16, 300, 24},
    {17, 129, 10}, {25, 257, 9}, {70, 9, 37}, {3, 7, 17}, {5, 64, 128}, {9, 120, 84}, {25, 257, 33},
    {26, 400, 120}, {33, 140, 200}, {40, 65, 129}, {16, 128, 31}, {7, 64, 47}, {12, 80, 272},
    {16, 9216, 128}, {16, 768, 128}, {16, 400, 120}, {16, 120, 84}, {16, 84, 10}, {16, 784, 256},
    {16, 256, 10}, {16, 128, 10}, {16, 192, 10}, {16, 64, 10}, {16, 20, 10},
};

// A layer's numbers, half of those zero where zeros are skipped.
typedef struct {
  size_t batch, inputs, outputs, blocks, inputBlocks, panels;
  float *x, *dy, *kernel, *bias, *y, *dx, *dkernel, *dbias;
} Layer;

static Layer layer_of(Bits *bits, const Size *size, Kind kind) {
  size_t batch = size->batch, inputs = size->inputs, outputs = size->outputs;
  return (Layer){batch, inputs, outputs, (outputs + 15) / 16, (inputs + 15) / 16,
                 (inputs + MC_DENSE_PANEL - 1) / MC_DENSE_PANEL,
                 numbers(bits, batch * inputs, kind), numbers(bits, batch * outputs, kind),
                 numbers(bits, inputs * outputs, UNIT), numbers(bits, outputs, UNIT),
                 blank(bits, batch * outputs), blank(bits, batch * inputs),
                 numbers(bits, inputs * outputs, UNIT), numbers(bits, outputs, UNIT)};
}

static const Kind kinds[] = {UNIT, HALF_ZERO};
#define EACH_LAYER(l)                                                                               \
  for (size_t index = 0; index < COUNT_OF(sizes) * COUNT_OF(kinds); index++)                        \
    for (Layer l = layer_of(bits, &sizes[index / 2], kinds[index % 2]), *once = &l; once;           \
         once = NULL, release(bits))

BITS_OF(mc_dense_prepare) {
  EACH_LAYER(l) {
    size_t count = mc_dense_prepared_count(l.inputs, l.outputs);
    float *prepared = blank(bits, count);
    mc_dense_prepare(l.inputs, l.outputs, 0, l.inputs, l.kernel, prepared);
    digest_floats(bits, count, prepared);
  }
}

BITS_OF(mc_dense_forward) {
  EACH_LAYER(l) {
    float *prepared = blank(bits, mc_dense_prepared_count(l.inputs, l.outputs));
    mc_dense_prepare(l.inputs, l.outputs, 0, l.inputs, l.kernel, prepared);
    mc_dense_forward(l.batch, l.inputs, l.outputs, 0, l.blocks, l.x, prepared, l.bias, l.y);
    digest_floats(bits, l.batch * l.outputs, l.y);
    mc_dense_forward(l.batch, l.inputs, l.outputs, 0, l.blocks, l.x, prepared, NULL, l.y);
    digest_floats(bits, l.batch * l.outputs, l.y);
  }
}

BITS_OF(mc_dense_forward_sparse) {
  EACH_LAYER(l) {
    if (l.outputs < 16) continue;
    mc_dense_forward_sparse(l.batch, l.inputs, l.outputs, 0, l.blocks, l.x, l.kernel, l.bias, l.y);
    digest_floats(bits, l.batch * l.outputs, l.y);
  }
}

BITS_OF(mc_dense_transpose) {
  EACH_LAYER(l) {
    size_t count = mc_dense_transposed_count(l.inputs, l.outputs);
    float *transposed = blank(bits, count);
    mc_dense_transpose(l.inputs, l.outputs, 0, l.inputBlocks, l.kernel, transposed);
    digest_floats(bits, count, transposed);
  }
}

BITS_OF(mc_dense_backward_input) {
  EACH_LAYER(l) {
    float *transposed = blank(bits, mc_dense_transposed_count(l.inputs, l.outputs));
    mc_dense_transpose(l.inputs, l.outputs, 0, l.inputBlocks, l.kernel, transposed);
    mc_dense_backward_input(l.batch, l.inputs, l.outputs, l.dy, transposed, l.dx,
                            blank(bits, mc_dense_scratch_count(l.outputs)));
    digest_floats(bits, l.batch * l.inputs, l.dx);
  }
}

static float *gathered(Bits *bits, size_t batch, size_t width, const float *x) {
  float *result = blank(bits, mc_dense_gathered_count(batch, width));
  mc_dense_gather(batch, width, 0, batch, x, result);
  return result;
}

BITS_OF(mc_dense_gather) {
  EACH_LAYER(l) {
    digest_floats(bits, mc_dense_gathered_count(l.batch, l.inputs),
                  gathered(bits, l.batch, l.inputs, l.x));
  }
}

BITS_OF(mc_dense_backward_kernel) {
  EACH_LAYER(l) for (int adds = 0; adds < 2; adds++) {
    mc_dense_backward_kernel(l.batch, l.inputs, l.outputs, 0, l.inputBlocks, adds,
                             gathered(bits, l.batch, l.inputs, l.x),
                             gathered(bits, l.batch, l.outputs, l.dy), l.dkernel);
    digest_floats(bits, l.inputs * l.outputs, l.dkernel);
  }
}

BITS_OF(mc_dense_backward_bias) {
  EACH_LAYER(l) for (int adds = 0; adds < 2; adds++) {
    mc_dense_backward_bias(l.batch, l.outputs, adds, gathered(bits, l.batch, l.outputs, l.dy), l.dbias);
    digest_floats(bits, l.outputs, l.dbias);
  }
}

static float *panels(Bits *bits, const Layer *l) {
  float *result = blank(bits, mc_dense_gathered_panels_count(l->batch, l->inputs));
  mc_dense_gather_panels(l->batch, l->inputs, 0, l->batch, l->x, result);
  return result;
}

BITS_OF(mc_dense_gather_panels) {
  EACH_LAYER(l) {
    digest_floats(bits, mc_dense_gathered_panels_count(l.batch, l.inputs), panels(bits, &l));
  }
}

static float *lists(Bits *bits, const Layer *l, const float *dy) {
  float *result = zeros(bits, mc_dense_lists_count(l->batch, l->outputs));
  mc_dense_list(l->batch, l->outputs, 0, l->blocks, dy, result);
  return result;
}

// What a list has room for beyond its length is not part of it.
BITS_OF(mc_dense_list) {
  EACH_LAYER(l) {
    const int32_t *list = (const int32_t *)(const void *)lists(
        bits, &l, gathered(bits, l.batch, l.outputs, l.dy));
    for (size_t o = 0; o < l.outputs; o++, list += l.batch + 1)
      digest_integers(bits, (size_t)list[0] + 1, list);
  }
}

BITS_OF(mc_dense_backward_kernel_sparse) {
  EACH_LAYER(l) for (int adds = 0; adds < 2; adds++) {
    const float *dy = gathered(bits, l.batch, l.outputs, l.dy);
    mc_dense_backward_kernel_sparse(l.batch, l.inputs, l.outputs, 0, l.panels, adds, panels(bits, &l), dy,
                                    lists(bits, &l, dy), l.dkernel);
    digest_floats(bits, l.inputs * l.outputs, l.dkernel);
  }
}
