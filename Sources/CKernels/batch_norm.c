// What a batch normalization needs besides its loops.
#include "CKernels.h"

bool mc_batch_norm_can_pool(const MCWindow *w) {
  // A position is a byte.
  return w->kernelHeight * w->kernelWidth <= 256 && w->strideHeight >= w->kernelHeight &&
         w->strideWidth >= w->kernelWidth && w->padTop == 0 && w->padLeft == 0 &&
         (w->outHeight - 1) * w->strideHeight + w->kernelHeight <= w->inHeight &&
         (w->outWidth - 1) * w->strideWidth + w->kernelWidth <= w->inWidth;
}
