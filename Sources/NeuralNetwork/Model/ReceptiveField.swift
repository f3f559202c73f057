/// The part of the network's input that one position of an activation depends on.
///
/// Araujo, Norris and Sim 2019, "Computing receptive fields of convolutional neural networks".
public struct ReceptiveField: Sendable, Equatable {
  /// Its height and width in pixels of the input. Near the edges a part of it lies in the padding, so that
  /// it may be larger than the image.
  public var size: Extent2D { Extent2D(Self.whole(height), Self.whole(width)) }
  /// How many rows of the input lie between two neighbouring positions: the product of the strides; below 1
  /// behind layers that magnify.
  public private(set) var verticalJump = 1.0
  /// How many columns of the input lie between two neighbouring positions.
  public private(set) var horizontalJump = 1.0

  private var height = 1.0
  private var width = 1.0

  /// The field of the input itself: one pixel.
  init() {}

  private static func whole(_ value: Double) -> Int { Int(min(value.rounded(.up), 0x1p31)) }

  /// What a position of a layer's output depends on; `nil` for everything.
  func through(_ reach: Reach) -> ReceptiveField? {
    var field = self
    switch reach {
    case .position: break
    case .window(let extent, let stride):
      field.widen(extent)
      field.verticalJump *= Double(stride.height)
      field.horizontalJump *= Double(stride.width)
    case .magnified(let extent, let factor):
      field.widen(extent)
      field.verticalJump /= Double(factor.height)
      field.horizontalJump /= Double(factor.width)
    case .everything: return nil
    }
    return field
  }

  /// The larger of two along each axis, where a block joins what they see.
  func joined(with other: ReceptiveField) -> ReceptiveField {
    var field = self
    field.height = max(height, other.height)
    field.width = max(width, other.width)
    field.verticalJump = max(verticalJump, other.verticalJump)
    field.horizontalJump = max(horizontalJump, other.horizontalJump)
    return field
  }

  private mutating func widen(_ extent: Extent2D) {
    height += Double(extent.height - 1) * verticalJump
    width += Double(extent.width - 1) * horizontalJump
  }
}

extension Network {
  /// The receptive field of each node's output; `nil` where it depends on the whole input. What
  /// normalizations compute of all positions together does not count. Where a block joins activations, it is
  /// the largest of theirs.
  public var receptiveFields: [ReceptiveField?] {
    var fields: [ReceptiveField?] = [ReceptiveField()]
    for node in nodes {
      let reach = node.layer?.reach ?? .position
      let inputs = node.inputs.map { fields[$0]?.through(reach) }
      var field = inputs[0]
      for other in inputs.dropFirst() {
        field = field.flatMap { one in other.map { one.joined(with: $0) } }
      }
      fields.append(field)
    }
    return Array(fields.dropFirst())
  }
}
