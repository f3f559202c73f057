import Protobuf

// Fields are written in the order of their numbers, and numbers of `ints` and `dims` one by one, as the official
// implementation does, so that a file that it reads and writes again keeps its bytes.

extension ONNXModel {
  /// The bytes of a file.
  var bytes: [UInt8] {
    var writer = ProtobufWriter()
    writer.int(1, irVersion)
    writer.string(2, producer)
    writer.message(7, graph.write)
    writer.message(8) {
      $0.string(1, "")
      $0.int(2, operatorSet)
    }
    for (key, value) in metadata {
      writer.message(14) {
        $0.string(1, key)
        $0.string(2, value)
      }
    }
    return writer.bytes
  }
}

extension ONNXGraph {
  fileprivate func write(_ writer: inout ProtobufWriter) {
    for node in nodes { writer.message(1, node.write) }
    writer.string(2, name)
    for tensor in initializers { writer.message(5, tensor.write) }
    for value in inputs { writer.message(11, value.write) }
    for value in outputs { writer.message(12, value.write) }
  }
}

extension ONNXNode {
  fileprivate func write(_ writer: inout ProtobufWriter) {
    for input in inputs { writer.string(1, input) }
    for output in outputs { writer.string(2, output) }
    writer.string(3, name)
    writer.string(4, type)
    for attribute in attributes { writer.message(5, attribute.write) }
    if !domain.isEmpty { writer.string(7, domain) }
  }
}

extension ONNXAttribute {
  fileprivate func write(_ writer: inout ProtobufWriter) {
    writer.string(1, name)
    let type: Int64
    switch value {
    case .float(let value):
      writer.float(2, value)
      type = 1
    case .int(let value):
      writer.int(3, value)
      type = 2
    case .string(let value):
      writer.string(4, value)
      type = 3
    case .ints(let values):
      for value in values { writer.int(8, value) }
      type = 7
    case .other: preconditionFailure("attribute \(name) has no type that is written")
    }
    writer.int(20, type)
  }
}

extension ONNXTensor {
  fileprivate func write(_ writer: inout ProtobufWriter) {
    for extent in shape { writer.int(1, Int64(extent)) }
    writer.int(2, element.rawValue)
    writer.string(8, name)
    writer.bytes(9, bytes)
  }

  /// An array of floats.
  init(_ name: String, _ floats: [Float], shape: [Int]) {
    self.init(name: name, shape: shape, element: .float, bytes: floats.littleEndian[...])
  }

  /// A vector of whole numbers.
  init(_ name: String, _ numbers: [Int]) {
    var bytes: [UInt8] = []
    for number in numbers {
      withUnsafeBytes(of: Int64(number).littleEndian) { bytes.append(contentsOf: $0) }
    }
    self.init(name: name, shape: [numbers.count], element: .int64, bytes: bytes[...])
  }
}

extension ONNXValue {
  fileprivate func write(_ writer: inout ProtobufWriter) {
    writer.string(1, name)
    writer.message(2) { type in
      type.message(1) { tensor in
        if let element { tensor.int(1, element.rawValue) }
        tensor.message(2) { shape in
          for extent in self.shape {
            shape.message(1) {
              switch extent {
              case .number(let number): $0.int(1, Int64(number))
              case .name(let name): $0.string(2, name)
              }
            }
          }
        }
      }
    }
  }
}
