// A convolution by Winograd's tiles: each group of tiles is transformed, multiplied and transformed
// back while it is in the caches. Tiles of all images of a batch are in one row, as one image may have
// few.

// Tile rows firstRow to below firstRow + rows of each image, `across` tiles each.
typedef struct {
  size_t batch, firstRow, rows, across;
} TileGrid;

typedef struct {
  size_t image, row, column;  // row counted from the grid's first one
} TilePlace;

// The places of `count` tiles from the `first` one on.
INLINE void tile_places(const TileGrid *grid, size_t first, size_t count, TilePlace *places) {
  size_t each = grid->rows * grid->across;
  TilePlace at = {first / each, first % each / grid->across, first % grid->across};
  for (size_t i = 0; i < count; i++) {
    places[i] = at;
    if (++at.column < grid->across) continue;
    at.column = 0;
    if (++at.row < grid->rows) continue;
    at.row = 0;
    at.image++;
  }
}

// The images, and what masks them or NULL: a pixel counts only where the mask is positive.
typedef struct {
  const float *x, *mask;
} TileSource;

// Where a tile's outputs go.
typedef struct {
  bool relu, pooled;               // pooled: the maxima of windows of 2x2
  size_t height, width, channels;  // of what comes out of each image, from the grid's first row
  size_t image;                    // floats between images
  float *y;
  uint8_t *argmax;  // may be NULL
} TileSink;

// The rows and columns of the image under a tile, `zeros` for rows beyond it.
INLINE TilePixels tile_pixels(const int tile, const ConvolutionForm *f, const TileSource *source,
                              size_t image, size_t row, size_t column, const float *zeros) {
  ptrdiff_t top = (ptrdiff_t)(row * (size_t)tile) - f->top;
  ptrdiff_t left = (ptrdiff_t)(column * (size_t)tile) - f->left, n = tile + 2;
  ptrdiff_t height = (ptrdiff_t)f->height, width = (ptrdiff_t)f->width;
  ptrdiff_t first = left < 0 ? -left : 0, end = width - left < n ? width - left : n;
  TilePixels pixels = {.masked = source->mask != NULL, .first = (size_t)first,
                       .end = end > first ? (size_t)end : 0};
  for (ptrdiff_t i = 0; i < n; i++) {
    bool inside = top + i >= 0 && top + i < height && end > first;
    size_t at = inside ? ((image * f->height + (size_t)(top + i)) * f->width +
                          (size_t)(left + first)) * f->inputs
                       : 0;
    pixels.rows[i] = inside ? source->x + at : zeros;
    pixels.masks[i] = inside && source->mask ? source->mask + at : zeros;
  }
  return pixels;
}

