// A convolution by Winograd's tiles: each group of tiles is transformed, multiplied and transformed
// back while it is in the caches. Tiles of all images of a batch are in one row, as one image may have
// few.

// Tile rows firstRow to below firstRow + rows of each image, `across` tiles each from output column
// `left` on.
typedef struct {
  size_t batch, firstRow, rows, across, left;
} TileGrid;

// A tile's image, and its first output in it.
typedef struct {
  size_t image, row, column;
} TilePlace;

// The places of `count` tiles from the `first` one on.
INLINE void tile_places(const int high, const int wide, const TileGrid *grid, size_t first,
                        size_t count, TilePlace *places) {
  size_t each = grid->rows * grid->across;
  size_t image = first / each, row = first % each / grid->across, column = first % grid->across;
  for (size_t i = 0; i < count; i++) {
    TilePlace place = {image, (grid->firstRow + row) * (size_t)high,
                       grid->left + column * (size_t)wide};
    places[i] = place;
    if (++column < grid->across) continue;
    column = 0;
    if (++row < grid->rows) continue;
    row = 0;
    image++;
  }
}

// The images, and what masks them or NULL: a pixel counts only where the mask is positive.
typedef struct {
  const float *x, *mask;
} TileSource;

// Where a tile's outputs go.
typedef struct {
  bool relu, pooled;           // pooled: the maxima of windows of 2x2
  size_t firstRow, endRow;     // rows that come out of each image, the first one to y
  size_t width, channels;
  size_t image;                    // floats between images
  float *y;
  uint8_t *argmax;  // may be NULL
} TileSink;

// The rows and columns of the image under a tile, `zeros` for rows beyond it.
INLINE TilePixels tile_pixels(const int high, const int wide, const ConvolutionForm *f,
                              const TileSource *source, const TilePlace *place,
                              const float *zeros) {
  ptrdiff_t top = (ptrdiff_t)place->row - f->top, left = (ptrdiff_t)place->column - f->left;
  ptrdiff_t height = (ptrdiff_t)f->height, width = (ptrdiff_t)f->width;
  ptrdiff_t first = left < 0 ? -left : 0, end = width - left < wide + 2 ? width - left : wide + 2;
  TilePixels pixels = {.masked = source->mask != NULL, .first = (size_t)first,
                       .end = end > first ? (size_t)end : 0};
  for (ptrdiff_t i = 0; i < high + 2; i++) {
    bool inside = top + i >= 0 && top + i < height && end > first;
    size_t at = inside ? ((place->image * f->height + (size_t)(top + i)) * f->width +
                          (size_t)(left + first)) * f->inputs
                       : 0;
    pixels.rows[i] = inside ? source->x + at : zeros;
    pixels.masks[i] = inside && source->mask ? source->mask + at : zeros;
  }
  return pixels;
}

INLINE void transform_tiles(const int high, const int wide, const ConvolutionForm *f,
                            const TileSource *source, const TilePlace *places, size_t count,
                            const float *zeros, float *v, size_t stride) {
  size_t inputs = f->inputs;
  for (size_t i = 0; i < count; i++) {
    TilePixels pixels = tile_pixels(high, wide, f, source, &places[i], zeros);
    float *to = v + i * inputs;
    for (size_t done = 0; done < inputs;) {
      ChannelBlock block = channel_block(inputs, done, 16);
      size_t c = block.start;
      if (block.width == 16) transform_input(high, wide, 16, &pixels, inputs, c, to + c, stride);
      else transform_input(high, wide, 8, &pixels, inputs, c, to + c, stride);
      done = c + block.width;
    }
  }
}

// take_larger without a position.
INLINE void take_value(const v16 *value, v16 *best) {
  i16 wins = ~(*value <= *best) & (*best == *best);
  *best = (v16)(((i16)*value & wins) | ((i16)*best & ~wins));
}

INLINE void store_byte_positions(const int lanes, uint8_t *argmax, const i16 *positions) {
  b16 bytes = __builtin_convertvector(*positions, b16);
  __builtin_memcpy(argmax, &bytes, (size_t)lanes);
}

