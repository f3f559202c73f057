// Where Winograd's tiles are: the pixels that they read, and the outputs that they write.

// Tile rows firstRow to below firstRow + rows of each image.
typedef struct {
  size_t high, wide, narrow;  // outputs of a tile; a row has wide tiles, then narrow ones
  size_t wides, across;       // wide tiles of a row, and all of them
  size_t firstRow, rows;
} TileGrid;

// A tile's image, and its first output in it.
typedef struct {
  size_t image, row, column;
} TilePlace;

// A group of tiles, the wide ones first.
typedef struct {
  size_t count, wides;
  TilePlace places[LARGEST_GROUP];
} TileGroup;

// Wide ones among the first `count` tiles.
static inline size_t wides_among(const TileGrid *grid, size_t count) {
  size_t last = count % grid->across;
  return count / grid->across * grid->wides + (last < grid->wides ? last : grid->wides);
}

// The `count` tiles from the `first` one on, both kinds in their order, so that neighbours can share
// columns.
static void tile_group(const TileGrid *grid, size_t first, size_t count, TileGroup *group) {
  size_t each = grid->rows * grid->across, wides = 0;
  size_t image = first / each, row = first % each / grid->across, column = first % grid->across;
  group->count = count;
  group->wides = wides_among(grid, first + count) - wides_among(grid, first);
  size_t narrows = group->wides;
  for (size_t i = 0; i < count; i++) {
    TilePlace place = {image, (grid->firstRow + row) * grid->high, column * grid->wide};
    if (column < grid->wides) {
      group->places[wides++] = place;
    } else {
      place.column = grid->wides * grid->wide + (column - grid->wides) * grid->narrow;
      group->places[narrows++] = place;
    }
    if (++column < grid->across) continue;
    column = 0;
    if (++row < grid->rows) continue;
    row = 0;
    image++;
  }
}

// The images; where `rectifier` is not NULL, they are gradients of its output y.
typedef struct {
  const float *x;
  const MCRectifier *rectifier;
  const float *y;
} TileSource;

// Where a tile's outputs go.
typedef struct {
  MCRectifier rectifier;
  bool pooled;                 // the maxima of windows of 2x2
  size_t firstRow, endRow;     // rows that come out of each image, the first one to y
  size_t width, channels;
  size_t image;                    // floats between images
  float *y;
  uint8_t *argmax;  // may be NULL
} TileSink;

// The rows and columns of the image under tiles that are side by side, of `high` rows of inputs and so
// many columns; `zeros` for rows beyond it.
INLINE TilePixels tile_pixels(const int high, size_t columns, const ConvolutionForm *f,
                              const TileSource *source, const TilePlace *place,
                              const float *zeros) {
  ptrdiff_t top = (ptrdiff_t)place->row - f->top, left = (ptrdiff_t)place->column - f->left;
  ptrdiff_t height = (ptrdiff_t)f->height, width = (ptrdiff_t)f->width, all = (ptrdiff_t)columns;
  ptrdiff_t first = left >= 0 ? 0 : -left < all ? -left : all;
  ptrdiff_t end = width - left < all ? width - left : all;
  if (end < first) end = first;
  TilePixels pixels = {.rectifier = source->rectifier, .columns = columns,
                       .first = (size_t)first, .end = (size_t)end};
  for (ptrdiff_t i = 0; i < high; i++) {
    bool inside = top + i >= 0 && top + i < height && end > first;
    size_t at = inside ? ((place->image * f->height + (size_t)(top + i)) * f->width +
                          (size_t)(left + first)) * f->inputs
                       : 0;
    pixels.rows[i] = inside ? source->x + at : zeros;
    pixels.outputs[i] = inside && source->rectifier ? source->y + at : zeros;
  }
  return pixels;
}

// A vector of outputs, or as many of them as there are channels.
INLINE void sink_vector(const size_t lanes, size_t channels, float *y, const v16 *v) {
  if (channels < lanes) store_part(y, channels, v);
  else store_vector(lanes, y, v);
}

INLINE void sink_positions(const size_t lanes, size_t channels, uint8_t *argmax,
                           const i16 *positions) {
  b16 bytes = __builtin_convertvector(*positions, b16);
  if (channels < lanes) memcpy(argmax, &bytes, channels);
  else __builtin_memcpy(argmax, &bytes, lanes);
}

INLINE void sink_pooled(const int high, const int wide, const size_t lanes, const TileSink *sink,
                        const TilePlace *place, size_t o,
                        v16 values[LARGEST_TILE][LARGEST_TILE]) {
#pragma clang loop unroll(full)
  for (int i = 0; i < high / 2; i++)
#pragma clang loop unroll(full)
    for (int j = 0; j < wide / 2; j++) {
      size_t row = place->row / 2 + (size_t)i, column = place->column / 2 + (size_t)j;
      if (row < sink->firstRow || row >= sink->endRow || column >= sink->width) continue;
      v16 best = values[2 * i][2 * j];
      size_t to = place->image * sink->image +
                  ((row - sink->firstRow) * sink->width + column) * sink->channels + o;
      if (sink->argmax) {
        i16 position = {0};
        take_larger(&values[2 * i][2 * j + 1], 1, &best, &position);
        take_larger(&values[2 * i + 1][2 * j], 2, &best, &position);
        take_larger(&values[2 * i + 1][2 * j + 1], 3, &best, &position);
        sink_positions(lanes, sink->channels, sink->argmax + to, &position);
      } else {
        keep_larger(&values[2 * i][2 * j + 1], &best);
        keep_larger(&values[2 * i + 1][2 * j], &best);
        keep_larger(&values[2 * i + 1][2 * j + 1], &best);
      }
      rectify16(1, &sink->rectifier, &best);
      sink_vector(lanes, sink->channels, sink->y + to, &best);
    }
}

INLINE void sink_tile(const int high, const int wide, const size_t lanes, const TileSink *sink,
                      const TilePlace *place, size_t o,
                      v16 values[LARGEST_TILE][LARGEST_TILE]) {
#pragma clang loop unroll(full)
  for (int i = 0; i < high; i++) {
    size_t row = place->row + (size_t)i;
    if (row < sink->firstRow || row >= sink->endRow) continue;
    float *y = sink->y + place->image * sink->image +
               ((row - sink->firstRow) * sink->width + place->column) * sink->channels + o;
#pragma clang loop unroll(full)
    for (int j = 0; j < wide; j++) {
      if (place->column + (size_t)j >= sink->width) break;
      rectify16(1, &sink->rectifier, &values[i][j]);
      sink_vector(lanes, sink->channels, y + (size_t)j * sink->channels, &values[i][j]);
    }
  }
}
