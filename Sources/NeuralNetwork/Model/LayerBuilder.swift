/// Lets a model state its layers one below the other, with `if` and `for` between them.
@resultBuilder
public enum LayerBuilder {
  /// One layer.
  public static func buildExpression(_ layer: any LayerSpec) -> [any LayerSpec] { [layer] }
  /// A list of layers.
  public static func buildExpression(_ layers: [any LayerSpec]) -> [any LayerSpec] { layers }
  /// All of them in order.
  public static func buildBlock(_ parts: [any LayerSpec]...) -> [any LayerSpec] {
    parts.flatMap { $0 }
  }
  /// The layers of an `if` without `else`.
  public static func buildOptional(_ part: [any LayerSpec]?) -> [any LayerSpec] { part ?? [] }
  /// The layers after `if`.
  public static func buildEither(first part: [any LayerSpec]) -> [any LayerSpec] { part }
  /// The layers after `else`.
  public static func buildEither(second part: [any LayerSpec]) -> [any LayerSpec] { part }
  /// The layers of a loop.
  public static func buildArray(_ parts: [[any LayerSpec]]) -> [any LayerSpec] {
    parts.flatMap { $0 }
  }
}
