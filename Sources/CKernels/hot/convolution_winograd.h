// A convolution by Winograd's tiles: each group of tiles is transformed, multiplied and transformed
// back while it is in the caches. Tiles of all images of a batch are in one row, as one image may have
// few.

// Tile rows firstRow to below firstRow + rows of each image.
typedef struct {
  int high, wide, narrow;  // outputs of a tile; a row has wide tiles, then narrow ones
  size_t wides, across;    // wide tiles of a row, and all of them
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

// The `count` tiles from the `first` one on.
static void tile_group(const TileGrid *grid, size_t first, size_t count, TileGroup *group) {
  size_t each = grid->rows * grid->across, narrows = 0;
  size_t image = first / each, row = first % each / grid->across, column = first % grid->across;
  group->count = count;
  group->wides = 0;
  for (size_t i = 0; i < count; i++) {
    TilePlace place = {image, (grid->firstRow + row) * (size_t)grid->high,
                       column * (size_t)grid->wide};
    if (column < grid->wides) {
      group->places[group->wides++] = place;
    } else {
      place.column = grid->wides * (size_t)grid->wide +
                     (column - grid->wides) * (size_t)grid->narrow;
      group->places[count - ++narrows] = place;
    }
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
                            const float *zeros, float *v, size_t stride, size_t line) {
  size_t inputs = f->inputs;
  for (size_t i = 0; i < count; i++) {
    TilePixels pixels = tile_pixels(high, wide, f, source, &places[i], zeros);
    float *to = v + i * inputs;
    for (size_t done = 0; done < inputs;) {
      ChannelBlock block = channel_block(inputs, done, 16);
      size_t c = block.start;
      if (block.width == 16)
        transform_input(high, wide, 16, &pixels, inputs, c, to + c, stride, line);
      else transform_input(high, wide, 8, &pixels, inputs, c, to + c, stride, line);
      done = c + block.width;
    }
  }
}

// The same for tiles of any size.
static void transform_any(int high, int wide, const ConvolutionForm *f, const TileSource *source,
                          const TilePlace *places, size_t count, const float *zeros, float *v,
                          size_t stride, size_t line) {
  if (count == 0) return;
  switch (high * 10 + wide) {
    case 44: return transform_tiles(4, 4, f, source, places, count, zeros, v, stride, line);
    case 43: return transform_tiles(4, 3, f, source, places, count, zeros, v, stride, line);
    case 42: return transform_tiles(4, 2, f, source, places, count, zeros, v, stride, line);
    case 34: return transform_tiles(3, 4, f, source, places, count, zeros, v, stride, line);
    case 33: return transform_tiles(3, 3, f, source, places, count, zeros, v, stride, line);
    case 32: return transform_tiles(3, 2, f, source, places, count, zeros, v, stride, line);
    case 24: return transform_tiles(2, 4, f, source, places, count, zeros, v, stride, line);
    case 23: return transform_tiles(2, 3, f, source, places, count, zeros, v, stride, line);
    default: return transform_tiles(2, 2, f, source, places, count, zeros, v, stride, line);
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
      store_lanes(lanes, sink->y + to, &best);
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
      store_lanes(lanes, y + (size_t)j * sink->channels, &values[i][j]);
    }
  }
}

// One block of outputs of so many tiles; their positions in m are `stride` floats apart across and `line`
// down.
typedef struct {
  const TileSink *sink;
  const TilePlace *places;
  size_t count;
  const float *m;
  size_t stride, line;
  const float *bias;
  ChannelBlock block;
} TileOutputs;

INLINE void finish_vector(const int high, const int wide, const int lanes, const TileOutputs *t,
                          size_t first) {
  size_t o = t->block.start + first;
  v16 start = {0};
  if (t->bias) load_lanes(lanes, t->bias + o, &start);
  for (size_t i = 0; i < t->count; i++) {
    v16 values[LARGEST_TILE][LARGEST_TILE];
    transform_output(high, wide, lanes, t->m + i * t->block.width + first, t->stride, t->line,
                     &start, values);
    if (t->sink->pooled && high % 2 == 0 && wide % 2 == 0)
      sink_pooled(high, wide, lanes, t->sink, &t->places[i], o, values);
    else sink_tile(high, wide, lanes, t->sink, &t->places[i], o, values);
  }
}

INLINE void finish_tiles(const int high, const int wide, const TileOutputs *operands) {
  const TileOutputs t = *operands;
  if (t.block.width == 8) finish_vector(high, wide, 8, &t, 0);
  else
    for (size_t l = 0; l < t.block.width; l += 16) finish_vector(high, wide, 16, &t, l);
}

static void finish_any(int high, int wide, const TileOutputs *t) {
  if (t->count == 0) return;
  switch (high * 10 + wide) {
    case 44: return finish_tiles(4, 4, t);
    case 43: return finish_tiles(4, 3, t);
    case 42: return finish_tiles(4, 2, t);
    case 34: return finish_tiles(3, 4, t);
    case 33: return finish_tiles(3, 3, t);
    case 32: return finish_tiles(3, 2, t);
    case 24: return finish_tiles(2, 4, t);
    case 23: return finish_tiles(2, 3, t);
    default: return finish_tiles(2, 2, t);
  }
}

// The columns of positions from the `first` one to below the `end`, for so many tiles.
static void multiply_columns(const TileProducts *all, size_t tiles, size_t first, size_t end,
                             size_t width) {
  if (tiles == 0 || first >= end) return;
  TileProducts part = *all;
  part.tiles = tiles;
  part.across = end - first;
  part.v += first * all->vStride;
  part.u += first * all->uStride;
  part.m += first * all->mStride;
  multiply_tiles(&part, width);
}

// The rows that the sink asks for, of each image of a batch. work: winograd_room floats.
static void convolve_tiles(const TileCut *cut, const ConvolutionForm *f, size_t batch,
                           const TileSource *source, const float *u, const float *bias,
                           const TileSink *sink, float *work) {
  size_t step = sink->pooled ? cut->height / 2 : cut->height;  // rows of a tile that come out
  const int high = (int)cut->height;
  TileGrid grid = {.high = high, .wide = (int)cut->across[0].tile,
                   .narrow = (int)cut->across[1].tile, .wides = cut->across[0].count,
                   .across = cut->across[0].count + cut->across[1].count,
                   .firstRow = sink->firstRow / step};
  grid.rows = tiles_across(sink->endRow, step) - grid.firstRow;
  size_t inputs = f->inputs, most = winograd_group(f), tiles = batch * grid.rows * grid.across;
  float *zeros = work, *v = zeros + POINTS * inputs;
  float *m = v + POSITIONS * position_stride(most * inputs);
  memset(zeros, 0, POINTS * inputs * sizeof(float));
  // The columns of positions, and those of them that narrow tiles have too.
  size_t columns = (size_t)grid.wide + 2;
  size_t shared = (size_t)(first_point(grid.narrow) - first_point(grid.wide));
  size_t sharedEnd = shared + (size_t)grid.narrow + 2;
  size_t corner = (size_t)(first_point(high) * POINTS + first_point(grid.wide));
  for (size_t t = 0, count; t < tiles; t += count) {
    count = even_rows(tiles - t, most);
    TileGroup group;
    tile_group(&grid, t, count, &group);
    TileProducts p = {.down = (size_t)high + 2, .inputs = inputs, .v = v, .m = m,
                      .vStride = position_stride(count * inputs)};
    p.vLine = columns * p.vStride;
    const TilePlace *narrows = group.places + group.wides;
    transform_any(high, grid.wide, f, source, group.places, group.wides, zeros, v, p.vStride,
                  p.vLine);
    transform_any(high, grid.narrow, f, source, narrows, count - group.wides, zeros,
                  v + group.wides * inputs + shared * p.vStride, p.vStride, p.vLine);
    const float *kernel = u;
    for (size_t done = 0; done < f->outputs;) {
      ChannelBlock block = channel_block(f->outputs, done, WIDEST_BLOCK);
      p.uStride = position_stride(inputs * block.width);
      p.mStride = position_stride(count * block.width);
      p.mLine = columns * p.mStride;
      p.u = kernel + corner * p.uStride;
      if (group.wides == count) {
        multiply_columns(&p, count, 0, columns, block.width);
      } else {
        multiply_columns(&p, group.wides, 0, shared, block.width);
        multiply_columns(&p, count, shared, sharedEnd, block.width);
        multiply_columns(&p, group.wides, sharedEnd, columns, block.width);
      }
      TileOutputs outputs = {.sink = sink, .places = group.places, .count = group.wides, .m = m,
                             .stride = p.mStride, .line = p.mLine, .bias = bias, .block = block};
      finish_any(high, grid.wide, &outputs);
      outputs.places = narrows;
      outputs.count = count - group.wides;
      outputs.m += group.wides * block.width + shared * p.mStride;
      finish_any(high, grid.narrow, &outputs);
      kernel += POSITIONS * p.uStride;
      done = block.start + block.width;
    }
  }
}
