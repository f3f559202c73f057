// A convolution by Winograd's tiles: each group of tiles is transformed, multiplied and transformed
// back while it is in the caches. Tiles of all images of a batch are in one row, as one image may have
// few.

// Tiles from the first of the places on that are side by side, `most` at most.
static size_t tiles_beside(const TilePlace *places, size_t count, size_t step, size_t most) {
  size_t run = 1;
  while (run < count && run < most && places[run].image == places->image &&
         places[run].row == places->row && places[run].column == places->column + run * step)
    run++;
  return run;
}

// V of `count` tiles of `high` x `wide` inputs, whose positions are `stride` floats apart across and
// `line` down. down: TILE_COLUMNS floats for each point.
INLINE void transform_tiles(const int high, const int wide, const ConvolutionForm *f,
                            const TileSource *source, const TilePlace *places, size_t count,
                            const float *zeros, float *down, float *v, size_t stride, size_t line) {
  size_t inputs = f->inputs, room = winograd_inputs(f), step = (size_t)wide + 1 - f->kernelWidth;
  bool whole = inputs <= WHOLE_PIXELS;
  size_t most = (TILE_COLUMNS / (whole ? inputs : 16) - (size_t)wide) / step + 1;
  for (size_t i = 0, run; i < count; i += run) {
    run = tiles_beside(places + i, count - i, step, most);
    TilePixels pixels =
        tile_pixels(high, (run - 1) * step + (size_t)wide, f, source, &places[i], zeros);
    for (size_t done = 0; done < inputs;) {
      ChannelBlock part = whole ? (ChannelBlock){0, inputs} : channel_block(inputs, done, 16);
      transform_columns(high, &pixels, inputs, &part, down, DOWN_LINE);
      for (size_t t = 0; t < run; t++)
        for (size_t ready = 0; ready < part.width;) {
          ChannelBlock block = channel_block(part.width, ready, 16);
          const float *from = down + t * step * part.width + block.start;
          float *to = v + (i + t) * room + part.start + block.start;
          if (block.width == 16)
            transform_across(high, wide, 16, from, DOWN_LINE, part.width, to, stride, line);
          else transform_across(high, wide, 8, from, DOWN_LINE, part.width, to, stride, line);
          ready = block.start + block.width;
        }
      done = part.start + part.width;
    }
  }
}

