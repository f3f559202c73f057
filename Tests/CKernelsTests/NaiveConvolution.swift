import CKernels

/// The convolution as its definition has it, summed in double.
struct NaiveConvolution {
  let w: MCWindow
  let batch: Int
  var inCount: Int { batch * Int(w.inHeight * w.inWidth * w.inChannels) }
  var outCount: Int { batch * Int(w.outHeight * w.outWidth * w.outChannels) }
  var kernelCount: Int {
    Int(w.kernelHeight * w.kernelWidth * (w.inChannels / w.groups) * w.outChannels)
  }

  /// Calls `body` with the places in x, kernel and y of each product that belongs to the sum.
  func forEachTerm(_ body: (_ x: Int, _ kernel: Int, _ y: Int) -> Void) {
    let h = Int(w.inHeight), v = Int(w.inWidth), c = Int(w.inChannels), o = Int(w.outChannels)
    let inputs = c / Int(w.groups), outputs = o / Int(w.groups)
    for n in 0..<batch {
      for p in 0..<Int(w.outHeight) {
        for q in 0..<Int(w.outWidth) {
          for r in 0..<Int(w.kernelHeight) {
            for s in 0..<Int(w.kernelWidth) {
              let row = p * Int(w.strideHeight) + r * Int(w.dilationHeight) - Int(w.padTop)
              let column = q * Int(w.strideWidth) + s * Int(w.dilationWidth) - Int(w.padLeft)
              if row < 0 || row >= h || column < 0 || column >= v { continue }
              for k in 0..<o {
                for i in 0..<inputs {
                  body(
                    ((n * h + row) * v + column) * c + k / outputs * inputs + i,
                    ((r * Int(w.kernelWidth) + s) * inputs + i) * o + k,
                    ((n * Int(w.outHeight) + p) * Int(w.outWidth) + q) * o + k)
                }
              }
            }
          }
        }
      }
    }
  }
}

/// A window in the order of a layer's arguments.
func window(
  _ height: Int32, _ width: Int32, _ channels: Int32, to outHeight: Int32, _ outWidth: Int32,
  _ outChannels: Int32, kernel: (Int32, Int32), stride: (Int32, Int32) = (1, 1),
  dilation: (Int32, Int32) = (1, 1), pad: (Int32, Int32) = (0, 0), groups: Int32 = 1
) -> MCWindow {
  MCWindow(
    inHeight: height, inWidth: width, inChannels: channels, outHeight: outHeight,
    outWidth: outWidth, outChannels: outChannels, kernelHeight: kernel.0, kernelWidth: kernel.1,
    strideHeight: stride.0, strideWidth: stride.1, dilationHeight: dilation.0,
    dilationWidth: dilation.1, padTop: pad.0, padLeft: pad.1, groups: groups)
}
