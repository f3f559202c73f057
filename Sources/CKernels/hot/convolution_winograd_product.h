// The products between Winograd's transforms: m[tile][o] = sum over c of v[tile][c] * u[c][o] at each
// position. Every element is summed in the order of c.

// Positions of `down` rows and `across` columns, of which all `tiles` have each.
typedef struct {
  size_t down, across, tiles, inputs;
  const float *v;  // [row][column][tile][vTile], of which the first are the inputs
  const float *u;  // [row][column][vector][input][16], or [8] where the width is 8
  float *m;        // [row][column][tile][mTile], of which the first `width` are the sums
  size_t vTile, mTile;
  size_t groups, vGroup, uGroup, mGroup;  // the same block of several groups, and how far apart
  size_t vStride, vLine, uStride, mStride, mLine;  // of columns and rows; rows of u are POINTS columns
} TileProducts;

// Blocks of 32 outputs: in pairs of vectors where there are registers enough, so that each v is fetched
// once for both.
enum { WIDE_VECTORS = MC_ROWS >= 12 ? 2 : 1, WIDE_ROWS = MC_ROWS / WIDE_VECTORS };

INLINE void tile_block(const int rows, const int vectors, const size_t inputs, const size_t tile,
                       const size_t width, const float *v, const float *u, float *m) {
  v16 sum[12][2];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
    for (int j = 0; j < vectors; j++) sum[i][j] = (v16){0};
  for (size_t c = 0; c < inputs; c++) {
    v16 line[2];
#pragma clang loop unroll(full)
    for (int j = 0; j < vectors; j++) load(u + ((size_t)j * inputs + c) * 16, &line[j]);
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) {
      float x = v[(size_t)i * tile + c];
#pragma clang loop unroll(full)
      for (int j = 0; j < vectors; j++) sum[i][j] += x * line[j];
    }
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
    for (int j = 0; j < vectors; j++) store(m + (size_t)i * width + 16 * j, &sum[i][j]);
}

INLINE void tile_block8(const int rows, const size_t inputs, const size_t tile, const size_t width,
                        const float *v, const float *u, float *m) {
  v8 sum[12];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) sum[i] = (v8){0};
  for (size_t c = 0; c < inputs; c++) {
    v8 line;
    load8(u + c * 8, &line);
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) sum[i] += v[(size_t)i * tile + c] * line;
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++) store8(m + (size_t)i * width, &sum[i]);
}

// All blocks of a group of tiles have the same number of rows, which is a constant: the last one
// begins early enough.
INLINE void tile_products(const int rows, const size_t width, const bool whole,
                          const TileProducts *operands) {
  const TileProducts p = *operands;
  const size_t mTile = whole ? width : p.mTile, groups = whole ? 1 : p.groups;
  for (size_t down = 0; down < p.down; down++)
    for (size_t across = 0; across < p.across; across++) {
      const float *u = p.u + (down * POINTS + across) * p.uStride;
      const float *from = p.v + down * p.vLine + across * p.vStride;
      float *to = p.m + down * p.mLine + across * p.mStride;
      for (size_t group = 0; group < groups; group++) {
        for (size_t i = 0; i < p.tiles; i += (size_t)rows) {
          size_t row = i + (size_t)rows <= p.tiles ? i : p.tiles - (size_t)rows;
          const float *v = from + row * p.vTile;
          float *m = to + row * mTile;
          if (width == 8) tile_block8(rows, p.inputs, p.vTile, mTile, v, u, m);
          else if (width == 16) tile_block(rows, 1, p.inputs, p.vTile, mTile, v, u, m);
          else
            for (size_t o = 0; o < width; o += 16 * WIDE_VECTORS)
              tile_block(rows, WIDE_VECTORS, p.inputs, p.vTile, mTile, v, u + o * p.inputs, m + o);
        }
        from += p.vGroup;
        u += p.uGroup;
        to += p.mGroup;
      }
    }
}

// One block, whose products are all there is of a tile in m.
INLINE void products_of_8(const int rows, const void *operands) {
  tile_products(rows, 8, true, operands);
}
INLINE void products_of_16(const int rows, const void *operands) {
  tile_products(rows, 16, true, operands);
}
INLINE void products_of_32(const int rows, const void *operands) {
  tile_products(rows, 32, true, operands);
}

// The same block of one or several groups, each of which has its part of m.
INLINE void parts_of_8(const int rows, const void *operands) {
  tile_products(rows, 8, false, operands);
}
INLINE void parts_of_16(const int rows, const void *operands) {
  tile_products(rows, 16, false, operands);
}

MC_BLOCKS(products_of_8, MC_NARROW_ROWS)
MC_BLOCKS(products_of_16, MC_ROWS)
MC_BLOCKS(products_of_32, WIDE_ROWS)
MC_BLOCKS(parts_of_8, MC_NARROW_ROWS)
MC_BLOCKS(parts_of_16, MC_ROWS)

static void multiply_tiles(const TileProducts *p, size_t width) {
  bool whole = p->mTile == width;
  if (width == 8) {
    size_t rows = even_rows(p->tiles, MC_NARROW_ROWS);
    (whole ? products_of_8_of : parts_of_8_of)[rows](p);
  } else if (width == 16) {
    size_t rows = even_rows(p->tiles, MC_ROWS);
    (whole ? products_of_16_of : parts_of_16_of)[rows](p);
  } else {
    products_of_32_of[even_rows(p->tiles, WIDE_ROWS)](p);
  }
}
