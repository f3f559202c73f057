// Winograd's minimal filtering (Lavin and Gray 2016, "Fast algorithms for convolutional neural
// networks"): which tiles a convolution is cut into, and how its transformed kernel is laid out.
#pragma once
#include "convolution_form.h"
#include "dispatch.h"

// F(m x n, r x r) makes a tile of m x n outputs by a kernel of r x r, 3x3 or 5x5, from (m + r - 1) x
// (n + r - 1) inputs with as many products. m and n are 2, 3 or 4 for 3x3, and 2 for 5x5.
enum { NO_TILE = 0, SMALLEST_TILE = 2, LARGEST_TILE = 4, LARGEST_KERNEL = 5 };

// Points along an axis at which the largest tile of a kernel wants it; smaller ones use some of them.
enum { POINTS = 6, POSITIONS = POINTS * POINTS };

// Outputs of the largest tile of a kernel along an axis.
static inline size_t largest_tile(size_t kernel) { return POINTS + 1 - kernel; }

// Inputs that a tile reads along an axis, which is also the number of points that it uses.
static inline size_t tile_extent(size_t tile, size_t kernel) { return tile + kernel - 1; }

// Fewer channels leave even half a vector mostly empty. Sums over several groups go over zeros as well.
enum { FEWEST_CHANNELS = 4, FEWEST_OF_GROUPS = 8 };

// ---- Blocks of outputs ------------------------------------------------------------------------

// Channels are cut into vectors of 16 and 8, outputs into blocks of 32 besides. The last one begins
// early enough to end with the channels, so that none is cut; what two of them share is computed twice,
// to the same bits. Fewer than 16 channels are one vector of 8 or 16, whose last lanes mean nothing.
typedef struct {
  size_t start, width;
} ChannelBlock;

enum { WIDEST_BLOCK = 32 };

// The block after the first `done` of the channels.
static inline ChannelBlock channel_block(size_t channels, size_t done, size_t widest) {
  size_t left = channels - done;
  ChannelBlock block = {done, left > 8 ? 16 : 8};
  if (left > 24 && channels >= 32 && widest == WIDEST_BLOCK) block.width = 32;
  if (block.width > left && channels >= 16) block.start = channels - block.width;
  return block;
}

// Channels of a transformed pixel, in whole blocks.
static inline size_t winograd_inputs(const ConvolutionForm *f) {
  if (f->inputs >= 16) return f->inputs;
  return f->inputs > 8 ? 16 : 8;
}

static inline size_t winograd_vectors(size_t channels) { return (channels + 15) / 16; }

// Half vectors that a block of so many outputs takes.
static inline size_t winograd_halves(size_t outputs) { return (outputs + 7) / 8; }

// Outputs of one block, of `width` lanes, and the inputs of all groups that they belong to: the
// block's sums go over these, with zeros in the kernel between channels of different groups.
typedef struct {
  size_t start, width;
  size_t outputs;  // lanes after these mean nothing
  size_t firstInput, inputs;
} OutputBlock;

static inline OutputBlock outputs_at(const ConvolutionForm *f, size_t start, size_t width) {
  size_t end = start + width < f->outputs ? start + width : f->outputs;
  size_t first = start / f->groupOutputs, last = (end - 1) / f->groupOutputs;
  OutputBlock block = {start, width, end - start, first * f->groupInputs,
                       (last - first + 1) * f->groupInputs};
  return block;
}

// Whether no block reaches into two groups, whose sums would be longer by the zeros between them.
// Where a few outputs, or the last few of each group, would have a vector of their own, vectors
// that do cost no more.
static inline bool keeps_groups(const ConvolutionForm *f) {
  size_t outputs = f->groupOutputs, last = outputs % LANES;
  if (f->groups == 1 || last == 0) return true;
  return outputs < LANES ? outputs > LANES / 4 : last > LANES / 2;
}

// Floats of the products of one tile that are kept side by side, at most.
enum { SPAN_ROOM = 64 };

// Lanes of all blocks of a group.
static inline size_t group_lanes(const ConvolutionForm *f) {
  size_t lanes = (f->groupOutputs + 7) / 8 * 8;
  return f->groupOutputs < LANES ? lanes : f->groupOutputs;
}

// Whether groups whose outputs are no whole vectors are transformed back side by side.
static inline bool shares_span(const ConvolutionForm *f) {
  return f->groups > 1 && keeps_groups(f) && f->groupOutputs % LANES != 0 &&
         group_lanes(f) <= SPAN_ROOM;
}

static inline size_t widest_block(const ConvolutionForm *f) {
  return shares_span(f) ? LANES : WIDEST_BLOCK;
}

