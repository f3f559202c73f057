// Depthwise convolution: every channel has kernels of its own, so that nothing is summed over channels
// and a vector of 16 of them goes through the formula as one channel would.
//
// forward: y[p,q] = bias + sum over r,s of x[p*stride + r*dilation - pad, ...] * kernel[r,s]
// input:   dx[h,v] = sum over r,s of dy[p,q] * kernel[r,s], where p*stride + r*dilation - pad = h
// kernel:  dkernel[r,s] += sum over p,q of x[p*stride + r*dilation - pad, ...] * dy[p,q]
//
// The first two are one loop: each output is a sum over taps of the kernel, and what differs is which
// taps, and where each reads (KernelAxis).
#include "../depthwise_form.h"

// Along one axis: output i reads, for t < taps, position start + i*move + t*tapMove of `size`, and
// multiplies it by element tap + t*tapStep of the kernel. Outside there are zeros.
typedef struct {
  size_t tap, tapStep, taps;
  ptrdiff_t start, move, tapMove, size;
} KernelAxis;

// From `first` to below `end`.
typedef struct {
  size_t first, end;
} Run;

INLINE KernelAxis forward_axis(int32_t stride, int32_t dilation, int32_t pad, int32_t extent,
                               int32_t size) {
  KernelAxis a = {.tapStep = 1, .taps = (size_t)extent, .start = -pad, .move = stride,
                  .tapMove = dilation, .size = size};
  return a;
}

// For positions number, number + stride, ... of the input, which the same taps reach: those where the
// division by the stride leaves no remainder.
INLINE KernelAxis backward_axis(size_t number, int32_t stride, int32_t dilation, int32_t pad,
                                int32_t extent, int32_t size) {
  KernelAxis a = {.tapStep = 1, .move = 1, .size = size};
  ptrdiff_t position = (ptrdiff_t)number + pad;
  if (stride == 1) {
    a.taps = (size_t)extent;
    a.start = position;
    a.tapMove = -(ptrdiff_t)dilation;
    return a;
  }
  for (ptrdiff_t t = 0; t < extent; t++) {
    ptrdiff_t from = position - t * dilation;
    if (from % stride != 0) continue;
    if (a.taps == 0) {
      a.tap = (size_t)t;
      a.start = from / stride;
    } else if (a.taps == 1) {
      a.tapStep = (size_t)t - a.tap;
      a.tapMove = from / stride - a.start;
    }
    a.taps++;
  }
  return a;
}

// The taps of output i that read inside: neighbours, as what they read lies in order.
INLINE Run taps_inside(const KernelAxis *a, size_t i) {
  Run run = {0, a->taps};
  ptrdiff_t from = a->start + (ptrdiff_t)i * a->move;
  for (; run.first < run.end; run.first++) {
    ptrdiff_t at = from + (ptrdiff_t)run.first * a->tapMove;
    if (at >= 0 && at < a->size) break;
  }
  for (; run.end > run.first; run.end--) {
    ptrdiff_t at = from + (ptrdiff_t)(run.end - 1) * a->tapMove;
    if (at >= 0 && at < a->size) break;
  }
  return run;
}

// Of `count` outputs those that read inside with taps first to below end.
INLINE Run outputs_inside(const KernelAxis *a, size_t first, size_t end, size_t count) {
  Run run = {0, count};
  if (first >= end) return run;
  ptrdiff_t low = a->start + (ptrdiff_t)first * a->tapMove;
  ptrdiff_t high = a->start + (ptrdiff_t)(end - 1) * a->tapMove;
  if (low > high) {
    ptrdiff_t lower = high;
    high = low;
    low = lower;
  }
  if (low < 0) run.first = (size_t)((-low + a->move - 1) / a->move);
  size_t fits = high < a->size ? (size_t)((a->size - 1 - high) / a->move + 1) : 0;
  if (fits < count) run.end = fits;
  if (run.first > run.end) run.first = run.end;
  return run;
}

// ---- Pixels of whole vectors ------------------------------------------------------------------

// wide[...][c*multiplier + m] = x[...][c], then zeros.
static void widen(size_t pixels, size_t channels, size_t multiplier, size_t width, const float *x,
                  float *wide) {
  for (size_t i = 0; i < pixels; i++, x += channels, wide += width) {
    if (multiplier == 1) {
      memcpy(wide, x, channels * sizeof(float));
    } else {
      for (size_t c = 0; c < channels; c++)
        for (size_t m = 0; m < multiplier; m++) wide[c * multiplier + m] = x[c];
    }
    for (size_t l = channels * multiplier; l < width; l++) wide[l] = 0;
  }
}

// x[...][c] = sum over m of wide[...][c*multiplier + m].
static void narrow(size_t pixels, size_t channels, size_t multiplier, size_t width,
                   const float *wide, float *x) {
  for (size_t i = 0; i < pixels; i++, x += channels, wide += width) {
    if (multiplier == 1) {
      memcpy(x, wide, channels * sizeof(float));
      continue;
    }
    for (size_t c = 0; c < channels; c++) {
      float sum = 0;
      for (size_t m = 0; m < multiplier; m++) sum += wide[c * multiplier + m];
      x[c] = sum;
    }
  }
}