INLINE void transform_tiles(const int tile, const ConvolutionForm *f, size_t firstRow,
                            const TileSource *source, const TilePlace *places, size_t count,
                            const float *zeros, float *v, size_t stride) {
  size_t inputs = f->inputs;
  for (size_t i = 0; i < count; i++) {
    TilePixels pixels = tile_pixels(tile, f, source, places[i].image, firstRow + places[i].row,
                                    places[i].column, zeros);
    float *to = v + i * inputs;
    for (size_t done = 0; done < inputs;) {
      ChannelBlock block = channel_block(inputs, done, 16);
      size_t c = block.start;
      if (block.width == 16) transform_input(tile, 16, &pixels, inputs, c, to + c, stride);
      else transform_input(tile, 8, &pixels, inputs, c, to + c, stride);
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

INLINE void sink_pooled(const int tile, const int lanes, const TileSink *sink, const TilePlace *at,
                        size_t o, v16 values[LARGEST_TILE][LARGEST_TILE]) {
  size_t row = at->row * (size_t)(tile / 2), column = at->column * (size_t)(tile / 2);
#pragma clang loop unroll(full)
  for (int i = 0; i < tile / 2; i++)
#pragma clang loop unroll(full)
    for (int j = 0; j < tile / 2; j++) {
      if (row + (size_t)i >= sink->height || column + (size_t)j >= sink->width) continue;
      v16 best = values[2 * i][2 * j];
      size_t to = at->image * sink->image + ((row + (size_t)i) * sink->width + column + (size_t)j) *
                                                sink->channels + o;
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
      store_lanes(lanes, sink->y + to, &best);
    }
}

INLINE void sink_tile(const int tile, const int lanes, const TileSink *sink, const TilePlace *at,
                      size_t o, v16 values[LARGEST_TILE][LARGEST_TILE]) {
  size_t row = at->row * (size_t)tile, column = at->column * (size_t)tile;
#pragma clang loop unroll(full)
  for (int i = 0; i < tile; i++) {
    if (row + (size_t)i >= sink->height) break;
    float *y = sink->y + at->image * sink->image +
               ((row + (size_t)i) * sink->width + column) * sink->channels + o;
#pragma clang loop unroll(full)
    for (int j = 0; j < tile; j++) {
      if (column + (size_t)j >= sink->width) break;
      if (sink->relu) relu16(&values[i][j]);
      store_lanes(lanes, y + (size_t)j * sink->channels, &values[i][j]);
    }
  }
}

// The vector of `lanes` outputs from o on, of all tiles of a group; m is theirs.
INLINE void finish_outputs(const int tile, const int lanes, const TilePlace *places, size_t count,
                           const float *m, size_t width, size_t stride, const float *bias, size_t o,
                           const TileSink *sink) {
  v16 start = {0};
  if (bias) load_lanes(lanes, bias + o, &start);
  for (size_t i = 0; i < count; i++) {
    v16 values[LARGEST_TILE][LARGEST_TILE];
    transform_output(tile, lanes, m + i * width, stride, &start, values);
    if (sink->pooled && tile % 2 == 0) sink_pooled(tile, lanes, sink, &places[i], o, values);
    else sink_tile(tile, lanes, sink, &places[i], o, values);
  }
}

// work: winograd_room floats.
INLINE void winograd_tiles(const int tile, const ConvolutionForm *f, const TileGrid *grid,
                           const TileSource *source, const float *u, const float *bias,
                           const TileSink *sink, float *work) {
  size_t positions = winograd_positions((size_t)tile), inputs = f->inputs;
  size_t most = winograd_group(f, (size_t)tile), tiles = grid->batch * grid->rows * grid->across;
  float *zeros = work, *v = zeros + (size_t)(tile + 2) * inputs;
  float *m = v + positions * position_stride(most * inputs);
  memset(zeros, 0, (size_t)(tile + 2) * inputs * sizeof(float));
  for (size_t t = 0, count; t < tiles; t += count) {
    count = even_rows(tiles - t, most);
    TilePlace places[LARGEST_GROUP];
    tile_places(grid, t, count, places);
    TileProducts products = {.positions = positions, .tiles = count, .inputs = inputs, .v = v,
                             .u = u, .m = m, .vStride = position_stride(count * inputs)};
    transform_tiles(tile, f, grid->firstRow, source, places, count, zeros, v, products.vStride);
    for (size_t done = 0; done < f->outputs;) {
      ChannelBlock block = channel_block(f->outputs, done, WIDEST_BLOCK);
      products.uStride = position_stride(inputs * block.width);
      products.mStride = position_stride(count * block.width);
      multiply_tiles(&products, block.width);
      if (block.width == 8)
        finish_outputs(tile, 8, places, count, m, 8, products.mStride, bias, block.start, sink);
      else
        for (size_t l = 0; l < block.width; l += 16)
          finish_outputs(tile, 16, places, count, m + l, block.width, products.mStride, bias,
                         block.start + l, sink);
      products.u += positions * products.uStride;
      done = block.start + block.width;
    }
  }
}

static void convolve_tiles(size_t tile, const ConvolutionForm *f, const TileGrid *grid,
                           const TileSource *source, const float *u, const float *bias,
                           const TileSink *sink, float *work) {
  switch (tile) {
    case 2: return winograd_tiles(2, f, grid, source, u, bias, sink, work);
    case 3: return winograd_tiles(3, f, grid, source, u, bias, sink, work);
    default: return winograd_tiles(4, f, grid, source, u, bias, sink, work);
  }
}
