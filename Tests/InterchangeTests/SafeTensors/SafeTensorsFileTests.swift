import Files
import ModelFiles
import NeuralNetwork
import TestSupport
import Testing

@testable import Interchange

@Suite struct SafeTensorsFileTests {
  @Test func aFileOfAnyWidthOfFloatsIsRead() throws {
    let header =
      "{\"b\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[8,12]},"
      + "\"d\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[0,8]},"
      + "\"h\":{\"dtype\":\"F16\",\"shape\":[1,4],\"data_offsets\":[12,20]}}"
    let file = try SafeTensorsFile(
      Self.bytes(
        header,
        bits(0.1.bitPattern) + [0x80, 0x3F, 0x00, 0xC0]
          + [0x00, 0x3C, 0x01, 0x00, 0x00, 0x80, 0xFF, 0xFB]), path: "a")
    #expect(try file.floats("d", shape: []) == [0.1])
    #expect(try file.floats("b", shape: [2]) == [1, -2])
    #expect(try file.floats("h", shape: [1, 4]) == [1, 0x1p-24, -0.0, -65504])
  }

  @Test(arguments: [
    (
      "",
      "a: expected a safetensors file: the length of a header, and the header, found 8 bytes of something else"
    ),
    (
      "[]",
      "a: expected a safetensors file: the length of a header, and the header, found 10 bytes of something else"
    ),
    (
      "{]",
      "a: header: expected dtype, shape and data_offsets of arrays, found what is no JSON for it"
    ),
    (
      "{\"w\":{\"dtype\":\"F32\",\"shape\":[1]}}",
      "a: header: expected dtype, shape and data_offsets of arrays, found nothing at w/data_offsets"
    ),
    (
      "{\"w\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}}",
      "a: header: expected dtype, shape and data_offsets of arrays, found what is no JSON for it"
    ),
    (
      "{\"w\":7}",
      "a: header: expected dtype, shape and data_offsets of arrays, found another type at w"
    ),
    (
      "{\"w\":{\"dtype\":\"F31\",\"shape\":[1],\"data_offsets\":[0,4]}}",
      "a: w: expected a dtype such as F32, found F31"
    ),
    (
      "{\"w\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}",
      "a: w: expected extents of an array, found shape [-1]"
    ),
    (
      "{\"w\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,4]}}",
      "a: w: expected extents of an array, found shape [4611686018427387904, 4]"
    ),
    (
      "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}",
      "a: w: expected 8 bytes for F32 of shape [2], found 4"
    ),
    (
      "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
      "a: w: expected data_offsets within the 4 bytes after the header, found [0, 8]"
    ),
    (
      "{\"w\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[4,0]}}",
      "a: w: expected data_offsets within the 4 bytes after the header, found [4, 0]"
    ),
    (
      "{\"v\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"w\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}}",
      "a: w: expected an array that begins at byte 4, where the one before it ends, found one at 2"
    ),
    (
      "{\"w\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}}",
      "a: w: expected an array that begins at byte 0, where the one before it ends, found one at 2"
    ),
    (
      "{\"w\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"w\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}",
      "a: expected 2 bytes of arrays, found 4"
    ),
    (
      "{\"w\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}",
      "a: expected 2 bytes of arrays, found 4"
    ),
  ])
  func whatIsNoSuchFileIsRefused(header: String, sentence: String) {
    let content: [UInt8] = header.utf8.count > 2 && header != "{]" ? [0, 0, 0, 0] : []
    let error = #expect(throws: FileError.self) {
      try SafeTensorsFile(Self.bytes(header, content), path: "a")
    }
    #expect(error?.description == sentence)
  }

  @Test func aHeaderLongerThanTheFileIsRefused() {
    #expect(SafeTensorsFile.headerLength(bits(UInt64(90)) + [0x7B], fileSize: 97) == nil)
    #expect(SafeTensorsFile.headerLength(bits(UInt64(90)) + [0x7B], fileSize: 98) == 90)
    #expect(SafeTensorsFile.headerLength(bits(UInt64.max) + [0x7B], fileSize: 98) == nil)
    #expect(
      SafeTensorsFile.headerLength(bits(UInt64((1 << 24) + 1)) + [0x7B], fileSize: 1 << 40) == nil)
  }

  @Test func weightsOfAnotherModuleAreFoundByTheirShapes() throws {
    let spec = ModelSpec("two", input: [1, 1, 2]) {
      Conv2D(filters: 2, kernel: 1, bias: false)
      Conv2D(filters: 2, kernel: 1, bias: false)
      Flatten()
      Dense(units: 3)
    }
    let arrays = [
      "net.10.weight": [2, 2, 1, 1], "net.9.weight": [2, 2, 1, 1], "fc.weight": [3, 2],
      "fc.bias": [3],
    ]
    func file(_ arrays: [String: [Int]]) throws -> SafeTensorsFile {
      try SafeTensorsFile(
        try SafeTensorsWriter.bytes(
          arrays.map { name, shape in
            SafeTensorsWriter.Array(
              name: name, shape: shape,
              elements: .floats(
                Array(repeating: name.contains("10") ? 10 : 9, count: shape.reduce(1, *))))
          }, metadata: [:]), path: "a")
    }
    let network = try Network(spec, seed: 1)
    let weights = try SafeTensorsWeights(try file(arrays), for: network)
    #expect(weights.modules?.map(\.module) == ["net.9", "net.10", "fc"])
    #expect(weights.network.values(of: "conv2d", "kernel") == [9, 9, 9, 9])
    #expect(weights.network.values(of: "conv2d_1", "kernel") == [10, 10, 10, 10])
    func sentence(_ change: (inout [String: [Int]]) -> Void) throws -> String? {
      var arrays = arrays
      change(&arrays)
      let changed = try file(arrays)
      return #expect(throws: FileError.self) { try SafeTensorsWeights(changed, for: network) }?
        .description
    }
    #expect(
      try sentence { $0["net.9.weight"] = nil }
        == "a: expected arrays for layer conv2d_1: weight [2, 2, 1, 1], found none of these shapes among the"
        + " others; these weights belong to another model")
    #expect(
      try sentence { $0["more.weight"] = [1] }
        == "a: more.weight: expected no such array, found shape [1]; these weights belong to another model"
    )
    #expect(
      try sentence { $0["conv2d.weight"] = [2, 2, 1, 1] }
        == "a: conv2d_1.weight: expected an array [2, 2, 1, 1], found nothing; these weights belong to another"
        + " model")
  }

  @Test func numbersThatAreNotFiniteAreRefused() throws {
    let header = "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}"
    let file = try SafeTensorsFile(Self.bytes(header, [0, 0, 0x80, 0x7F]), path: "a")
    let error = #expect(throws: FileError.self) { try file.floats("w", shape: [1]) }
    #expect(error?.description == "a: w: expected finite numbers, found an infinity")
  }

  @Test func aScaleThatTheModelGoesWithoutMustDoNothing() throws {
    let spec = ModelSpec("plain", input: [2]) {
      BatchNorm(center: false, scale: false)
      BatchNorm(center: false)
      Dense(units: 1)
    }
    let network = try Network(spec, seed: 1)
    var arrays = try TorchNetwork(network).tensors.map { tensor in
      SafeTensorsWriter.Array(
        name: tensor.name, shape: tensor.shape,
        elements: tensor.name.hasSuffix("tracked")
          ? .count(3)
          : .floats(Array(repeating: tensor.name.hasSuffix("bias") ? 0 : 1, count: tensor.count)))
    }
    func read() throws -> SafeTensorsWeights {
      try SafeTensorsWeights(
        try SafeTensorsFile(try SafeTensorsWriter.bytes(arrays, metadata: [:]), path: "a"),
        for: network)
    }
    #expect(try read().modules == nil)
    let place = try #require(arrays.firstIndex { $0.name == "batch_norm_1.bias" })
    arrays[place] = SafeTensorsWriter.Array(
      name: "batch_norm_1.bias", shape: [2], elements: .floats([0, 0.5]))
    let error = #expect(throws: FileError.self) { try read() }
    #expect(
      error?.description
        == "a: batch_norm_1.bias: expected 0.0 throughout, found other numbers; the model's layer has no such"
        + " parameter")
  }

  private static func bytes(_ header: String, _ content: [UInt8]) -> [UInt8] {
    withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) } + Array(header.utf8)
      + content
  }

  private func bits(_ word: UInt64) -> [UInt8] {
    withUnsafeBytes(of: word.littleEndian) { Array($0) }
  }
}
