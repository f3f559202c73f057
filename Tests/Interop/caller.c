// Reads images from a file and writes their scores to another. MODEL is the C file that is tested; PREDICT, PIXELS and
// SCORES are its names. On a computer the files are named on the command line; a microcontroller has none.
#include MODEL
#include <stdio.h>

int main(int count, char **arguments) {
  static uint8_t image[PIXELS];
  static float scores[SCORES];
  FILE *in = fopen(count > 2 ? arguments[1] : "images.bin", "rb");
  FILE *out = fopen(count > 2 ? arguments[2] : "scores.bin", "wb");
  if (!in || !out) return 2;
  while (fread(image, sizeof image, 1, in) == 1) {
    if (PREDICT(image, scores) < 0) return 1;
    if (fwrite(scores, sizeof scores, 1, out) != 1) return 1;
  }
  return fclose(out) != 0;
}
