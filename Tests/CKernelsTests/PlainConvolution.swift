import CKernels

/// What the plain loops make of a convolution, without ReLU and pooling; the gradients start from zero.
struct PlainConvolution {
  var y: [Double], dx: [Double], dkernel: [Double], dbias: [Double]

  init(_ w: MCWindow, batch: Int, x: [Float], kernel: [Float], bias: [Float], dy: [Float]) {
    var c = MCConvolution(window: w, rectifier: MCRectifier(), pooled: false, pool: MCWindow())
    var output = [Float](repeating: .nan, count: dy.count)
    // Their prepared kernel is the kernel itself, and they need no scratch.
    mc_conv2d_forward_plain(
      &c, batch, 0, Int(w.outHeight), x, kernel, bias, &output, nil, nil)
    var input = [Float](repeating: .nan, count: x.count)
    var kernelGradient = [Float](repeating: 0, count: kernel.count)
    var biasGradient = [Float](repeating: 0, count: Int(w.outChannels))
    mc_conv2d_backward_plain(
      &c, batch, x, output, dy, nil, kernel, &kernelGradient, &biasGradient, &input, nil)
    y = output.map(Double.init)
    dx = input.map(Double.init)
    dkernel = kernelGradient.map(Double.init)
    dbias = biasGradient.map(Double.init)
  }
}
