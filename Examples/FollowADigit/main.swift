import MiniCNN

/// Some numbers of the map `channel` of a tensor with one image, as a grid.
func show(_ title: String, _ tensor: Tensor?, channel: Int, rows: Range<Int>, columns: Range<Int>) {
  guard let tensor else { return }
  let (width, channels) = (tensor.shape[1], tensor.shape[2])
  print(title)
  for row in rows {
    let cells = columns.map { column in
      let value = tensor[(row * width + column) * channels + channel]
      // A thousandth more or less is another processor's rounding, and no matter here.
      let text = "\((value * 100).rounded() / 100 + 0)"
      return String(repeating: " ", count: max(0, 7 - text.count)) + text
    }
    print(cells.joined())
  }
}

let network = try Checkpoint(contentsOf: "Models/lenet5.weights.h5").network
let test = try DataFolder("Datasets/mnist").load(.test)
let seven = Tensor(
  samples: 1, shape: [28, 28, 1], values: test.withImage(0) { $0.map { Float($0) / 255 } })
var probe = Probe(network, batch: 1)
let scores = probe.forward(seven)
print("scores:", scores.values.map { ($0 * 10).rounded() / 10 })

let (filter, rows, columns) = (4, 14..<18, 14..<18)
show("convolution:", probe.output(of: "conv2d"), channel: filter, rows: rows, columns: columns)
show("after ReLU:", probe.output(of: "relu"), channel: filter, rows: rows, columns: columns)
show("pooled:", probe.output(of: "max_pool2d"), channel: filter, rows: 7..<9, columns: 7..<9)
let argmax = probe.argmax(of: "max_pool2d") ?? []
for row in 7..<9 {
  print("argmax:", (7..<9).map { argmax[(row * 14 + $0) * 6 + filter] })
}

var wanted = [Float](repeating: 0, count: 10)
wanted[7] = 1
_ = probe.backward(Tensor(samples: 1, shape: [10], values: wanted))
show(
  "gradient of the pooled:", probe.outputGradient(of: "max_pool2d"), channel: filter, rows: 7..<9,
  columns: 7..<9)
show(
  "behind the pooling:", probe.outputGradient(of: "relu"), channel: filter, rows: rows,
  columns: columns)
show(
  "behind the ReLU:", probe.outputGradient(of: "conv2d"), channel: filter, rows: rows,
  columns: columns)
