import MiniCNN

let model = ModelSpec("see", input: [4, 4, 1]) {
  ReLU()
  MaxPool2D(window: 2, stride: 2)
}
let image: [Float] = [
  1, -2, 0, 3,
  4, -1, 2, 1,
  -5, -6, 0, 0,
  -7, -8, 9, 0,
]
var probe = Probe(try Network(model, seed: 0), batch: 1)
let output = probe.forward(Tensor(samples: 1, shape: [4, 4, 1], values: image))
print("pooled:", output.values)  // [4.0, 3.0, 0.0, 9.0]
print("argmax:", probe.argmax(of: "max_pool2d") ?? [])  // [2, 1, 0, 2]

let gradient = probe.backward(Tensor(samples: 1, shape: [2, 2, 1], values: [10, 20, 30, 40]))
print("at the pooling's input:", probe.outputGradient(of: "relu")?.values ?? [])
print("at the image:          ", gradient.input.values)

var shifted = image
shifted.swapAt(4, 0)  // the 4 moves up by one row, inside its window
print("shifted:", probe.forward(Tensor(samples: 1, shape: [4, 4, 1], values: shifted)).values)
