import Files
import NeuralNetwork

/// A layer of Keras as layers of ours, one after the other: most are one, one with an activation is two.
///
/// Keras's variables of the layer are those of ours in this order.
struct KerasReading {
  /// The layers with what the name of each ends with: "" for the first one, `_activation`.
  var layers: [(suffix: String, spec: any LayerSpec)] = []
  /// The axes that the layer states, to be compared with the rank of its input once that is known.
  var axes: KerasAxes?
  /// What variables are that the file states in place of storing them, by our names.
  var constants: [String: [Float]] = [:]
  /// Whether statistics are single numbers for all channels.
  var hasSingleStatistics = false

  init(_ spec: any LayerSpec, suffix: String = "") { layers = [(suffix, spec)] }
  init(_ layers: [(suffix: String, spec: any LayerSpec)]) { self.layers = layers }

  /// Followed by what the layer's setting `activation` states.
  func activated(_ object: KerasObject) throws(FileError) -> KerasReading {
    guard let activation = try KerasActivation.layer(object) else { return self }
    var result = self
    result.layers.append(("_activation", activation))
    return result
  }
}

/// Axes that a layer works along, counted from 0, which is that of the batch; negative ones from the end.
struct KerasAxes {
  let numbers: [Int]
  /// Whether all but the batch's are meant; the last one otherwise.
  let areAll: Bool

  /// Whether they are what is meant for an input of so many extents, that of the batch left out.
  func fit(rank: Int) -> Bool {
    let positive = Set(numbers.map { $0 < 0 ? $0 + rank + 1 : $0 })
    return areAll ? positive == Set(1...max(rank, 1)) : positive == [rank]
  }
}

/// Reads the layers of Keras that have one input: a class, and what it is here.
struct KerasLayerReader {
  typealias Read = @Sendable (KerasObject) throws(FileError) -> KerasReading

  /// Every class with its reader, in alphabetical order.
  static let classes: [String: Read] = [
    "Activation": { (o) throws(FileError) in try activationLayer(o) },
    "AveragePooling2D": { (o) throws(FileError) in
      KerasReading(
        AvgPool2D(
          window: try window(o), stride: try o.extent("strides", try window(o)),
          padding: try padding(o)))
    },
    "BatchNormalization": { (o) throws(FileError) in try batchNormalization(o) },
    "Conv2D": { (o) throws(FileError) in try convolution(o) },
    "Conv2DTranspose": { (o) throws(FileError) in try transposedConvolution(o) },
    "Dense": { (o) throws(FileError) in
      let bias = try o.flag("use_bias", true)
      return try KerasReading(Dense(units: try o.integer("units"), bias: bias)).activated(o)
    },
    "DepthwiseConv2D": { (o) throws(FileError) in
      try KerasReading(try depthwise(o, bias: try o.flag("use_bias", true))).activated(o)
    },
    "Dropout": { (o) throws(FileError) in
      try o.require("noise_shape", nil)
      return KerasReading(Dropout(rate: try o.number("rate")))
    },
    "ELU": { (o) throws(FileError) in KerasReading(ELU(alpha: try o.number("alpha", 1))) },
    "Flatten": { (o) throws(FileError) in
      try o.requireChannelsLast()
      return KerasReading(Flatten())
    },
    "GaussianNoise": { (o) throws(FileError) in
      KerasReading(GaussianNoise(stddev: try o.number("stddev")))
    },
    "GlobalAveragePooling2D": { (o) throws(FileError) in try global(GlobalAvgPool2D(), o) },
    "GlobalMaxPooling2D": { (o) throws(FileError) in try global(GlobalMaxPool2D(), o) },
    "GroupNormalization": { (o) throws(FileError) in try groupNormalization(o) },
    "LayerNormalization": { (o) throws(FileError) in try layerNormalization(o) },
    "LeakyReLU": { (o) throws(FileError) in
      // Keras 2 has another name for it.
      KerasReading(LeakyReLU(slope: try o.number("negative_slope", try o.number("alpha", 0.3))))
    },
    "MaxPooling2D": { (o) throws(FileError) in
      KerasReading(
        MaxPool2D(
          window: try window(o), stride: try o.extent("strides", try window(o)),
          padding: try padding(o)))
    },
    "Normalization": { (o) throws(FileError) in try normalization(o) },
    "PReLU": { (o) throws(FileError) in try parametricReLU(o) },
    "ReLU": { (o) throws(FileError) in KerasReading(try rectifier(o)) },
    "Rescaling": { (o) throws(FileError) in
      KerasReading(Rescaling(scale: try o.number("scale"), offset: try o.number("offset", 0)))
    },
    "Reshape": { (o) throws(FileError) in
      guard let shape = o.config["target_shape"]?.list?.map({ $0.integer ?? 0 }) else {
        throw o.error("target_shape", expected: "a list of whole numbers", found: "none")
      }
      return KerasReading(Reshape(shape))
    },
    "SeparableConv2D": { (o) throws(FileError) in try separableConvolution(o) },
    "Softmax": { (o) throws(FileError) in
      var reading = KerasReading(Softmax())
      reading.axes = try axes(o)
      return reading
    },
    "SpatialDropout2D": { (o) throws(FileError) in
      try o.requireChannelsLast()
      return KerasReading(SpatialDropout2D(rate: try o.number("rate")))
    },
    "UpSampling2D": { (o) throws(FileError) in
      try o.requireChannelsLast()
      let interpolation = try o.choice(
        "interpolation", UpSampling2D.Interpolation.nearest,
        ["nearest": .nearest, "bilinear": .bilinear])
      return KerasReading(
        UpSampling2D(size: try o.extent("size", 2), interpolation: interpolation))
    },
    "ZeroPadding2D": { (o) throws(FileError) in
      try o.requireChannelsLast()
      return KerasReading(ZeroPadding2D(padding: try margins(o)))
    },
  ]

