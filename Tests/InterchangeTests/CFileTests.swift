import NeuralNetwork
import TestSupport
import Testing

@testable import Interchange

/// The text of a C file, and what compilers say of it.
@Suite struct CFileTests {
  static let strict = ["-Wall", "-Wextra", "-Werror", "-pedantic", "-Wconversion", "-Wshadow"]

  static let hostile = "a */ int main; /* \\\n??/ \u{202E} größe"

  /// A network of many kinds of layers, whose names would like to leave their comment.
  static func model() throws -> ExportedModel {
    let spec = ModelSpec(hostile, input: [9, 9, 2]) {
      Conv2D(filters: 4, kernel: 3, padding: .same).named("*/ 1")
      BatchNorm()
      ReLU()
      MaxPool2D(window: 2).named("*/-1")
      Multiply {
        GlobalAvgPool2D()
        Dense(units: 4).named("dense kernel")
        Sigmoid()
      }
      Concatenate(branches: [[], [DepthwiseConv2D(kernel: 3, padding: .same, multiplier: 2)]])
      Residual { GroupNorm(groups: 3) }
      UpSampling2D(interpolation: .bilinear)
      Conv2DTranspose(filters: 3, kernel: 3)
      GELU()
      AvgPool2D(window: 3)
      LayerNorm()
      PReLU(initial: 0.25)
      ZeroPadding2D()
      Flatten()
      Dense(units: 3)
      Softmax()
    }
    return try CSupport.exported(
      CSupport.network(spec), loss: MeanSquaredError(),
      classNames: ["*/", "\"?\\", "\u{202E}\n"])
  }

  @Test func noCompilerWarnsOfAFileAndItsSelfTestPasses() throws {
    let folder = try TemporaryFolder()
    let model = try Self.model()
    let name = CIdentifier(model.name)
    let text = try CSupport.text(model)
    try folder.write("model.c", Array(text.utf8))
    // The names of the classes are a macro, which nobody has read until it is used.
    try folder.write(
      "header.c",
      Array(
        """
        #define \(name.capitals)_HEADER_ONLY
        #include "model.c"
        #include "model.c"
        extern const char *const classes[];
        const char *const classes[] = \(name.capitals)_CLASSES;

        """.utf8))
    #expect(!CSupport.compilers.isEmpty)
    for path in CSupport.compilers {
      let compiler = Program(at: path)
      let test = ["-D\(name.capitals)_SELFTEST", "model.c", "-o", "test", "-lm"]
      for language in [["-std=c99"], ["-std=c++11", "-x", "c++"]] {
        let compiled = try compiler.run(Self.strict + language + test, in: folder.path)
        #expect(compiled.status == 0, "\(path) \(language): \(compiled.errors.prefix(1000))")
        let ran = try Program(at: folder("test")).run([], in: folder.path)
        #expect(ran.output == "\(name.text): as exported\n" && ran.status == 0)
      }
      let header = try compiler.run(
        Self.strict + ["-std=c99", "-c", "header.c"], in: folder.path)
      #expect(header.status == 0, "\(path): \(header.errors.prefix(1000))")
    }
  }

