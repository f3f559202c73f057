import ImageData
import NeuralNetwork
import Testing

@testable import Interchange

/// The C of quantized networks beside what is computed here: all bits, not within a tolerance.
@Suite struct QuantizedCTests {
  /// A network with integers that is exported.
  private struct Case {
    let model: ExportedModel
    let quantized: QuantizedNetwork
    let images: ImageSet

    init(_ spec: ModelSpec) throws {
      (quantized, images) = try QuantizationSupport.quantized(spec)
      model = try ExportedModel(quantized.model, image: images.pixelBytes(0))
    }

    var text: String {
      get throws {
        let files = try CFormat(quantized: quantized).files(of: model, at: "model.c")
        return String(decoding: files[0].bytes, as: UTF8.self)
      }
    }
  }

  /// What a program gives that has several networks in it, for all images of each: `[cases][images · outputs]`.
  private static func scores(_ cases: [Case]) throws -> [[Float]] {
    let compiler = try #require(CCompiler())
    let calls = cases.map { one in
      let name = CIdentifier(one.model.name)
      return """
          for (int i = 0; i < \(one.images.count); i++) {
            if (fread(image, \(name.capitals)_PIXELS, 1, stdin) != 1) return 1;
            if (\(name.text)_predict(image, scores) < 0) return 2;
            fwrite(scores, sizeof(float), \(name.capitals)_SCORES, stdout);
          }
        """
    }
    let main = """
      #include <stdio.h>
      static uint8_t image[65536];
      static float scores[65536];
      int main(void) {
      \(calls.joined(separator: "\n"))
        return fflush(stdout) != 0;
      }
      """
    let text = try (cases.map { try $0.text } + [main]).joined(separator: "\n")
    let counts = cases.map { $0.images.count * $0.model.network.outputShape.count }
    let pixels = cases.flatMap { one in
      (0..<one.images.count).flatMap { one.images.pixelBytes($0) }
    }
    let bytes = try compiler.output(
      of: [("cases.c", Array(text.utf8))], input: pixels, for: "cases.c",
      limit: 4 * counts.reduce(0, +), level: "-O0")
    var position = 0
    return bytes.withUnsafeBytes { bytes in
      counts.map { count in
        defer { position += 4 * count }
        return (0..<count).map {
          bytes.loadUnaligned(fromByteOffset: position + 4 * $0, as: Float.self)
        }
      }
    }
  }

  // All cases are one program, as a compiler takes longer to start than to compile one of them.
  @Test func everyKindOfLayerGivesTheSameBitsInC() throws {
    let specs = try QuantizationSupport.cases().map(\.spec)
    let blocks = [
      ModelSpec("shares", input: [4, 4, 3]) {
        Conv2D(filters: 4, kernel: 1); Softmax(); Conv2D(filters: 2, kernel: 3); Sigmoid()
      },
      ModelSpec("windows", input: [9, 9, 2]) {
        Conv2D(filters: 4, kernel: 3, padding: .all(4), dilation: 2, groups: 2)
        ReLU6()
        MaxPool2D(window: 2, stride: 2, padding: .all(2))
        AvgPool2D(window: 3, stride: 2, padding: .same)
        GlobalMaxPool2D()
      },
      ModelSpec("in place", input: [6, 6, 2]) {
        Conv2D(filters: 2, kernel: 3, padding: .same)
        Residual {
          Tanh(); LeakyReLU()
        }
        Multiply {
          GlobalAvgPool2D(); Dense(units: 2); Sigmoid()
        }
        Concatenate(branches: [[ELU()], [PReLU(shared: true)]])
        GELU()
      },
    ]
    let cases = (specs + blocks).compactMap { spec in
      // Kinds without integers have a test of their own.
      try? Case(spec)
    }
    #expect(cases.count > 50)
    for (one, found) in zip(cases, try Self.scores(cases)) {
      let footprint = try CFormat(quantized: one.quantized).footprint(of: one.model)
      #expect(footprint.constantBytes == one.quantized.constantBytes, "\(one.model.name)")
      let numbers = (0..<Int32(one.images.count)).map { $0 }
      let expected = one.quantized.scores(one.images, numbers).flatMap { $0 }
      #expect(found == expected, "\(one.model.name)")
    }
  }

  @Test func theFileNeedsNoHeaderButIntegersOfKnownSize() throws {
    let spec = ModelSpec("headers", input: [6, 6, 1]) {
      Conv2D(filters: 2, kernel: 3); Sigmoid(); Flatten(); Dense(units: 3); Softmax()
    }
    let text = try Case(spec).text
    let start = text.prefix(upTo: try #require(text.range(of: "_SELFTEST\n")).lowerBound)
    #expect(
      start.split(separator: "\n").filter { $0.contains("#include <") } == ["#include <stdint.h>"])
    for word in ["float arena", "double", "malloc"] {
      #expect(!start.contains(word), "\(word)")
    }
  }

  @Test func whatIsBetweenLayersIsKeptNoLongerThanItIsRead() throws {
    // The convolution is never kept: 36 bytes of image, 8 of its maxima.
    let spec = ModelSpec("arena", input: [6, 6, 1]) {
      Conv2D(filters: 2, kernel: 3); ReLU(); MaxPool2D(); Flatten(); Dense(units: 3)
    }
    let one = try Case(spec)
    let footprint = try CFormat(quantized: one.quantized).footprint(of: one.model)
    #expect(footprint.arenaBytes == 36 + 8)
    // Weights, then a bias, a multiplier and a shift for each output.
    #expect(footprint.constantBytes == 2 * 9 + 3 * 8 + 9 * (2 + 3))
    #expect(footprint.constantBytes == one.quantized.constantBytes)
  }
}
