/* Computes the scores of images with the network in MODEL, which PREDICT, PIXELS and SCORES are the names of: as a
   program that reads and writes, or with WASM as functions to call. */
#include MODEL

static uint8_t image[PIXELS];
static float scores[SCORES];

#ifdef WASM
uint8_t *image_at(void);
float *scores_at(void);
int run(void);

uint8_t *image_at(void) { return image; }
float *scores_at(void) { return scores; }
int run(void) { return PREDICT(image, scores); }
#else
#include <stdio.h>

int main(void) {
  while (fread(image, sizeof image, 1, stdin) == 1) {
    if (PREDICT(image, scores) < 0) return 1;
    if (fwrite(scores, sizeof scores, 1, stdout) != 1) return 1;
  }
  return fflush(stdout) != 0;
}
#endif
