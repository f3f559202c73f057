import NeuralNetwork

extension TorchNetwork {
  /// A program in plain PyTorch that defines the module, loads its weights from the safetensors file beside it, and
  /// as a script checks that it computes what the network computed here.
  ///
  /// - Parameters:
  ///   - input: the shape of a sample, as ours.
  ///   - output: the shape of an output, as ours.
  ///   - outputs: what outputs are.
  func program(input: Shape, output: Shape, outputs: OutputMeaning) -> String {
    let definitions = helpers.map(\.text) + [moduleText(input, output, outputs)]
    let functions = [
      Self.readText, loadText, Self.preprocessText(input), Self.predictText(output, outputs),
      Self.verifyText,
    ]
    return header + (definitions + functions).map { "\n\n" + $0 + "\n" }.joined()
      + "\n\nif __name__ == \"__main__\":\n    sys.exit(verify())\n"
  }

  private var header: String {
    let usesFunctions = (lines + helpers.map(\.text)).contains { $0.contains("F.") }
    return """
      \"""A network that minicnn trained, in plain PyTorch; its weights are in the .safetensors file beside this one.

      Run as a script it computes the test image in that file and compares the outputs with what they should be.
      \"""
      import base64
      import json
      import os
      import struct
      import sys

      import torch
      \(usesFunctions ? "import torch.nn.functional as F\n" : "")from torch import nn

      WEIGHTS = os.path.splitext(os.path.abspath(__file__))[0] + ".safetensors"

      """
  }

  private func moduleText(_ input: Shape, _ output: Shape, _ outputs: OutputMeaning) -> String {
    let made = modules.map { "        self.\($0.attribute) = \($0.construction)" }
    let body = lines.map { "        " + $0 }
    return """
      class \(className)(nn.Module):
          \"""Turns \(Self.extents(input)) into \(outputs.rawValue) \(Self.extents(output)).\"""

          def __init__(self):
              super().__init__()
      \(made.joined(separator: "\n"))

          def forward(self, \(parameter)):
      \(body.joined(separator: "\n"))
      """
  }

  /// A batch of such samples as PyTorch has it.
  private static func extents(_ shape: Shape) -> String {
    let extents = shape.rank == 3 ? [shape[2], shape[0], shape[1]] : shape.array
    return "[N, \(extents.map(String.init).joined(separator: ", "))]"
  }

  private static let readText = """
    def read(path=WEIGHTS):
        \"""The tensors of a safetensors file by their names, and the texts in it: safetensors.torch.load_file, without
        that library.
        \"""
        types = {"F32": torch.float32, "I64": torch.int64}
        with open(path, "rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            header = json.loads(file.read(length))
            content = file.read()
        texts = header.pop("__metadata__", {})
        tensors = {}
        for name, entry in header.items():
            start, end = entry["data_offsets"]
            flat = torch.frombuffer(bytearray(content[start:end]), dtype=types[entry["dtype"]])
            tensors[name] = flat.reshape(entry["shape"])
        return tensors, texts
    """

  private var loadText: String {
    """
    def load(path=WEIGHTS):
        \"""The network with its weights, ready to predict.\"""
        model = \(className)()
        model.load_state_dict(read(path)[0])
        return model.eval()
    """
  }

  private static func preprocessText(_ input: Shape) -> String {
    let extents = input.array.map(String.init).joined(separator: ", ")
    let isImage = input.rank == 3
    return """
      def preprocess(pixels):
          \"""Pixels from 0 to 255, of one sample [\(extents)] or of several, as the network takes them.\"""
          x = torch.as_tensor(pixels, dtype=torch.float32).reshape(-1, \(extents)) / 255
          return x\(isImage ? ".permute(0, 3, 1, 2).contiguous()" : "")
      """
  }

  private static func predictText(_ output: Shape, _ outputs: OutputMeaning) -> String {
    let (what, tail) =
      switch outputs {
      case .logits:
        ("The probabilities of the classes", ".softmax(dim=\(output.rank == 3 ? 1 : -1))")
      case .scores: ("The probability of each output by itself", ".sigmoid()")
      case .probabilities: ("The probabilities of the classes", "")
      case .numbers: ("The outputs", "")
      }
    return """
      def predict(model, pixels):
          \"""\(what) for pixels from 0 to 255.\"""
          with torch.no_grad():
              return model(preprocess(pixels))\(tail)
      """
  }

  private static let verifyText = """
    def verify(path=WEIGHTS):
        \"""Computes the test image in the file; 0 where the outputs are what they should be.\"""
        texts = read(path)[1]
        pixels = torch.frombuffer(bytearray(base64.b64decode(texts["minicnn.test_image"])), dtype=torch.uint8)
        expected = torch.tensor(json.loads(texts["minicnn.test_outputs"]))
        with torch.no_grad():
            found = load(path)(preprocess(pixels))
        if found.dim() == 4:
            found = found.permute(0, 2, 3, 1)
        difference = (found.flatten() - expected).abs().max().item()
        allowed = 1e-5 * max(1.0, expected.abs().max().item())
        print(f"largest difference of an output: {difference:.2g}, allowed: {allowed:.2g}")
        return 0 if difference <= allowed else 1
    """
}
