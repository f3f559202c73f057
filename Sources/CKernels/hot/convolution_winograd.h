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

// Tiles of one size, and where their V goes, whose positions are `stride` floats apart across and `line`
// down.
typedef struct {
  const ConvolutionForm *f;
  const TileSource *source;
  const TilePlace *places;
  size_t count;
  const float *zeros;  // winograd_row_room
  float *down;         // DOWN_LINE for each point
  float *v;
  size_t stride, line;
} TileInputs;

// Each tile of `high` x `wide` inputs in registers.
INLINE void transform_tiles(const int high, const int wide, const TileInputs *operands) {
  const TileInputs t = *operands;
  size_t inputs = t.f->inputs;
  for (size_t i = 0; i < t.count; i++) {
    TilePixels pixels = tile_pixels(high, (size_t)wide, t.f, t.source, &t.places[i], t.zeros);
    float *v = t.v + i * inputs;
    for (size_t done = 0; done < inputs;) {
      ChannelBlock block = channel_block(inputs, done, 16);
      size_t c = block.start;
      if (block.width == 16)
        transform_input(high, wide, 16, &pixels, inputs, c, v + c, t.stride, t.line);
      else transform_input(high, wide, 8, &pixels, inputs, c, v + c, t.stride, t.line);
      done = c + block.width;
    }
  }
}

// V of tiles side by side, from some channels of their columns.
INLINE void transform_run(const int high, const int wide, const TileInputs *t, size_t step,
                          size_t run, const ChannelBlock *part, float *v) {
  size_t room = winograd_inputs(t->f), width = part->width;
  for (size_t i = 0; i < run; i++)
    for (size_t done = 0; done < width;) {
      ChannelBlock block = channel_block(width, done, 16);
      const float *from = t->down + i * step * width + block.start;
      float *to = v + i * room + part->start + block.start;
      if (block.width == 16)
        transform_across(high, wide, 16, from, DOWN_LINE, width, to, t->stride, t->line);
      else transform_across(high, wide, 8, from, DOWN_LINE, width, to, t->stride, t->line);
      done = block.start + block.width;
    }
}

// The same by columns that tiles side by side share.
INLINE void transform_shared(const int high, const int wide, const TileInputs *operands) {
  const TileInputs t = *operands;
  size_t inputs = t.f->inputs, step = (size_t)wide + 1 - t.f->kernelWidth;
  bool whole = inputs <= WHOLE_PIXELS;
  size_t most = (TILE_COLUMNS / (whole ? inputs : 16) - (size_t)wide) / step + 1;
  for (size_t i = 0, run; i < t.count; i += run) {
    run = tiles_beside(t.places + i, t.count - i, step, most);
    size_t columns = (run - 1) * step + (size_t)wide;
    TilePixels pixels = tile_pixels(high, columns, t.f, t.source, &t.places[i], t.zeros);
    for (size_t done = 0; done < inputs;) {
      ChannelBlock part = whole ? (ChannelBlock){0, inputs} : channel_block(inputs, done, 16);
      transform_columns(high, &pixels, inputs, &part, t.down, DOWN_LINE);
      transform_run(high, wide, &t, step, run, &part, t.v + i * winograd_inputs(t.f));
      done = part.start + part.width;
    }
  }
}

// Both ways compute the same.
INLINE void transform_either(const int high, const int wide, const TileInputs *t) {
  if (shares_columns(t->f)) transform_shared(high, wide, t);
  else transform_tiles(high, wide, t);
}

static void transform_any(size_t high, size_t wide, const TileInputs *t) {
  if (t->count == 0) return;
  switch (high * 10 + wide) {
    case 66: return transform_either(6, 6, t);
    case 65: return transform_either(6, 5, t);
    case 64: return transform_either(6, 4, t);
    case 56: return transform_either(5, 6, t);
    case 55: return transform_either(5, 5, t);
    case 54: return transform_either(5, 4, t);
    case 46: return transform_either(4, 6, t);
    case 45: return transform_either(4, 5, t);
    default: return transform_either(4, 4, t);
  }
}

// A span of outputs of so many tiles; their positions in m are `stride` floats apart across and
// `line` down.
typedef struct {
  const TileSink *sink;
  const TilePlace *places;
  size_t count;
  const float *m;
  size_t stride, line;
  const float *bias;
  OutputSpan span;
} TileOutputs;

