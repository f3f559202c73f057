import Files
import NeuralNetwork

extension KerasLayerReader {
  static func convolution(_ object: KerasObject) throws(FileError) -> KerasReading {
    let layer = Conv2D(
      filters: try object.integer("filters"), kernel: try object.extent("kernel_size"),
      stride: try object.extent("strides", 1), padding: try padding(object),
      dilation: try object.extent("dilation_rate", 1), groups: try object.integer("groups", 1),
      bias: try object.flag("use_bias", true))
    return try KerasReading(layer).activated(object)
  }

  static func depthwise(
    _ object: KerasObject, bias: Bool
  ) throws(FileError) -> DepthwiseConv2D {
    DepthwiseConv2D(
      kernel: try object.extent("kernel_size"), stride: try object.extent("strides", 1),
      padding: try padding(object), dilation: try object.extent("dilation_rate", 1),
      multiplier: try object.integer("depth_multiplier", 1), bias: bias)
  }

  /// A convolution of each channel without a bias, then one of single pixels.
  static func separableConvolution(_ object: KerasObject) throws(FileError) -> KerasReading {
    let pointwise = Conv2D(
      filters: try object.integer("filters"), kernel: 1, bias: try object.flag("use_bias", true))
    return try KerasReading([
      ("_depthwise", try depthwise(object, bias: false)), ("", pointwise),
    ]).activated(object)
  }

  static func transposedConvolution(_ object: KerasObject) throws(FileError) -> KerasReading {
    try object.requireChannelsLast()
    let padding = try object.choice(
      "padding", Conv2DTranspose.Padding.valid, ["valid": .valid, "same": .same])
    let isPadded = object.config["output_padding"] != nil
    let layer = Conv2DTranspose(
      filters: try object.integer("filters"), kernel: try object.extent("kernel_size"),
      stride: try object.extent("strides", 1), padding: padding,
      outputPadding: isPadded ? try object.extent("output_padding") : nil,
      dilation: try object.extent("dilation_rate", 1), bias: try object.flag("use_bias", true))
    return try KerasReading(layer).activated(object)
  }
}
