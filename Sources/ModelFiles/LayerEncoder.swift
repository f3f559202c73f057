import NeuralNetwork

/// Writes layers as a model file states them.
enum LayerEncoder {
  /// The lines of a list of layers, or `nil` where one of them is of a kind that no file can state.
  static func lines(_ layers: [any LayerSpec], indent: String) -> [String]? {
    var lines: [String] = []
    for layer in layers {
      guard let own = self.lines(layer, indent: indent) else { return nil }
      lines += own
    }
    return lines
  }

  private static func lines(_ layer: any LayerSpec, indent: String) -> [String]? {
    if let block = layer as? Residual {
      guard let inner = lines(block.layers, indent: indent + "      ") else { return nil }
      var lines = ["\(indent)- residual:"]
      if let name = block.name { lines.append("\(indent)    name: \(name.yamlQuoted)") }
      if block.projection != .auto {
        lines.append("\(indent)    projection: \(block.projection.rawValue)")
      }
      return lines + ["\(indent)    layers:"] + inner
    }
    guard var settings = settings(layer) else { return nil }
    if let name = layer.name { settings.append(("name", name.yamlQuoted)) }
    if settings.isEmpty { return ["\(indent)- \(layer.kind)"] }
    let text = settings.map { "\($0.0): \($0.1)" }.joined(separator: ", ")
    return ["\(indent)- \(layer.kind): {\(text)}"]
  }

  /// The settings that differ from the defaults of the layer's kind.
  private static func settings(_ layer: any LayerSpec) -> [(String, String)]? {
    var list: [(String, String)] = []
    func add<Value: Equatable>(
      _ key: String, _ value: Value, unless standard: Value?, _ text: (Value) -> String
    ) {
      if value != standard { list.append((key, text(value))) }
    }
    switch layer {
    case let layer as Conv2D:
      add("filters", layer.filters, unless: nil) { "\($0)" }
      add("kernel", layer.kernel, unless: nil, \.yaml)
      add("stride", layer.stride, unless: 1, \.yaml)
      add("padding", layer.padding, unless: .valid, \.yaml)
      add("dilation", layer.dilation, unless: 1, \.yaml)
      add("groups", layer.groups, unless: 1) { "\($0)" }
      add("bias", layer.bias, unless: true) { "\($0)" }
      add("initializer", layer.initializer, unless: .glorotUniform, \.rawValue)
    case let layer as MaxPool2D:
      add("window", layer.window, unless: nil, \.yaml)
      add("stride", layer.stride, unless: layer.window, \.yaml)
      add("padding", layer.padding, unless: .valid, \.yaml)
    case let layer as AvgPool2D:
      add("window", layer.window, unless: nil, \.yaml)
      add("stride", layer.stride, unless: layer.window, \.yaml)
      add("padding", layer.padding, unless: .valid, \.yaml)
    case let layer as Dense:
      add("units", layer.units, unless: nil) { "\($0)" }
      add("bias", layer.bias, unless: true) { "\($0)" }
      add("initializer", layer.initializer, unless: .glorotUniform, \.rawValue)
    case let layer as LeakyReLU: add("slope", layer.slope, unless: 0.3) { "\($0)" }
    case let layer as ELU: add("alpha", layer.alpha, unless: 1) { "\($0)" }
    case let layer as Dropout: add("rate", layer.rate, unless: nil) { "\($0)" }
    case let layer as BatchNorm:
      add("momentum", layer.momentum, unless: 0.99) { "\($0)" }
      add("epsilon", layer.epsilon, unless: 1e-3) { "\($0)" }
      add("center", layer.center, unless: true) { "\($0)" }
      add("scale", layer.scale, unless: true) { "\($0)" }
    case is GlobalAvgPool2D, is GlobalMaxPool2D, is ReLU, is Sigmoid, is Tanh, is GELU,
      is Softmax, is Flatten:
      break
    default: return nil
    }
    return list
  }
}

extension Extent2D {
  fileprivate var yaml: String { height == width ? "\(height)" : "[\(height), \(width)]" }
}

extension Padding {
  fileprivate var yaml: String {
    switch self {
    case .valid: "valid"
    case .same: "same"
    case .explicit(let top, let bottom, let left, let right):
      "[\(top), \(bottom), \(left), \(right)]"
    }
  }
}

extension String {
  /// This text in double quotes, as YAML reads it back.
  var yamlQuoted: String {
    var text = "\""
    for scalar in unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\t": text += "\\t"
      case "\r": text += "\\r"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }
}