// ---- Sums over taps -----------------------------------------------------------------------------

// The taps that a run of outputs has in common, for one vector of channels: `rows` by `columns` of them,
// how far apart they are in what they read and in the kernel, and how far apart the outputs are in both
// images. In floats.
typedef struct {
  size_t rows, columns;
  ptrdiff_t rowMove, columnMove, move;
  size_t kernelRow, kernelColumn, step;
  MCRectifier rectifier;
} Taps;

// n outputs, of which `lanes` channels are written. n is a constant wherever this is called, so that the
// sums stay in registers.
INLINE void sum_taps(const int n, const Taps *taps, const float *x, const float *kernel,
                     const v16 *start, size_t lanes, float *y) {
  v16 sum[MC_ROWS];
  for (int i = 0; i < n; i++) sum[i] = *start;
  for (size_t r = 0; r < taps->rows; r++)
    for (size_t s = 0; s < taps->columns; s++) {
      const float *from = x + (ptrdiff_t)r * taps->rowMove + (ptrdiff_t)s * taps->columnMove;
      v16 tap;
      load(kernel + r * taps->kernelRow + s * taps->kernelColumn, &tap);
      for (int i = 0; i < n; i++) {
        v16 value;
        load(from + i * taps->move, &value);
        sum[i] += value * tap;
      }
    }
  rectify16(n, &taps->rectifier, sum);
  for (int i = 0; i < n; i++) {
    float *to = y + (size_t)i * taps->step;
    if (lanes == 16) store(to, &sum[i]);
    else store_part(to, lanes, &sum[i]);
  }
}

// Rows of outputs, all channels of them.
typedef struct {
  KernelAxis down, across;
  size_t count;        // outputs of a row
  Run middle;          // those that have all taps of a row in common; the others go one by one
  size_t line, width;  // floats of a row and of a pixel of what is read
  const float *kernel, *bias;
  MCRectifier rectifier;
  size_t kernelWidth;     // taps of a row
  size_t channels, step;  // of each output so many channels are written; outputs are `step` floats apart
} DepthwiseRows;

// Ask for a row of memory ahead of its use: blocks of channels pass over it in steps that the processor does
// not foresee. An address beyond an array does no harm.
INLINE void fetch_row(size_t count, const float *row) {
  for (size_t i = 0; i < count; i += 16) __builtin_prefetch(row + i);
}

INLINE void fetch_row_to_write(size_t count, const float *row) {
  for (size_t i = 0; i < count; i += 16) __builtin_prefetch(row + i, 1);
}

// Output `row` along the axis `down`, of which the first pixel goes to y.
static void depthwise_row(const DepthwiseRows *d, size_t row, const float *x, float *y) {
  const KernelAxis *down = &d->down, *across = &d->across;
  ptrdiff_t pixel = (ptrdiff_t)d->width, line = (ptrdiff_t)d->line;
  Run rows = taps_inside(down, row);
  Taps all = {.rows = rows.end - rows.first, .rowMove = down->tapMove * line,
              .columnMove = across->tapMove * pixel, .move = across->move * pixel,
              .kernelRow = down->tapStep * d->kernelWidth * d->width,
              .kernelColumn = across->tapStep * d->width, .step = d->step,
              .rectifier = d->rectifier};
  const float *kernel = d->kernel;
  if (all.rows > 0) {
    x += (down->start + (ptrdiff_t)row * down->move + (ptrdiff_t)rows.first * down->tapMove) * line;
    kernel += (down->tap + rows.first * down->tapStep) * d->kernelWidth * d->width;
    // The row that the next outputs need beside those of these ones.
    ptrdiff_t last = all.rowMove < 0 ? 0 : (ptrdiff_t)(all.rows - 1) * all.rowMove;
    fetch_row(d->line, x + (last + down->move * line));
  }
  fetch_row_to_write(d->count * d->step, y + d->count * d->step);
  for (size_t o = 0; o < d->channels; o += 16, x += 16, kernel += 16) {
    size_t lanes = d->channels - o < 16 ? d->channels - o : 16;
    v16 start = {0};
    if (d->bias) load_part(d->bias + o, lanes, &start);
    for (size_t q = 0, n; q < d->count; q += n) {
      bool inside = q >= d->middle.first && q < d->middle.end;
      Run columns = {0, across->taps};
      if (!inside) columns = taps_inside(across, q);
      Taps taps = all;
      taps.columns = columns.end - columns.first;
      const float *from = x, *first = kernel;
      if (taps.rows > 0 && taps.columns > 0) {
        from += (across->start + (ptrdiff_t)q * across->move +
                 (ptrdiff_t)columns.first * across->tapMove) * pixel;
        first += (across->tap + columns.first * across->tapStep) * d->width;
      } else {
        taps.rows = 0;
      }
      float *to = y + q * d->step + o;
      size_t left = inside ? d->middle.end - q : 1;
      if (left >= MC_ROWS) sum_taps(n = MC_ROWS, &taps, from, first, &start, lanes, to);
      else if (left >= 3) sum_taps(n = 3, &taps, from, first, &start, lanes, to);
      else sum_taps(n = 1, &taps, from, first, &start, lanes, to);
    }
  }
}
