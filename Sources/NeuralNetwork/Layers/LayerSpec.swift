/// A layer as a model states it, before any shape is known.
///
/// What can be set stands in one table beside the properties (``Configurable/settings``). Model files,
/// checkpoints, `minicnn help layers`, the documents and the tests follow from it once the type is in the
/// ``LayerRegistry``.
public protocol LayerSpec: Configurable, Equatable {
  /// Keras's name for the class, in snake case: the groups of a Keras file are named after it.
  static var kerasClass: String { get }
  /// What the layer computes, in a line.
  static var help: String { get }
  /// What can be set of every layer: its name, whether it is trained.
  var common: LayerCommon { get set }

  /// Makes the layer for an input shape, or says why it does not fit. The settings are in their
  /// ranges.
  func build(input: Shape) throws(ModelError) -> any Layer
  /// Appends the layer to `graph`; a block of several layers appends them all.
  func add(to graph: inout GraphBuilder) throws(ModelError)
}

extension LayerSpec {
  /// The kind, by default.
  public static var kerasClass: String { kind }
  /// No settings by default.
  public static var settings: [Setting<Self>] { [] }

  /// Appends the one layer that ``build(input:)`` makes to `graph`.
  public func add(to graph: inout GraphBuilder) throws(ModelError) {
    try graph.append(self)
  }

  /// The name the model gives this layer; `nil` for one made from the kind.
  public var name: String? {
    get { common.name }
    set { common.name = newValue }
  }

  /// The same layer under a name of your own.
  public func named(_ name: String) -> Self {
    var copy = self
    copy.common.name = name
    return copy
  }

  /// Throws for the first setting that is out of its range.
  func check() throws(ModelError) {
    do throws(SettingError) {
      try checkRanges()
    } catch {
      throw ModelError(
        "\(error.setting): expected \(error.expected), found \(error.found)", hint: error.hint)
    }
  }

  func isEqual(to other: any LayerSpec) -> Bool { (other as? Self) == self }
}

/// What can be set of every layer.
public struct LayerCommon: Configurable, Equatable {
  /// `layer`.
  public static let kind = "layer"
  /// A layer without a name, which is trained.
  public static let prototype = LayerCommon()
  /// What can be set.
  public static let settings: [Setting<LayerCommon>] = [
    Setting(
      "name", values: "a text of one line", default: "made from the kind",
      "what summaries, errors and files call the layer",
      read: { (text, owner) throws(SettingError) in
        guard !text.isEmpty, !text.unicodeScalars.contains(where: \.leavesLine) else {
          throw SettingError("name", expected: "a text of one line", found: text)
        }
        owner.name = text
      }, text: { $0.name ?? "" }),
    Setting("trainable", \.trainable, "whether training changes the layer's variables"),
  ]
  /// What the model calls this layer; `nil` for a name made from the kind.
  public var name: String?
  /// Whether training changes the layer's variables. A frozen layer's gradients are not even
  /// computed, and a frozen batch normalization uses its running statistics.
  public var trainable = true

  /// A layer without a name, which is trained.
  public init() {}
}

extension Unicode.Scalar {
  /// Whether it is a control character or ends a line.
  fileprivate var leavesLine: Bool {
    switch properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}