  /// Classes that compute nothing but in training, where they add to the loss or do nothing.
  static let idle: Set = ["ActivityRegularization", "Identity", "InputLayer"]

  /// Reads a layer of one input.
  ///
  /// - Throws: a `FileError` that names a layer that is none of ours.
  static func read(_ object: KerasObject) throws(FileError) -> KerasReading {
    if idle.contains(object.className) { return KerasReading([]) }
    guard let read = classes[object.className] else {
      throw object.error(
        expected: "a layer that minicnn has too", found: object.className.debugDescription,
        hint: "minicnn layers lists them")
    }
    try checkDataType(object)
    var reading = try read(object)
    if try !object.flag("trainable", true) {
      for number in reading.layers.indices { reading.layers[number].spec.common.trainable = false }
    }
    return reading
  }

  /// The one layer that an activation is which Keras states as a layer; `nil` where it is no such.
  static func activation(_ object: KerasObject) throws(FileError) -> (any LayerSpec)? {
    let names: Set = ["Activation", "ELU", "LeakyReLU", "ReLU", "Softmax"]
    guard names.contains(object.className), let read = classes[object.className] else { return nil }
    let reading = try read(object)
    guard reading.axes.map({ $0.numbers == [-1] }) ?? true else {
      throw object.error("axis", expected: "-1", found: "\(reading.axes?.numbers ?? [])")
    }
    return reading.layers.first?.spec
  }

  /// Throws for numbers that are stored as other than floats of at least 32 bits.
  private static func checkDataType(_ object: KerasObject) throws(FileError) {
    guard let stated = object.config["dtype"] else { return }
    let policy = stated.text ?? stated["config"]?["name"]?.text ?? stated.summary
    guard ["float32", "float64", "mixed_float16", "mixed_bfloat16"].contains(policy) else {
      throw object.error("dtype", expected: "\"float32\"", found: policy.debugDescription)
    }
  }

  private static func activationLayer(_ object: KerasObject) throws(FileError) -> KerasReading {
    KerasReading(try KerasActivation.layer(object).map { [("", $0)] } ?? [])
  }

  private static func rectifier(_ object: KerasObject) throws(FileError) -> any LayerSpec {
    let slope = try object.number("negative_slope", 0)
    try object.require("threshold", 0)
    guard let bound = object.config["max_value"] else {
      return slope == 0 ? ReLU() : LeakyReLU(slope: slope)
    }
    guard bound.number == 6, slope == 0 else {
      throw object.error(
        "max_value", expected: "none, or 6 without a slope below 0", found: bound.summary)
    }
    return ReLU6()
  }

  private static func parametricReLU(_ object: KerasObject) throws(FileError) -> KerasReading {
    guard let shared = object.config["shared_axes"] else { return KerasReading(PReLU()) }
    guard shared == [1, 2] else {
      throw object.error("shared_axes", expected: "none, or [1, 2]", found: shared.summary)
    }
    return KerasReading(PReLU(shared: true))
  }

  private static func global(
    _ pooling: any LayerSpec, _ object: KerasObject
  ) throws(FileError) -> KerasReading {
    try object.requireChannelsLast()
    guard try object.flag("keepdims", false) else { return KerasReading(pooling) }
    return KerasReading([("", pooling), ("_reshape", Reshape([1, 1, -1]))])
  }

  static func window(_ object: KerasObject) throws(FileError) -> Extent2D {
    try object.extent("pool_size", 2)
  }

  static func padding(_ object: KerasObject) throws(FileError) -> Padding {
    try object.requireChannelsLast()
    return try object.choice("padding", .valid, ["valid": .valid, "same": .same])
  }

  /// The rows and columns of zeros: one number, two, or two pairs.
  private static func margins(_ object: KerasObject) throws(FileError) -> Margins {
    let stated = object.config["padding"] ?? 1
    if let all = stated.integer { return Margins(vertical: all, horizontal: all) }
    let sides = (stated.list ?? []).compactMap { side -> [Int]? in
      if let both = side.integer { return [both, both] }
      let pair = side.list?.compactMap(\.integer)
      return pair?.count == 2 ? pair : nil
    }
    guard sides.count == 2, stated.list?.count == 2 else {
      throw object.error(
        "padding", expected: "a whole number, two, or two pairs", found: stated.summary)
    }
    return Margins(top: sides[0][0], bottom: sides[0][1], left: sides[1][0], right: sides[1][1])
  }
}
