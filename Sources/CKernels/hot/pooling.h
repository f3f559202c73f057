// What every pooling asks of its window.

typedef struct {
  size_t height, width, channels, outHeight, outWidth;
  size_t line, image;      // floats of a row and of an image of the input
  size_t count, outCount;  // floats of all images, and of all that comes out
} PoolSizes;

INLINE PoolSizes pool_sizes(const MCWindow *w, size_t batch) {
  PoolSizes size = {.height = (size_t)w->inHeight, .width = (size_t)w->inWidth,
                 .channels = (size_t)w->inChannels,
                 .outHeight = (size_t)w->outHeight, .outWidth = (size_t)w->outWidth};
  size.line = size.width * size.channels;
  size.image = size.height * size.line;
  size.count = batch * size.image;
  size.outCount = batch * size.outHeight * size.outWidth * size.channels;
  return size;
}

// The row of the image, or the column, that position `in` of window `out` lies on; maybe outside.
INLINE ptrdiff_t row_at(const MCWindow *w, size_t out, int32_t in) {
  return (ptrdiff_t)out * w->strideHeight + (ptrdiff_t)in * w->dilationHeight - w->padTop;
}

INLINE ptrdiff_t column_at(const MCWindow *w, size_t out, int32_t in) {
  return (ptrdiff_t)out * w->strideWidth + (ptrdiff_t)in * w->dilationWidth - w->padLeft;
}

INLINE bool is_inside(const MCWindow *w, ptrdiff_t row, ptrdiff_t column) {
  return row >= 0 && row < w->inHeight && column >= 0 && column < w->inWidth;
}

// Where the channels of a pixel inside the image begin.
INLINE size_t pixel_at(const MCWindow *w, ptrdiff_t row, ptrdiff_t column) {
  return ((size_t)row * (size_t)w->inWidth + (size_t)column) * (size_t)w->inChannels;
}

// The part of a window that lies inside the image, along one axis.
typedef struct {
  size_t first;  // its first position in the window
  size_t count;
  size_t start;  // where that first position is in the image
} Span;

INLINE Span window_span(size_t out, int32_t stride, int32_t pad, int32_t extent, int32_t size) {
  ptrdiff_t start = (ptrdiff_t)out * stride - pad;
  ptrdiff_t first = start < 0 ? -start : 0;
  ptrdiff_t end = (ptrdiff_t)size - start < extent ? (ptrdiff_t)size - start : extent;
  if (first > extent) first = extent;
  if (end < first) end = first;
  Span span = {(size_t)first, (size_t)(end - first), (size_t)(start + first)};
  return span;
}

INLINE Span row_span(const MCWindow *w, size_t p) {
  return window_span(p, w->strideHeight, w->padTop, w->kernelHeight, w->inHeight);
}

INLINE Span column_span(const MCWindow *w, size_t q) {
  return window_span(q, w->strideWidth, w->padLeft, w->kernelWidth, w->inWidth);
}

// The windows that a position of the image lies in along one axis: from `first` to below `end`.
typedef struct {
  size_t first, end;
} Cover;

INLINE Cover covering(size_t position, int32_t stride, int32_t pad, int32_t extent,
                      size_t windows) {
  int32_t at = (int32_t)position + pad;
  size_t first = at < extent ? 0 : (size_t)((at - extent) / stride + 1);
  size_t end = (size_t)(at / stride + 1);
  Cover cover = {first, end < windows ? end : windows};
  return cover;
}

INLINE Cover rows_covering(const MCWindow *w, size_t h) {
  return covering(h, w->strideHeight, w->padTop, w->kernelHeight, (size_t)w->outHeight);
}

INLINE Cover columns_covering(const MCWindow *w, size_t column) {
  return covering(column, w->strideWidth, w->padLeft, w->kernelWidth, (size_t)w->outWidth);
}