  @Test func theSelfTestFailsWhereAWeightIsAnother() throws {
    let compiler = Program(at: try #require(CSupport.compilers.first))
    let folder = try TemporaryFolder()
    let spec = ModelSpec("two", input: [1, 2, 1]) {
      Flatten()
      Dense(units: 2)
    }
    var network = try Network(spec, seed: 1)
    for entry in network.layout.entries {
      network.setValues(entry.variable.name == "kernel" ? [1, 2, 3, 4] : [0.5, -0.5], of: entry)
    }
    let text = try CSupport.text(CSupport.exported(network))
    #expect(text.contains("two_dense_kernel[4] = {\n  1.0f, 2.0f, 3.0f, 4.0f};"))
    let altered = text.replacing("3.0f, 4.0f};", with: "3.0f, 4.01f};")
    for (source, status) in [(text, 0), (altered, 1)] {
      try folder.write("two.c", Array(source.utf8))
      let compiled = try compiler.run(
        ["-std=c99", "-DTWO_SELFTEST", "two.c", "-o", "two"], in: folder.path)
      #expect(compiled.status == 0)
      #expect(try Program(at: folder("two")).run([], in: folder.path).status == Int32(status))
    }
  }

  @Test func aFileIncludesWhatItNeedsAlone() throws {
    let plain = ModelSpec("plain", input: [4, 4, 1]) {
      Conv2D(filters: 2, kernel: 3)
      ReLU()
      Flatten()
      Dense(units: 2)
    }
    let text = try CSupport.text(CSupport.exported(CSupport.network(plain)))
    let beforeTest = try #require(text.split(separator: "#ifdef PLAIN_SELFTEST").first)
    #expect(beforeTest.matches(of: /#include <(.*)>/).map { String($0.1) } == ["stdint.h"])
    #expect(!beforeTest.contains("plain_avg_pool2d"))
    let curved = ModelSpec("curved", input: [4, 4, 1], layers: plain.layers + [Tanh()])
    #expect(
      try CSupport.text(CSupport.exported(CSupport.network(curved), loss: MeanSquaredError()))
        .contains("#include <math.h>"))
  }

  @Test func whatAPredictionReturnsFollowsFromWhatTheOutputsAre() throws {
    let spec = ModelSpec("m", input: [2, 2, 1]) {
      Flatten()
      Dense(units: 3)
    }
    let network = try CSupport.network(spec)
    let classes = try CSupport.text(CSupport.exported(network))
    #expect(classes.contains("return (int)best;") && classes.contains("3 logits: a softmax"))
    let numbers = try CSupport.text(CSupport.exported(network, loss: MeanSquaredError()))
    #expect(numbers.contains("return 0;") && numbers.contains("3 numbers, as they are"))
  }

  @Test func flashAndRAMAreThoseOfTheFile() throws {
    let model = try Self.model()
    let footprint = try CFormat().footprint(of: model)
    let text = try CSupport.text(model)
    let file = try #require(text.split(separator: "_SELFTEST\n#include").first)
    let floats = file.matches(of: /static const float \w+\[(\d+)\]/).compactMap { Int($0.1) }
    #expect(footprint.constantBytes == 4 * floats.reduce(0, +) && floats.count > 10)
    #expect(text.contains("_ARENA_BYTES \(footprint.arenaBytes) "))
    #expect(
      try CFormat().remarks(on: model) == [
        "flash: \(footprint.constantBytes) bytes of constants, at most \(footprint.codeBytes) of code (Cortex-M, -Os)",
        "RAM: \(footprint.arenaBytes) bytes of arena, at most \(footprint.stackBytes) of stack",
      ])
    #expect(footprint.flashBytes == footprint.constantBytes + footprint.codeBytes)
    #expect(footprint.ramBytes == footprint.arenaBytes + footprint.stackBytes)
  }

  @Test func aModelGivesTheSameBytesEachTime() throws {
    let model = try Self.model()
    let text = try CSupport.text(model)
    #expect(try CSupport.text(Self.model()) == text)
    #expect(text.contains(model.proof.weightsSHA256))
  }

  @Test func aLayerOfSomebodysOwnIsRefusedByName() throws {
    struct Own: ActivationSpec {
      static let kind = "own", help = "x"
      static let prototype = Own()
      var common = LayerCommon()
      func forward(
        _ count: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>
      ) { y.update(from: x, count: count) }
      func backward(
        _ count: Int, dy: UnsafePointer<Float>, x: UnsafePointer<Float>, y: UnsafePointer<Float>,
        into dx: UnsafeMutablePointer<Float>
      ) { dx.update(from: dy, count: count) }
    }
    let spec = ModelSpec("m", input: [4], layers: [Dense(units: 2), Own().named("mine")])
    let model = try CSupport.exported(CSupport.network(spec))
    #expect(
      complaint { try CFormat().files(of: model, at: "m.c") }
        == "layer mine: own has no C; only layers that come with MiniCNN are exported to C")
  }
}