// The block after the first `done` of the outputs.
static inline OutputBlock output_block(const ConvolutionForm *f, size_t done) {
  if (!keeps_groups(f)) {
    ChannelBlock mixed = channel_block(f->outputs, done, LANES);
    return outputs_at(f, mixed.start, mixed.width);
  }
  size_t group = done / f->groupOutputs, first = group * f->groupOutputs;
  ChannelBlock outputs = channel_block(f->groupOutputs, done - first, widest_block(f));
  size_t left = f->groupOutputs - outputs.start;
  OutputBlock block = {first + outputs.start, outputs.width,
                       left < outputs.width ? left : outputs.width, group * f->groupInputs,
                       f->groupInputs};
  return block;
}

// Outputs whose products are kept side by side until they are transformed back: a block, or all of
// some groups, so that no vector of them is partly empty, and a position's inputs are read for all
// groups while they are in the first cache.
typedef struct {
  size_t start, end;
  size_t groups;
  size_t room;  // floats of one tile's products, in whole blocks
} OutputSpan;

// The span after the first `done` of the outputs.
static inline OutputSpan output_span(const ConvolutionForm *f, size_t done) {
  size_t lanes = group_lanes(f);
  if (!shares_span(f)) {
    OutputBlock block = output_block(f, done);
    OutputSpan span = {block.start, block.start + block.outputs, 1, block.width};
    return span;
  }
  size_t most = (SPAN_ROOM - lanes) / f->groupOutputs + 1;
  size_t left = f->groups - done / f->groupOutputs;
  size_t spans = (left + most - 1) / most, groups = (left + spans - 1) / spans;
  size_t reach = (groups - 1) * f->groupOutputs + lanes;
  OutputSpan span = {done, done + groups * f->groupOutputs, groups,
                     reach <= 8 ? 8 : (reach + LANES - 1) / LANES * LANES};
  return span;
}

// Products of a half vector at one position of a tile.
static inline size_t winograd_sums(const ConvolutionForm *f) {
  if (keeps_groups(f)) return f->inputs * winograd_halves(f->groupOutputs);
  size_t sums = 0;
  for (size_t done = 0; done < f->outputs;) {
    OutputBlock block = output_block(f, done);
    sums += block.inputs * winograd_halves(block.width);
    done = block.start + block.outputs;
  }
  return sums;
}

// ---- Which tiles ------------------------------------------------------------------------------

static inline size_t tiles_across(size_t extent, size_t tile) { return (extent + tile - 1) / tile; }

typedef struct {
  size_t tile, count;
} TileRun;

// All tiles are equally high, so that rows can be cut anywhere between them; across, tiles of one width
// may be followed by tiles of another.
typedef struct {
  size_t height;  // NO_TILE: a plain sum costs less
  TileRun across[2];
} TileCut;

// Inputs that so many tiles read along an axis.
static inline size_t run_extent(TileRun run, size_t kernel) {
  return run.count * tile_extent(run.tile, kernel);
}

// The tiles that read least for so many columns. `even` asks for tiles that pairs of columns divide.
static inline void cut_columns(size_t columns, size_t kernel, bool even, TileRun *across) {
  enum { MOST_NARROW = 3 };
  size_t least = 0;
  for (size_t wide = largest_tile(kernel); wide >= SMALLEST_TILE; wide--)
    for (size_t narrow = SMALLEST_TILE; narrow <= wide; narrow++)
      for (size_t count = 0; count <= (narrow < wide ? MOST_NARROW : 0); count++) {
        if (even && (wide % 2 != 0 || narrow % 2 != 0)) continue;
        if (count * narrow > columns) continue;
        TileRun first = {wide, tiles_across(columns - count * narrow, wide)};
        TileRun last = {narrow, count};
        size_t extent = run_extent(first, kernel) + run_extent(last, kernel);
        if (least > 0 && extent >= least) continue;
        least = extent;
        across[0] = first;
        across[1] = last;
      }
}

// What the tiles cost, in products of a half vector: those of the sums and the work on either side of
// them.
static inline size_t winograd_cost(const ConvolutionForm *f, size_t rows, const TileCut *cut) {
  // Of a vector of channels of one tile, per position: loads, stores and additions. Tiles of a 3x3 kernel
  // share fewer columns and have more outputs; sums over groups are longer than they look.
  enum { SMALL_KERNEL = 12, LARGE_KERNEL = 5, OF_GROUPS = 4 };
  size_t vector = f->kernelHeight == 3 ? SMALL_KERNEL : LARGE_KERNEL;
  if (f->groups > 1) vector = OF_GROUPS;
  size_t around = vector * (winograd_vectors(f->inputs) + winograd_vectors(f->outputs));
  TileRun down = {cut->height, tiles_across(rows, cut->height)};
  size_t across = run_extent(cut->across[0], f->kernelWidth) +
                  run_extent(cut->across[1], f->kernelWidth);
  return run_extent(down, f->kernelHeight) * across * (winograd_sums(f) + around);
}

