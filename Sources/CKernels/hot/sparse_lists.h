// The lists behind the sparse backward pass: which gradients are not 0, channel by channel and
// pixel by pixel, each with the place where the numbers begin that it multiplies. Eight windows by
// eight channels are looked at at once; what is not 0 moves to the front of a register and is
// stored from there, so that no branch has to be predicted.

enum { LISTED = 8 };

// How `compress` may be done.
#define MC_COMPRESS_LOOP 0
#define MC_COMPRESS_AVX2 1
#define MC_COMPRESS_AVX512 2
#if MC_COMPRESS == MC_COMPRESS_AVX2
#include "compress_orders.h"
#endif

// Lists of the same room: list i begins at i * room.
typedef struct {
  size_t room;
  float *values;      // the gradients
  uint32_t *starts;   // of the numbers that they multiply
  uint32_t *lengths;  // of the lists
  uint32_t *targets;  // where each list's sums go
} Lists;

typedef bool Bits8 __attribute__((ext_vector_type(LISTED)));

// Bit l: whether lane l is not 0.
INLINE uint32_t bits_of(const i8 *lanes) {
  Bits8 set = __builtin_convertvector(*lanes != 0, Bits8);
  uint8_t bits;
  __builtin_memcpy(&bits, &set, sizeof bits);
  return bits;
}

// Which numbers are not 0: NaN is not, and of -0 only the sign is set.
INLINE uint32_t nonzero(const v8 *values) {
  i8 magnitude = (i8)*values << 1;
  return bits_of(&magnitude);
}

// Stores the lanes whose bit is set, in their order. Eight are written, however many those are.
INLINE void compress(const v8 *values, const i8 *starts, uint32_t bits, float *toValues,
                     uint32_t *toStarts) {
#if MC_COMPRESS == MC_COMPRESS_AVX512
  __m256 front = _mm256_maskz_compress_ps((__mmask8)bits, (__m256)*values);
  __m256i places = _mm256_maskz_compress_epi32((__mmask8)bits, (__m256i)*starts);
  __builtin_memcpy(toValues, &front, sizeof front);
  __builtin_memcpy(toStarts, &places, sizeof places);
#elif MC_COMPRESS == MC_COMPRESS_AVX2
  __m256i order = _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((int64_t)compress_orders[bits]));
  __m256 front = _mm256_permutevar8x32_ps((__m256)*values, order);
  __m256i places = _mm256_permutevar8x32_epi32((__m256i)*starts, order);
  __builtin_memcpy(toValues, &front, sizeof front);
  __builtin_memcpy(toStarts, &places, sizeof places);
#else
  size_t count = 0;
  for (size_t l = 0; l < LISTED; l++) {
    toValues[count] = (*values)[l];
    toStarts[count] = (uint32_t)(*starts)[l];
    count += bits >> l & 1;
  }
#endif
}

// Adds the lanes whose bit is set to the end of a list.
INLINE void append(const Lists *lists, size_t list, const v8 *values, const i8 *starts,
                   uint32_t bits) {
  size_t length = lists->lengths[list], end = list * lists->room + length;
  compress(values, starts, bits, lists->values + end, lists->starts + end);
  lists->lengths[list] = (uint32_t)(length + (size_t)__builtin_popcount(bits));
}

// What a band's lists are made from, and where they go.
typedef struct {
  size_t outputs, positions;  // channels; positions of a window
  MCRectifier rectifier;
  int32_t columns, inverse;   // of a window; 65536 / columns, rounded up
  int32_t step, line;         // floats of the image from a position to the next, to the one below
  int32_t kernelRoom;         // floats from one output's row of the kernel to the next
  int32_t *corners;           // [windows, whole blocks]: where the pixels begin that a window reads
  Lists byChannel, byPixel;
  float *bias;                // [outputs, whole blocks]: the sums of all gradients
} Routes;

// Eight windows by eight channels: their gradients, and the positions these go to.
typedef struct {
  v8 values[LISTED];
  i8 positions[LISTED];
} RouteBlock;