// Whether windows tile the image: no pixel lies in two of them.
INLINE bool tiles(const MCWindow *w) {
  return w->strideHeight == w->kernelHeight && w->strideWidth == w->kernelWidth &&
         w->padTop == 0 && w->padLeft == 0 && w->outHeight * w->strideHeight <= w->inHeight &&
         w->outWidth * w->strideWidth <= w->inWidth;
}

// The windows along one axis that lie inside the image, from `first` to below `end`: the border
// cuts those before and after them.
INLINE Cover whole_windows(int32_t stride, int32_t pad, int32_t extent, int32_t size,
                           size_t windows) {
  int32_t first = (pad + stride - 1) / stride;
  int32_t end = size + pad < extent ? 0 : (size + pad - extent) / stride + 1;
  Cover whole = {(size_t)first, (size_t)end};
  if (whole.end > windows) whole.end = windows;
  if (whole.first > whole.end) whole.first = whole.end;
  return whole;
}

INLINE Cover whole_rows(const MCWindow *w) {
  return whole_windows(w->strideHeight, w->padTop, w->kernelHeight, w->inHeight,
                       (size_t)w->outHeight);
}

INLINE Cover whole_columns(const MCWindow *w) {
  return whole_windows(w->strideWidth, w->padLeft, w->kernelWidth, w->inWidth,
                       (size_t)w->outWidth);
}

// Loops that take 16 channels at once go over the pixels in memory order. With fewer channels a
// vector holds those of the next pixels too, and what it leaves there is overwritten soon; only at
// the end of the arrays is no room for it. With more channels the last vector begins early enough
// to end with them.
INLINE bool has_room(const PoolSizes *size, size_t in, size_t out) {
  return size->channels >= 16 || (in + 16 <= size->count && out + 16 <= size->outCount);
}

INLINE size_t output_start(const PoolSizes *size, size_t n, size_t p, size_t q) {
  return ((n * size->outHeight + p) * size->outWidth + q) * size->channels;
}

// The windows of row p that lie inside the image from left to right, and have room for vectors. The
// others are left to a loop that asks for each window what is there.
INLINE Cover whole_windows_of_row(const MCWindow *w, const PoolSizes *size, size_t n, size_t p,
                                  const Span *rows) {
  Cover whole = whole_columns(w);
  if (rows->count == 0) whole.end = whole.first;
  for (; whole.end > whole.first; whole.end--) {
    size_t row = rows->start + rows->count - 1;
    size_t column = column_span(w, whole.end - 1).start + (size_t)w->kernelWidth - 1;
    size_t last = n * size->image + row * size->line + column * size->channels;
    if (has_room(size, last, output_start(size, n, p, whole.end - 1))) break;
  }
  return whole;
}

// Whether all windows have room that a row of the image lies in, and the row itself.
INLINE bool row_has_room(const PoolSizes *size, size_t n, size_t h, const Cover *down) {
  size_t last = n * size->image + (h + 1) * size->line - size->channels;
  size_t p = down->end > down->first ? down->end - 1 : 0;
  return has_room(size, last, output_start(size, n, p, size->outWidth - 1));
}

// Where windows overlap, their unrolled loops hold the columns of one in registers.
enum { WIDEST_WINDOW = 3 };

// The windows that have such loops.
INLINE bool has_unrolled_width(const MCWindow *w) {
  int32_t S = w->kernelWidth, stride = w->strideWidth;
  return (S == 2 && stride == 2) || (S == 3 && (stride == 1 || stride == 2));
}

// The gradients of the columns of window q, in a row of the image: stores those that no later
// window lies on, and makes the others the first ones of the next window. dx: where the row
// begins.
INLINE void leave_window(const MCWindow *w, const size_t S, const size_t stride, size_t q,
                         v16 *gradients, float *dx) {
  ptrdiff_t column = column_at(w, q, 0), channels = w->inChannels;
  bool isInside = column >= 0 && column + (ptrdiff_t)stride <= w->inWidth;
  for (size_t s = 0; s < stride; s++, column++)
    if (isInside || (column >= 0 && column < w->inWidth))
      store(dx + column * channels, &gradients[s]);
  for (size_t s = 0; s < S; s++)
    gradients[s] = s + stride < S ? gradients[s + stride] : (v16){0};
}