// The same for the plain sum. `pooled`: in pairs, whose comparisons cost as much as so many products.
static inline size_t plain_cost(const ConvolutionForm *f, size_t pixels, bool pooled) {
  enum { POOLING = 18 };
  // Short sums of small groups cost more than their products.
  size_t halves = f->groups == 1 ? winograd_halves(f->outputs)
                                 : 2 * f->groups * winograd_vectors(f->groupOutputs);
  size_t cost = pixels * halves * (f->depth + (pooled ? POOLING : 0));
  // A single half is no faster than its inputs are loaded.
  return halves == 1 ? cost + cost / 2 : cost;
}

// The tiles that cost least for so many rows and columns of outputs, or none where a plain sum costs
// less. `even` asks for tiles that pairs of rows and columns divide.
static inline TileCut winograd_cut(const ConvolutionForm *f, size_t rows, size_t columns,
                                   bool even) {
  TileCut best = {.height = NO_TILE};
  size_t kernel = f->kernelHeight;
  size_t fewest = f->groups == 1 ? FEWEST_CHANNELS : FEWEST_OF_GROUPS;
  bool suits = (kernel == 3 || (kernel == 5 && f->groups == 1)) && f->kernelWidth == kernel &&
               f->strideHeight == 1 && f->strideWidth == 1 && f->dilationHeight == 1 &&
               f->dilationWidth == 1 && f->spreadHeight == 1 && f->spreadWidth == 1 &&
               f->inputs >= fewest && f->outputs >= fewest && rows > 1 && columns > 1;
  if (!suits || !mc_winograd_is_wanted()) return best;
  size_t least = plain_cost(f, rows * columns, even);
  TileCut cut;
  cut_columns(columns, kernel, even, cut.across);
  for (cut.height = largest_tile(kernel); cut.height >= SMALLEST_TILE; cut.height--) {
    if (even && cut.height % 2 != 0) continue;
    size_t cost = winograd_cost(f, rows, &cut);
    if (cost < least) {
      best = cut;
      least = cost;
    }
  }
  return best;
}

// ---- The transformed kernel -------------------------------------------------------------------

// Floats from one position of a tile to the next, where each takes `size`: an odd number of cache lines,
// so that all positions of a tile do not fall into the same set of the first cache.
static inline size_t position_stride(size_t size) { return (size + 15) / 32 * 32 + 16; }

// [block of outputs][position][vector of the block][input][output of the vector].
static inline size_t winograd_count(const ConvolutionForm *f) {
  size_t count = 0;
  for (size_t done = 0; done < f->outputs;) {
    OutputBlock block = output_block(f, done);
    count += POSITIONS * position_stride(block.inputs * block.width);
    done = block.start + block.outputs;
  }
  return count;
}

// ---- Scratch ----------------------------------------------------------------------------------

// Tiles that are transformed and multiplied at once, at most. The transformed kernel is read once for
// each such group: a large one, which comes from afar, is worth more tiles.
enum { LARGEST_GROUP = 24 };

static inline size_t winograd_group(const ConvolutionForm *f) {
  enum { NEAR = 256 * 1024 };  // floats of a kernel that the second cache holds
  return winograd_count(f) <= NEAR ? LARGEST_GROUP / 2 : LARGEST_GROUP;
}

// Whether tiles that are side by side share their columns. Those of a 3x3 kernel share a third, which is
// not worth storing and loading whole vectors.
static inline bool shares_columns(const ConvolutionForm *f) {
  return f->kernelWidth > 3 || f->inputs < 16;
}

// So many floats of each row of shared columns are transformed at once, which fit the first cache: all
// channels of some pixels, or of more channels than WHOLE_PIXELS a block. DOWN_LINE: and a vector.
enum { TILE_COLUMNS = 640, WHOLE_PIXELS = 31, DOWN_LINE = TILE_COLUMNS + 16 };

static inline size_t winograd_down_room(const ConvolutionForm *f) {
  return shares_columns(f) ? POINTS * DOWN_LINE : 0;
}

// Floats of a row of pixels, and of a vector that begins within it, in whole vectors.
static inline size_t winograd_row_room(const ConvolutionForm *f) {
  return (f->width * f->inputs + 2 * LANES - 1) / LANES * LANES;
}

// What aligns them, a line of zeros, shared columns, the transformed tiles, their products with
// a span of outputs.
static inline size_t winograd_room(const ConvolutionForm *f) {
  size_t tiles = winograd_group(f), inputs = winograd_inputs(f);
  size_t products = shares_span(f) ? SPAN_ROOM : WIDEST_BLOCK;
  return LANES + winograd_row_room(f) + winograd_down_room(f) +
         POSITIONS * (position_stride(tiles * inputs) + position_stride(tiles * products));
}