INLINE void sink_pooled(const int high, const int wide, const int lanes, const TileSink *sink,
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
        store_byte_positions(lanes, sink->argmax + to, &position);
      } else {
        take_value(&values[2 * i][2 * j + 1], &best);
        take_value(&values[2 * i + 1][2 * j], &best);
        take_value(&values[2 * i + 1][2 * j + 1], &best);
      }
      if (sink->relu) relu16(&best);
      store_vector(lanes, sink->y + to, &best);
    }
}

INLINE void sink_tile(const int high, const int wide, const int lanes, const TileSink *sink,
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
      if (sink->relu) relu16(&values[i][j]);
      store_vector(lanes, y + (size_t)j * sink->channels, &values[i][j]);
    }
  }
}

// The vector of `lanes` outputs from o on, of all tiles of a group; m is theirs.
INLINE void finish_outputs(const int high, const int wide, const int lanes,
                           const TilePlace *places, size_t count, const float *m, size_t width,
                           size_t stride, const float *bias, size_t o, const TileSink *sink) {
  v16 start = {0};
  if (bias) load_vector(lanes, bias + o, &start);
  for (size_t i = 0; i < count; i++) {
    v16 values[LARGEST_TILE][LARGEST_TILE];
    transform_output(high, wide, lanes, m + i * width, stride, &start, values);
    if (sink->pooled && high % 2 == 0 && wide % 2 == 0)
      sink_pooled(high, wide, lanes, sink, &places[i], o, values);
    else sink_tile(high, wide, lanes, sink, &places[i], o, values);
  }
}

// work: winograd_room floats.
INLINE void winograd_tiles(const int high, const int wide, const ConvolutionForm *f,
                           const TileGrid *grid, const TileSource *source, const float *u,
                           const float *bias, const TileSink *sink, float *work) {
  size_t inputs = f->inputs, most = winograd_group(f);
  size_t tiles = grid->batch * grid->rows * grid->across;
  float *zeros = work, *v = zeros + POINTS * inputs;
  float *m = v + POSITIONS * position_stride(most * inputs);
  memset(zeros, 0, POINTS * inputs * sizeof(float));
  for (size_t t = 0, count; t < tiles; t += count) {
    count = even_rows(tiles - t, most);
    TilePlace places[LARGEST_GROUP];
    tile_places(high, wide, grid, t, count, places);
    TileProducts products = {.high = high, .wide = wide, .tiles = count, .inputs = inputs, .v = v,
                             .u = u, .m = m, .vStride = position_stride(count * inputs)};
    transform_tiles(high, wide, f, source, places, count, zeros, v, products.vStride);
    for (size_t done = 0; done < f->outputs;) {
      ChannelBlock block = channel_block(f->outputs, done, WIDEST_BLOCK);
      products.uStride = position_stride(inputs * block.width);
      products.mStride = position_stride(count * block.width);
      multiply_tiles(&products, block.width);
      if (block.width == 8)
        finish_outputs(high, wide, 8, places, count, m, 8, products.mStride, bias, block.start,
                       sink);
      else
        for (size_t l = 0; l < block.width; l += 16)
          finish_outputs(high, wide, 16, places, count, m + l, block.width, products.mStride, bias,
                         block.start + l, sink);
      products.u += POSITIONS * products.uStride;
      done = block.start + block.width;
    }
  }
}

// The rows that the sink asks for, of each image of a batch.
static void convolve_tiles(const TileCut *cut, const ConvolutionForm *f, size_t batch,
                           const TileSource *source, const float *u, const float *bias,
                           const TileSink *sink, float *work) {
  size_t step = sink->pooled ? cut->height / 2 : cut->height;  // rows of a tile that come out
  TileGrid grid = {.batch = batch, .firstRow = sink->firstRow / step};
  grid.rows = tiles_across(sink->endRow, step) - grid.firstRow;
  for (int run = 0; run < 2; run++) {
    size_t wide = cut->across[run].tile;
    grid.across = cut->across[run].count;
    if (grid.across == 0) continue;
#define TILES(m, n) \
  if (cut->height == m && wide == n) winograd_tiles(m, n, f, &grid, source, u, bias, sink, work)
    TILES(4, 4);
    TILES(4, 3);
    TILES(4, 2);
    TILES(3, 4);
    TILES(3, 3);
    TILES(3, 2);
    TILES(2, 4);
    TILES(2, 3);
    TILES(2, 2);
#undef TILES
    grid.left += grid.across * wide;
  }
}
