import CKernels

/// The convolution as its formula says, in double precision; the gradients start from zero.
struct NaiveConvolution {
  var y: [Double]
  var dx: [Double]
  var dkernel: [Double]
  var dbias: [Double]

  init(_ w: MCWindow, batch: Int, x: [Float], kernel: [Float], bias: [Float], dy: [Float]) {
    let outputs = Int(w.outChannels)
    y = dy.indices.map { Double(bias[$0 % outputs]) }
    dx = Array(repeating: 0, count: x.count)
    dkernel = Array(repeating: 0, count: kernel.count)
    dbias = Array(repeating: 0, count: outputs)
    for (i, gradient) in dy.enumerated() { dbias[i % outputs] += Double(gradient) }
    let inputs = Int(w.inChannels / w.groups), groupOutputs = Int(w.outChannels / w.groups)
    for n in 0..<batch {
      for p in 0..<Int(w.outHeight) {
        for q in 0..<Int(w.outWidth) {
          let line = ((n * Int(w.outHeight) + p) * Int(w.outWidth) + q) * outputs
          for r in 0..<Int(w.kernelHeight) {
            let h = p * Int(w.strideHeight) + r * Int(w.dilationHeight) - Int(w.padTop)
            guard h >= 0, h < Int(w.inHeight) else { continue }
            for s in 0..<Int(w.kernelWidth) {
              let v = q * Int(w.strideWidth) + s * Int(w.dilationWidth) - Int(w.padLeft)
              guard v >= 0, v < Int(w.inWidth) else { continue }
              let pixel = ((n * Int(w.inHeight) + h) * Int(w.inWidth) + v) * Int(w.inChannels)
              let place = (r * Int(w.kernelWidth) + s) * inputs
              for o in 0..<outputs {
                for c in 0..<inputs {
                  let i = pixel + o / groupOutputs * inputs + c
                  let k = (place + c) * outputs + o
                  y[line + o] += Double(x[i]) * Double(kernel[k])
                  dx[i] += Double(dy[line + o]) * Double(kernel[k])
                  dkernel[k] += Double(x[i]) * Double(dy[line + o])
                }
              }
            }
          }
        }
      }
    }
  }
}

/// The convolution, ReLU and max pooling of a case one after the other.
struct NaiveFusedConvolution {
  var y: [Double]
  var argmax: [Int32] = []
  var gradients: NaiveConvolution

  /// `dy` is the gradient of what comes out in the end.
  init(_ test: ConvolutionCase, x: [Float], kernel: [Float], bias: [Float], dy: [Float]) {
    let c = test.convolution
    let count = test.batch * Int(c.window.outHeight * c.window.outWidth) * test.outputs
    let naive = { (dy: [Float]) in
      NaiveConvolution(c.window, batch: test.batch, x: x, kernel: kernel, bias: bias, dy: dy)
    }
    let plain = naive(Array(repeating: 0, count: count)).y
    y = test.relu ? plain.map { max(0, $0) } : plain
    var gradient = dy.map(Double.init)
    if c.pooled {
      let pooling = NaivePooling(c.pool, batch: test.batch, x: y.map(Float.init), dy: dy)
      y = pooling.largest.map(Double.init)
      argmax = pooling.places
      gradient = pooling.largestGradient
    }
    if test.relu { gradient = zip(gradient, plain).map { $1 > 0 ? $0 : 0 } }
    gradients = naive(gradient.map(Float.init))
  }
}
