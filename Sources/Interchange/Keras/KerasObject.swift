import Files
import NeuralNetwork

/// An object as Keras states it: a class and, under `config`, its settings.
struct KerasObject {
  /// The name of the class: `Conv2D`.
  let className: String
  /// What the model calls it.
  let name: String
  /// The settings.
  let config: JSONValue
  /// All of its members, of which the class and the settings are some.
  let members: JSONValue
  /// The file, for messages.
  let file: String
  /// Where in the file it is: `config.json: layer block/conv2d`.
  let place: String

  /// Takes an object apart.
  ///
  /// - Parameters:
  ///   - outer: where it is: `config.json`.
  ///   - isWhole: whether it is the model, and no part of one.
  init(
    _ value: JSONValue, file: String, in outer: String, isWhole: Bool = false
  ) throws(FileError) {
    let config = value["config"] ?? .object([:])
    let name = value["name"]?.text ?? config["name"]?.text ?? ""
    place = name.isEmpty || isWhole ? outer : "\(outer): layer \(name)"
    guard let className = value["class_name"]?.text else {
      throw FileError(
        .invalid, file: file, place: outer, expected: "an object with a class_name",
        found: value.summary)
    }
    (self.className, self.name, self.config, self.file) = (className, name, config, file)
    members = value
    // A class of a program's own may compute anything under any name. Keras 3 says of its own classes which module
    // they are in and that none is registered; of others that it does not know the module, or which it is.
    if let registered = value["registered_name"], registered != .null {
      let module = value["module"]?.text ?? ""
      let isRegistered = registered.text?.utf8.contains(UInt8(ascii: ">")) ?? true
      guard !isRegistered, Self.isOfKeras(module) else {
        let owner = module.isEmpty ? "a program's" : module.debugDescription
        throw error(
          expected: "a class of Keras's own",
          found: isRegistered ? registered.summary : "\(registered.summary) of \(owner)")
      }
    }
  }

  /// Whether a module of Python is a part of Keras.
  private static func isOfKeras(_ module: String) -> Bool {
    ["keras", "tf_keras"].contains { module == $0 || module.hasPrefix($0 + ".") }
  }

  /// An error at this object, or at one of its settings.
  func error(
    _ key: String? = nil, expected: String, found: String, hint: String? = nil
  ) -> FileError {
    FileError(
      .invalid, file: file, place: key.map { "\(place): \($0)" } ?? place, expected: expected,
      found: found, hint: hint)
  }

  private func value<Value>(
    _ key: String, _ standard: Value?, _ expected: String, _ read: (JSONValue) -> Value?
  ) throws(FileError) -> Value {
    guard let stated = config[key] else {
      guard let standard else { throw error(key, expected: expected, found: "nothing") }
      return standard
    }
    guard let value = read(stated) else {
      throw error(key, expected: expected, found: stated.summary)
    }
    return value
  }

  /// A whole number.
  func integer(_ key: String, _ standard: Int? = nil) throws(FileError) -> Int {
    try value(key, standard, "a whole number") { $0.integer }
  }

  /// A number, rounded to 32 bits.
  func number(_ key: String, _ standard: Float? = nil) throws(FileError) -> Float {
    try value(key, standard, "a number") { $0.number.map { Float($0) } }
  }

  /// A truth value.
  func flag(_ key: String, _ standard: Bool) throws(FileError) -> Bool {
    try value(key, standard, "true or false") { $0.boolean }
  }

  /// A height and a width, or one number for both.
  func extent(_ key: String, _ standard: Extent2D? = nil) throws(FileError) -> Extent2D {
    try value(key, standard, "a whole number or two") {
      if let side = $0.integer { return Extent2D(side, side) }
      guard let sides = $0.list?.compactMap(\.integer), sides.count == 2, $0.list?.count == 2
      else { return nil }
      return Extent2D(sides[0], sides[1])
    }
  }

  /// One of some texts.
  func choice<Choice>(
    _ key: String, _ standard: Choice, _ choices: KeyValuePairs<String, Choice>
  ) throws(FileError) -> Choice {
    try value(key, standard, choices.map(\.key).joined(separator: " or ")) { stated in
      choices.first { $0.key == stated.text }?.value
    }
  }

  /// Throws where a setting has another value than the one that is supported; where it is not stated, it has.
  func require(_ key: String, _ supported: JSONValue...) throws(FileError) {
    guard let stated = config[key] else { return }
    let isSupported = supported.contains {
      $0 == stated || ($0.number != nil && $0.number == stated.number)
    }
    guard isSupported else {
      let expected = supported.map(\.summary).joined(separator: " or ")
      throw error(key, expected: expected, found: stated.summary)
    }
  }

  /// Throws where images do not have their channels last.
  func requireChannelsLast() throws(FileError) {
    guard let stated = config["data_format"], stated != "channels_last" else { return }
    throw error(
      "data_format", expected: "\"channels_last\"", found: stated.summary,
      hint: "build the model with channels last and set its weights, which have the same shapes")
  }
}
