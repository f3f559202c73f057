/// The messages of ONNX that exported networks are made of: a part of its `onnx.proto`.
///
/// <https://github.com/onnx/onnx/blob/main/docs/IR.md>
struct ONNXModel {
  /// The version of the format: 7, which all that read operator set 13 know.
  var irVersion: Int64 = 7
  /// Who made it.
  var producer = ""
  /// The version of the operators of ONNX itself; 0 where none is stated.
  var operatorSet: Int64 = 13
  /// What it computes.
  var graph = ONNXGraph()
  /// What else it says of itself.
  var metadata: [(key: String, value: String)] = []
}

/// Nodes in an order in which each comes after those that it reads.
struct ONNXGraph {
  var name = ""
  var nodes: [ONNXNode] = []
  var initializers: [ONNXTensor] = []
  var inputs: [ONNXValue] = []
  var outputs: [ONNXValue] = []
}

/// An operator, which reads tensors by their names and writes others.
struct ONNXNode {
  var name = ""
  var type = ""
  /// Whose operator it is; empty for ONNX's own.
  var domain = ""
  /// Empty where an optional one is left out.
  var inputs: [String] = []
  var outputs: [String] = []
  var attributes: [ONNXAttribute] = []
}

/// A setting of an operator.
struct ONNXAttribute {
  enum Value: Equatable {
    case float(Float)
    case int(Int64)
    case string(String)
    case ints([Int64])
    /// One of a type that none of the operators here has.
    case other
  }

  var name: String
  var value: Value
}

/// An array with its numbers.
struct ONNXTensor {
  /// The types of numbers that are written, and their number in `TensorProto.DataType`.
  enum Element: Int64 {
    case float = 1
    case int64 = 7

    /// The bytes of one.
    var size: Int { self == .float ? 4 : 8 }
  }

  var name = ""
  /// The extents, outermost first; none for a single number.
  var shape: [Int] = []
  var element = Element.float
  /// The numbers, row-major and little-endian.
  var bytes: ArraySlice<UInt8> = []
}

/// The name, the type and the extents of an input or an output.
struct ONNXValue {
  enum Extent: Equatable {
    case number(Int)
    /// One that differs from run to run, as the number of samples.
    case name(String)
  }

  var name = ""
  var element: ONNXTensor.Element? = .float
  var shape: [Extent] = []
}
