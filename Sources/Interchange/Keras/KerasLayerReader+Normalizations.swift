import Files
import NeuralNetwork

extension KerasLayerReader {
  static func batchNormalization(_ object: KerasObject) throws(FileError) -> KerasReading {
    try object.require("renorm", false)
    try object.require("virtual_batch_size", nil)
    var reading = KerasReading(
      BatchNorm(
        momentum: try object.number("momentum", 0.99), epsilon: try object.number("epsilon", 1e-3),
        center: try object.flag("center", true), scale: try object.flag("scale", true)))
    reading.axes = try axes(object)
    return reading
  }

  static func groupNormalization(_ object: KerasObject) throws(FileError) -> KerasReading {
    var reading = KerasReading(
      GroupNorm(
        groups: try object.integer("groups", 32), epsilon: try object.number("epsilon", 1e-3),
        center: try object.flag("center", true), scale: try object.flag("scale", true)))
    reading.axes = try axes(object)
    return reading
  }

  static func layerNormalization(_ object: KerasObject) throws(FileError) -> KerasReading {
    try object.require("rms_scaling", false)
    let axes = try axes(object, mayBeAll: true)
    var reading = KerasReading(
      LayerNorm(
        axes: axes.areAll ? .all : .last, epsilon: try object.number("epsilon", 1e-3),
        center: try object.flag("center", true), scale: try object.flag("scale", true)))
    reading.axes = axes
    return reading
  }

  /// Its mean and variance are variables, or settings where the model was made with them.
  static func normalization(_ object: KerasObject) throws(FileError) -> KerasReading {
    try object.require("invert", false)
    var reading = KerasReading(Normalization())
    // Without an axis all numbers have one mean.
    if object.statesNull("axis") || object.config["axis"] == [] {
      reading.hasSingleStatistics = true
    } else {
      reading.axes = try axes(object)
    }
    if object.config["mean"] != nil {
      reading.constants = [
        "mean": try numbers(object, "mean"), "variance": try numbers(object, "variance"),
      ]
    }
    return reading
  }

  /// A number, or those of all channels, however many lists they are in.
  private static func numbers(
    _ object: KerasObject, _ key: String
  ) throws(FileError) -> [Float] {
    var stated = object.config[key] ?? .null
    while case .list(let list) = stated, list.count == 1, case .list = list[0] { stated = list[0] }
    let values = stated.list ?? [stated]
    let numbers = values.compactMap(\.number).map { Float($0) }
    guard !numbers.isEmpty, numbers.count == values.count else {
      throw object.error(key, expected: "a number, or a list of numbers", found: stated.summary)
    }
    return numbers
  }

  /// The axis or axes that a layer states; the last one where it states none.
  static func axes(
    _ object: KerasObject, mayBeAll: Bool = false
  ) throws(FileError) -> KerasAxes {
    let stated = object.config["axis"] ?? -1
    let values = stated.list ?? [stated]
    let numbers = values.compactMap(\.integer)
    guard !numbers.isEmpty, numbers.count == values.count, numbers.allSatisfy((-8...8).contains),
      numbers.count == 1 || mayBeAll
    else {
      throw object.error("axis", expected: mayBeAll ? "axes" : "one axis", found: stated.summary)
    }
    return KerasAxes(numbers: numbers, areAll: numbers.count > 1)
  }
}

extension KerasObject {
  /// Whether a setting is stated to be null.
  func statesNull(_ key: String) -> Bool {
    if case .object(let members) = config { members[key] == .null } else { false }
  }
}