// `windows` windows of `channels` channels, the rest 0. `whole`: whole registers may be read; else
// `left` numbers from the first one on.
INLINE void load_routes(const bool whole, size_t windows, size_t channels, size_t outputs,
                        const MCRectifier *rectifier, size_t left, const float *y, const float *dy,
                        const uint8_t *argmax, RouteBlock *block) {
  const i8 lanes = {0, 1, 2, 3, 4, 5, 6, 7};
#pragma clang loop unroll(full)
  for (size_t i = 0; i < LISTED; i++) {
    size_t at = (i < windows ? i : windows - 1) * outputs;
    v8 output, value;
    b8 bytes = {0};
    if (whole || left - at >= LISTED) {
      load8(y + at, &output);
      load8(dy + at, &value);
      __builtin_memcpy(&bytes, argmax + at, sizeof bytes);
    } else {
      load_part8(y + at, left - at, &output);
      load_part8(dy + at, left - at, &value);
      __builtin_memcpy(&bytes, argmax + at, left - at);
    }
    i8 wanted = lanes < (i < windows ? (int32_t)channels : 0);
    rectify_gradient8(rectifier, &output, &value);
    block->values[i] = (v8)((i8)value & wanted);
    block->positions[i] = __builtin_convertvector(bytes, i8);
  }
}

// From where a window begins to its positions.
INLINE void offsets_of(const Routes *r, const i8 *positions, i8 *offsets) {
  i8 rows = (*positions * r->inverse) >> 16;
  *offsets = *positions * r->step + rows * (r->line - r->columns * r->step);
}

// The lists of a band of windows. `left` numbers of the arrays may be read.
static void make_lists(const Routes *routes, size_t windows, size_t left, const float *y,
                       const float *dy, const uint8_t *argmax, bool channels, bool pixels) {
  const Routes r = *routes;
  const i8 lanes = {0, 1, 2, 3, 4, 5, 6, 7};
  if (channels) memset(r.byChannel.lengths, 0, r.outputs * sizeof(uint32_t));
  if (pixels) memset(r.byPixel.lengths, 0, windows * r.positions * sizeof(uint32_t));
  for (size_t first = 0; first < windows; first += LISTED)
    for (size_t o = 0; o < r.outputs; o += LISTED) {
      RouteBlock block;
      size_t height = windows - first < LISTED ? windows - first : LISTED;
      size_t width = r.outputs - o < LISTED ? r.outputs - o : LISTED;
      size_t at = first * r.outputs + o;
      if (left - at >= (height - 1) * r.outputs + LISTED)
        load_routes(true, height, width, r.outputs, &r.rectifier, 0, y + at, dy + at, argmax + at,
                    &block);
      else
        load_routes(false, height, width, r.outputs, &r.rectifier, left - at, y + at, dy + at,
                    argmax + at, &block);
      i8 weights = (lanes + (int32_t)o) * r.kernelRoom;
      for (size_t i = 0; i < height && pixels; i++) {
        uint32_t gradients = nonzero(&block.values[i]);
        for (size_t p = 0; p < r.positions; p++) {
          i8 here = block.positions[i] == (int32_t)p;
          append(&r.byPixel, (first + i) * r.positions + p, &block.values[i], &weights,
                 bits_of(&here) & gradients);
        }
      }
      if (!channels) continue;
      const v8 *v = block.values;
      v8 bias;
      load8(r.bias + o, &bias);
      bias += ((v[0] + v[1]) + (v[2] + v[3])) + ((v[4] + v[5]) + (v[6] + v[7]));
      store8(r.bias + o, &bias);
      turn8(block.values);
      turn8((v8 *)block.positions);
      i8 corners;
      __builtin_memcpy(&corners, r.corners + first, sizeof corners);
      for (size_t j = 0; j < width; j++) {
        i8 starts;
        offsets_of(&r, &block.positions[j], &starts);
        starts += corners;
        append(&r.byChannel, o + j, &block.values[j], &starts, nonzero(&block.values[j]));
      }
    }
}