// What is left after the last window.
INLINE void leave_row(const MCWindow *w, const size_t S, v16 *gradients, float *dx) {
  ptrdiff_t column = column_at(w, (size_t)w->outWidth, 0), channels = w->inChannels;
  for (size_t s = 0; column < w->inWidth; s++, column++) {
    v16 none = {0};
    if (column >= 0) store(dx + column * channels, s < S ? &gradients[s] : &none);
  }
}

// How many pixels of a row, which begins at `start` of `count` floats, have such room; the others take
// their channels alone.
INLINE size_t pixels_with_room(size_t channels, size_t pixels, size_t start, size_t count) {
  if (channels >= 16) return pixels;
  while (pixels > 0 && start + (pixels - 1) * channels + 16 > count) pixels--;
  return pixels;
}

INLINE size_t vector_start(const PoolSizes *size, size_t c) {
  return size->channels < 16 || c + 16 <= size->channels ? c : size->channels - 16;
}

INLINE size_t vector_lanes(const PoolSizes *size, bool room) {
  return room || size->channels >= 16 ? 16 : size->channels;
}

// Whether a value is the new largest one: of equal ones the first stays the largest, and a NaN
// counts as larger than any number, so that it is not hidden.
INLINE bool beats(float value, float best) {
  return value > best || (value != value && best == best);
}

// best = value where that beats it, lane by lane, and position = `here` where it does.
INLINE void take_larger_at(const v16 *value, const i16 *here, v16 *best, i16 *position) {
  i16 wins = ~(*value <= *best) & (*best == *best);
  *best = (v16)(((i16)*value & wins) | ((i16)*best & ~wins));
  *position = (*here & wins) | (*position & ~wins);
}

INLINE void take_larger(const v16 *value, int32_t here, v16 *best, i16 *position) {
  i16 positions = (i16){0} + here;
  take_larger_at(value, &positions, best, position);
}

// The same where nobody asks where that was.
INLINE void keep_larger(const v16 *value, v16 *best) {
  i16 wins = ~(*value <= *best) & (*best == *best);
  *best = (v16)(((i16)*value & wins) | ((i16)*best & ~wins));
}

// An argmax is an array of positions of one byte or four each: indexSize is a constant. Nothing is
// stored in one that is NULL.
INLINE int32_t get_position(const void *argmax, size_t indexSize, size_t i) {
  return indexSize == 1 ? ((const uint8_t *)argmax)[i] : ((const int32_t *)argmax)[i];
}

INLINE void set_position(void *argmax, size_t indexSize, size_t i, int32_t position) {
  if (!argmax) return;
  if (indexSize == 1) ((uint8_t *)argmax)[i] = (uint8_t)position;
  else ((int32_t *)argmax)[i] = position;
}

// The same for a vector of them, of which `lanes` are there.
INLINE void load_positions(const void *argmax, size_t indexSize, size_t i, size_t lanes,
                           i16 *positions) {
  b16 bytes;
  if (lanes < 16) {
    *positions = (i16){0};
    for (size_t l = 0; l < lanes; l++) (*positions)[l] = get_position(argmax, indexSize, i + l);
    return;
  }
  if (indexSize == 1) {
    __builtin_memcpy(&bytes, (const uint8_t *)argmax + i, sizeof bytes);
    *positions = __builtin_convertvector(bytes, i16);
  } else {
    __builtin_memcpy(positions, (const int32_t *)argmax + i, sizeof *positions);
  }
}

INLINE void store_positions(void *argmax, size_t indexSize, size_t i, const i16 *positions) {
  if (!argmax) return;
  b16 bytes = __builtin_convertvector(*positions, b16);
  if (indexSize == 1) __builtin_memcpy((uint8_t *)argmax + i, &bytes, sizeof bytes);
  else __builtin_memcpy((int32_t *)argmax + i, positions, sizeof *positions);
}