// The same for tiles of any size.
static void transform_any(size_t high, size_t wide, const ConvolutionForm *f, const TileSource *source,
                          const TilePlace *places, size_t count, const float *zeros, float *down,
                          float *v, size_t stride, size_t line) {
  if (count == 0) return;
  switch (high * 10 + wide) {
    case 66: 
      return transform_tiles(6, 6, f, source, places, count, zeros, down, v, stride, line);
    case 65: 
      return transform_tiles(6, 5, f, source, places, count, zeros, down, v, stride, line);
    case 64: 
      return transform_tiles(6, 4, f, source, places, count, zeros, down, v, stride, line);
    case 56: 
      return transform_tiles(5, 6, f, source, places, count, zeros, down, v, stride, line);
    case 55: 
      return transform_tiles(5, 5, f, source, places, count, zeros, down, v, stride, line);
    case 54: 
      return transform_tiles(5, 4, f, source, places, count, zeros, down, v, stride, line);
    case 46: 
      return transform_tiles(4, 6, f, source, places, count, zeros, down, v, stride, line);
    case 45: 
      return transform_tiles(4, 5, f, source, places, count, zeros, down, v, stride, line);
    default: 
      return transform_tiles(4, 4, f, source, places, count, zeros, down, v, stride, line);
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
  OutputBlock block;
} TileOutputs;

// Of a tile of `high` x `wide` outputs of a kernel of `reach` more rows and columns than one.
INLINE void finish_vector(const int high, const int wide, const int reach, const size_t lanes,
                          const TileOutputs *t, size_t first) {
  size_t o = t->block.start + first;
  v16 start = {0};
  if (t->bias && t->sink->channels < lanes) load_part(t->bias, t->sink->channels, &start);
  else if (t->bias) load_vector(lanes, t->bias + o, &start);
  for (size_t i = 0; i < t->count; i++) {
    v16 values[LARGEST_TILE][LARGEST_TILE];
    transform_output(high, wide, reach, lanes, t->m + i * t->block.width + first, t->stride, t->line,
                     &start, values);
    if (t->sink->pooled && high % 2 == 0 && wide % 2 == 0)
      sink_pooled(high, wide, lanes, t->sink, &t->places[i], o, values);
    else sink_tile(high, wide, lanes, t->sink, &t->places[i], o, values);
  }
}

INLINE void finish_tiles(const int high, const int wide, const int reach,
                         const TileOutputs *operands) {
  const TileOutputs t = *operands;
  if (t.block.width == 8) finish_vector(high, wide, reach, 8, &t, 0);
  else
    for (size_t l = 0; l < t.block.width; l += 16) finish_vector(high, wide, reach, 16, &t, l);
}

static void finish_any(size_t high, size_t wide, size_t kernel, const TileOutputs *t) {
  if (t->count == 0) return;
  if (kernel == 5) return finish_tiles(2, 2, 4, t);
  switch (high * 10 + wide) {
    case 44: return finish_tiles(4, 4, 2, t);
    case 43: return finish_tiles(4, 3, 2, t);
    case 42: return finish_tiles(4, 2, 2, t);
    case 34: return finish_tiles(3, 4, 2, t);
    case 33: return finish_tiles(3, 3, 2, t);
    case 32: return finish_tiles(3, 2, 2, t);
    case 24: return finish_tiles(2, 4, 2, t);
    case 23: return finish_tiles(2, 3, 2, t);
    default: return finish_tiles(2, 2, 2, t);
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
  TileGrid grid = {.high = cut->height, .wide = cut->across[0].tile,
                   .narrow = cut->across[1].tile, .wides = cut->across[0].count,
                   .across = cut->across[0].count + cut->across[1].count,
                   .firstRow = sink->firstRow / step};
  grid.rows = tiles_across(sink->endRow, step) - grid.firstRow;
  size_t inputs = winograd_inputs(f), most = winograd_group(f), tiles = batch * grid.rows * grid.across;
  size_t widest = widest_block(f), kernel = f->kernelHeight;
  float *zeros = aligned(work), *down = zeros + winograd_row_room(f), *v = down + POINTS * DOWN_LINE;
  float *m = v + POSITIONS * position_stride(most * inputs);
  memset(zeros, 0, winograd_row_room(f) * sizeof(float));
  // The rows and columns of positions, and those of the columns that narrow tiles have too.
  size_t rows = tile_extent(grid.high, kernel), columns = tile_extent(grid.wide, kernel);
  size_t narrow = tile_extent(grid.narrow, kernel);
  size_t shared = first_point(narrow) - first_point(columns), sharedEnd = shared + narrow;
  size_t corner = first_point(rows) * POINTS + first_point(columns);
  for (size_t t = 0, count; t < tiles; t += count) {
    count = even_rows(tiles - t, most);
    TileGroup group;
    tile_group(&grid, t, count, &group);
    TileProducts p = {.down = rows, .vTile = inputs, .m = m,
                      .vStride = position_stride(count * inputs)};
    p.vLine = columns * p.vStride;
    const TilePlace *narrows = group.places + group.wides;
    transform_any(rows, columns, f, source, group.places, group.wides, zeros, down, v,
                  p.vStride, p.vLine);
    transform_any(rows, narrow, f, source, narrows, count - group.wides, zeros, down,
                  v + group.wides * inputs + shared * p.vStride, p.vStride, p.vLine);
    const float *values = u;
    for (size_t done = 0; done < f->outputs;) {
      OutputBlock block = output_block(f, done, widest);
      p.inputs = block.inputs;
      p.v = v + block.firstInput;
      p.uStride = position_stride(block.inputs * block.width);
      p.mStride = position_stride(count * block.width);
      p.mLine = columns * p.mStride;
      p.u = values + corner * p.uStride;
      if (group.wides == count) {
        multiply_columns(&p, count, 0, columns, block.width);
      } else {
        multiply_columns(&p, group.wides, 0, shared, block.width);
        multiply_columns(&p, count, shared, sharedEnd, block.width);
        multiply_columns(&p, group.wides, sharedEnd, columns, block.width);
      }
      TileOutputs outputs = {.sink = sink, .places = group.places, .count = group.wides, .m = m,
                             .stride = p.mStride, .line = p.mLine, .bias = bias, .block = block};
      finish_any(grid.high, grid.wide, kernel, &outputs);
      outputs.places = narrows;
      outputs.count = count - group.wides;
      outputs.m += group.wides * block.width + shared * p.mStride;
      finish_any(grid.high, grid.narrow, kernel, &outputs);
      values += POSITIONS * p.uStride;
      done = block.start + block.width;
    }
  }
}
