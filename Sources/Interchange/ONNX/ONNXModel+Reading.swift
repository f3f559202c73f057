import Files
import Protobuf

// Fields that say nothing of what is computed, such as documentation, are left out; those that would change it
// are refused.

extension ONNXModel {
  /// The most nodes, arrays, inputs and so on that are read, so that what is made of a file is not much larger than
  /// the file.
  private static let most = 10_000

  /// Reads a file.
  ///
  /// - Throws: a `FileError` that names the byte where it is no model, or one with more than is read here.
  init(reading bytes: [UInt8], path: String) throws(FileError) {
    do throws(ProtobufError) {
      var isModel = false
      operatorSet = 0
      var fields = ProtobufReader(bytes)
      while let field = try fields.next() {
        switch field.number {
        case 1: irVersion = try field.int()
        case 2: producer = try field.string()
        case 7:
          graph = ONNXGraph()
          try graph.read(try field.message(), most: Self.most)
          isModel = true
        case 8: try readOperatorSet(try field.message())
        case 14: try readEntry(try field.message(), field)
        case 20, 25: throw field.refused("training or functions")
        default: break
        }
      }
      guard isModel else {
        throw ProtobufError(at: bytes.count, expected: "a graph", found: "the end of the file")
      }
    } catch {
      throw FileError(
        .invalid, file: path, place: "byte \(error.offset)", expected: error.expected,
        found: error.found, hint: "a damaged file, or none of ONNX")
    }
  }

  private mutating func readOperatorSet(_ message: ProtobufReader) throws(ProtobufError) {
    var fields = message, domain = "", version: Int64 = 0
    while let field = try fields.next() {
      switch field.number {
      case 1: domain = try field.string()
      case 2: version = try field.int()
      default: break
      }
    }
    // Those of others matter where a node is one of theirs.
    if domain.isEmpty || domain == "ai.onnx" { operatorSet = version }
  }

  private mutating func readEntry(
    _ message: ProtobufReader, _ entry: ProtobufField
  ) throws(ProtobufError) {
    guard metadata.count < 1000 else { throw entry.refused("more than 1000 texts of metadata") }
    var fields = message, key = "", value = ""
    while let field = try fields.next() {
      switch field.number {
      case 1: key = try field.string()
      case 2: value = try field.string()
      default: break
      }
    }
    metadata.append((key, value))
  }
}

extension ONNXGraph {
  fileprivate mutating func read(
    _ message: ProtobufReader, most: Int
  ) throws(ProtobufError) {
    var fields = message
    while let field = try fields.next() {
      guard nodes.count + initializers.count + inputs.count + outputs.count < most else {
        throw field.refused("more than \(most) nodes and arrays")
      }
      switch field.number {
      case 1: nodes.append(try ONNXNode(try field.message()))
      case 2: name = try field.string()
      case 5: initializers.append(try ONNXTensor(try field.message()))
      case 11: inputs.append(try ONNXValue(try field.message()))
      case 12: outputs.append(try ONNXValue(try field.message()))
      case 15: throw field.refused("sparse arrays")
      default: break
      }
    }
  }
}

extension ONNXNode {
  /// The most inputs, outputs and attributes.
  private static let most = 1000

  fileprivate init(_ message: ProtobufReader) throws(ProtobufError) {
    var fields = message
    while let field = try fields.next() {
      guard inputs.count + outputs.count + attributes.count < Self.most else {
        throw field.refused("more than \(Self.most) inputs and attributes of a node")
      }
      switch field.number {
      case 1: inputs.append(try field.string())
      case 2: outputs.append(try field.string())
      case 3: name = try field.string()
      case 4: type = try field.string()
      case 5: attributes.append(try ONNXAttribute(try field.message()))
      case 7: domain = try field.string()
      default: break
      }
    }
  }
}

extension ONNXAttribute {
  /// The most numbers in one.
  private static let most = 64

  fileprivate init(_ message: ProtobufReader) throws(ProtobufError) {
    var fields = message, type: Int64 = 0
    var float: Float = 0, int: Int64 = 0, string = "", ints: [Int64] = []
    name = ""
    while let field = try fields.next() {
      switch field.number {
      case 1: name = try field.string()
      case 2: float = try field.float()
      case 3: int = try field.int()
      case 4: string = try field.string()
      case 8: ints += try field.ints()
      case 20: type = try field.int()
      default: break
      }
      guard ints.count <= Self.most else {
        throw field.refused("more than \(Self.most) numbers in an attribute")
      }
    }
    value =
      switch type {
      case 1: .float(float)
      case 2: .int(int)
      case 3: .string(string)
      case 7: .ints(ints)
      default: .other
      }
  }
}

extension ONNXTensor {
  fileprivate init(_ message: ProtobufReader) throws(ProtobufError) {
    var fields = message
    while let field = try fields.next() {
      switch field.number {
      case 1:
        for extent in try field.ints() {
          guard let extent = Int(exactly: extent), extent >= 0, shape.count < 8 else {
            throw field.refused("more than 8 extents, or one below 0")
          }
          shape.append(extent)
        }
      case 2:
        guard let known = Element(rawValue: try field.int()) else {
          throw field.refused("an array of numbers other than float32 and int64")
        }
        element = known
      case 8: name = try field.string()
      case 9: bytes = try field.bytes()
      case 4, 5, 6, 7, 10, 11:
        throw field.refused("numbers outside of raw_data")
      case 13, 14: throw field.refused("an array in another file")
      default: break
      }
    }
    guard (shape + [element.size]).checkedProduct == bytes.count else {
      let extents = shape.map(String.init).joined(separator: "×")
      throw ProtobufError(
        at: bytes.startIndex, expected: "\(extents) numbers of \(element.size) bytes in an array",
        found: "\(bytes.count) bytes")
    }
  }
}

extension ONNXValue {
  fileprivate init(_ message: ProtobufReader) throws(ProtobufError) {
    var fields = message
    element = nil
    while let field = try fields.next() {
      switch field.number {
      case 1: name = try field.string()
      case 2:
        // Only the type of a tensor is field 1 of a type.
        var type = try field.message()
        while let field = try type.next() {
          if field.number == 1 { try readTensor(try field.message()) }
        }
      default: break
      }
    }
  }

  private mutating func readTensor(_ message: ProtobufReader) throws(ProtobufError) {
    var fields = message
    while let field = try fields.next() {
      switch field.number {
      case 1: element = ONNXTensor.Element(rawValue: try field.int())
      case 2:
        var extents = try field.message()
        while let extent = try extents.next() {
          guard shape.count < 8 else { throw extent.refused("more than 8 extents") }
          if extent.number == 1 { shape.append(try Extent(try extent.message())) }
        }
      default: break
      }
    }
  }
}

extension ONNXValue.Extent {
  fileprivate init(_ message: ProtobufReader) throws(ProtobufError) {
    var fields = message
    self = .name("")
    while let field = try fields.next() {
      switch field.number {
      case 1:
        guard let number = Int(exactly: try field.int()), number >= 0 else {
          throw field.refused("an extent below 0")
        }
        self = .number(number)
      case 2: self = .name(try field.string())
      default: break
      }
    }
  }
}

extension ProtobufField {
  /// The error of a field with something that is not read here.
  fileprivate func refused(_ found: String) -> ProtobufError {
    ProtobufError(at: offset, expected: "a graph as minicnn writes it", found: found)
  }
}
