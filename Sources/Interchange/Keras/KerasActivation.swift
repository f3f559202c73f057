import Files
import NeuralNetwork

/// The functions that Keras knows by name.
enum KerasActivation {
  /// The layer that computes what a setting `activation` states; `nil` for what changes nothing.
  ///
  /// It is a name or, from Keras 3 on, a layer. A function that is stated as an object is a program's own, whatever
  /// it is called.
  static func layer(
    _ owner: KerasObject, _ key: String = "activation"
  ) throws(FileError) -> (any LayerSpec)? {
    guard let stated = owner.config[key] else { return nil }
    guard let name = stated.text else {
      if stated["class_name"] == "function" {
        throw owner.error(
          key, expected: "a function of Keras's own",
          found: "the function \(stated["config"]?.summary ?? "of a program") of a program's")
      }
      let object = try KerasObject(stated, file: owner.file, in: "\(owner.place): \(key)")
      guard let specs = try KerasLayerReader.activation(object) else {
        throw owner.error(key, expected: "an activation", found: object.className)
      }
      return specs
    }
    if name == "linear" { return nil }
    guard let layer = named[name] else {
      throw owner.error(
        key, expected: "linear, \(named.keys.sorted().joined(separator: ", "))",
        found: name.debugDescription)
    }
    return layer
  }

  // The slope is that of Keras's function; its layer has another one by default.
  private static let named: [String: any LayerSpec] = [
    "relu": ReLU(), "relu6": ReLU6(), "leaky_relu": LeakyReLU(slope: 0.2), "elu": ELU(),
    "gelu": GELU(), "silu": SiLU(), "swish": SiLU(), "sigmoid": Sigmoid(), "tanh": Tanh(),
    "softmax": Softmax(),
  ]
}
