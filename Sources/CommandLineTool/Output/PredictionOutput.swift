import MiniCNN

/// What `--json` prints of a prediction.
struct PredictionOutput: Encodable {
  let index: Int?
  let `class`: String?
  let probability: Double?
  let probabilities: [Double]?
  let outputs: [Double]?

  /// - Parameters:
  ///   - index: the number of the image, where it is one of a file of many.
  ///   - names: the names of the classes; none where the model was trained on numbers.
  init(_ prediction: Classifier.Prediction, index: Int? = nil, names: [String]) {
    self.index = index
    let values = prediction.values.map(Double.init)
    let isProbable = prediction.kind != .values
    `class` = names.isEmpty ? nil : names[prediction.class]
    probability = isProbable ? values[prediction.class] : nil
    (probabilities, outputs) = isProbable ? (values, nil) : (nil, values)
  }

  /// What people read: the class and its probability, or the first outputs.
  var text: String {
    var parts: [String] = []
    if let `class` { parts.append(`class`.onOneLine) }
    if `class` != nil, let probability { return parts[0] + "  (\(Format.percent(probability)))" }
    let most = 10, values = outputs ?? probabilities ?? []
    let shown = values.prefix(most).map { Format.fixed($0, 4) }.joined(separator: " ")
    let name = outputs == nil ? "probabilities" : "outputs"
    parts.append("\(name) \(shown)" + (values.count > most ? " … (\(values.count))" : ""))
    return parts.joined(separator: "  ")
  }
}

/// What `--json` prints of one digit of a picture, or of a picture of one.
struct ReadingOutput: Encodable {
  struct Warning: Encodable {
    let name: String
    let text: String
  }

  let prediction: PredictionOutput?
  let prepared: PictureChanges
  let warnings: [Warning]

  init(_ reading: PictureReader.Reading, names: [String]) {
    prediction = reading.prediction.map { PredictionOutput($0, names: names) }
    prepared = reading.prepared.changes
    warnings = reading.warnings.map { Warning(name: $0.name, text: $0.description) }
  }

  private enum Key: CodingKey { case prepared, warnings }

  /// The keys of the prediction beside the others.
  func encode(to encoder: any Encoder) throws {
    try prediction?.encode(to: encoder)
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(prepared, forKey: .prepared)
    try container.encode(warnings, forKey: .warnings)
  }

  /// What people read: the class and its probability.
  var text: String { prediction?.text ?? "nothing found" }
}

/// What `--json` prints of a picture's file.
struct PictureOutput: Encodable {
  let file: String
  /// A picture of one digit.
  var reading: ReadingOutput?
  /// Where several are looked for, from left to right.
  var digits: [ReadingOutput]?
  /// Why it could not be read.
  var error: String?

  private enum Key: CodingKey { case file, digits, error }

  /// The keys of a reading beside the others.
  func encode(to encoder: any Encoder) throws {
    try reading?.encode(to: encoder)
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(file, forKey: .file)
    try container.encodeIfPresent(digits, forKey: .digits)
    try container.encodeIfPresent(error, forKey: .error)
  }
}

extension PictureChanges {
  /// What was done, for people.
  var text: String {
    switch method {
    case .unchanged: return "taken as it is: it has the size and form of the training data"
    case .scaled: return "all of it scaled, as it is"
    case .cropped: return "the middle, \(box.width) by \(box.height) pixels, scaled"
    case .fitted:
      guard let strokeWidth else { return "no ink found" }
      var text = polarity == .lightOnDark ? "light on dark" : "dark on light"
      text += ", \(box.width) by \(box.height) pixels at \(box.left), \(box.top)"
      text += ", strokes \(Format.fixed(strokeWidth, 1)) of the network's pixels wide"
      if let thickening, thickening > 0 { text += ", made thicker" }
      return text
    }
  }
}