// Of a tile of `high` x `wide` outputs of a kernel of `reach` more rows and columns than one.
INLINE void finish_vector(const int high, const int wide, const int reach, const size_t lanes,
                          const TileOutputs *t, size_t first) {
  size_t o = t->span.start + first;
  v16 start = {0};
  if (t->bias && t->sink->channels < lanes) load_part(t->bias, t->sink->channels, &start);
  else if (t->bias) load_vector(lanes, t->bias + o, &start);
  for (size_t i = 0; i < t->count; i++) {
    v16 values[LARGEST_TILE][LARGEST_TILE];
    transform_output(high, wide, reach, lanes, t->m + i * t->span.room + first, t->stride, t->line,
                     &start, values);
    if (t->sink->pooled && high % 2 == 0 && wide % 2 == 0)
      sink_pooled(high, wide, lanes, t->sink, &t->places[i], o, values);
    else sink_tile(high, wide, lanes, t->sink, &t->places[i], o, values);
  }
}

INLINE void finish_tiles(const int high, const int wide, const int reach,
                         const TileOutputs *operands) {
  const TileOutputs t = *operands;
  size_t outputs = t.span.end - t.span.start;
  for (size_t done = 0; done < outputs;) {
    ChannelBlock block = channel_block(outputs, done, 16);
    if (block.width == 8) finish_vector(high, wide, reach, 8, &t, block.start);
    else finish_vector(high, wide, reach, 16, &t, block.start);
    done = block.start + block.width;
  }
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
  size_t groupKernel = winograd_count(f) / f->groups;
  size_t inputs = winograd_inputs(f), most = winograd_group(f);
  size_t tiles = batch * grid.rows * grid.across;
  size_t kernel = f->kernelHeight;
  float *zeros = aligned(work), *down = zeros + winograd_row_room(f);
  float *v = down + winograd_down_room(f);
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
    TileInputs transformed = {.f = f, .source = source, .places = group.places,
                              .count = group.wides, .zeros = zeros, .down = down, .v = v,
                              .stride = p.vStride, .line = p.vLine};
    transform_any(rows, columns, &transformed);
    transformed.places = narrows;
    transformed.count = count - group.wides;
    transformed.v += group.wides * inputs + shared * p.vStride;
    transform_any(rows, narrow, &transformed);
    const float *kernels = u;
    for (size_t done = 0; done < f->outputs;) {
      OutputSpan span = output_span(f, done);
      p.groups = span.groups;
      p.mTile = span.room;
      p.mStride = position_stride(count * span.room);
      p.mLine = columns * p.mStride;
      p.vGroup = f->groupInputs;
      p.mGroup = f->groupOutputs;
      p.uGroup = groupKernel;
      // The blocks of its first group, each along with the same one of the other groups.
      size_t end = done + (span.end - done) / span.groups;
      const float *values = kernels;
      for (size_t o = done; o < end;) {
        OutputBlock block = output_block(f, o);
        p.inputs = block.inputs;
        p.v = v + block.firstInput;
        p.uStride = position_stride(block.inputs * block.width);
        p.m = m + (block.start - span.start);
        p.u = values + corner * p.uStride;
        if (group.wides == count) {
          multiply_columns(&p, count, 0, columns, block.width);
        } else {
          multiply_columns(&p, group.wides, 0, shared, block.width);
          multiply_columns(&p, count, shared, sharedEnd, block.width);
          multiply_columns(&p, group.wides, sharedEnd, columns, block.width);
        }
        values += POSITIONS * p.uStride;
        o = block.start + block.outputs;
      }
      kernels = span.groups > 1 ? kernels + span.groups * p.uGroup : values;
      done = span.end;
      TileOutputs outputs = {.sink = sink, .places = group.places, .count = group.wides, .m = m,
                             .stride = p.mStride, .line = p.mLine, .bias = bias, .span = span};
      finish_any(grid.high, grid.wide, kernel, &outputs);
      outputs.places = narrows;
      outputs.count = count - group.wides;
      outputs.m += group.wides * span.room + shared * p.mStride;
      finish_any(grid.high, grid.narrow, kernel, &outputs);
    }
  }
}
