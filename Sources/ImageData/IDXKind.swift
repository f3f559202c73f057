/// What an IDX file is expected to hold.
enum IDXKind {
  case images
  case labels

  /// What messages call one dimension.
  func dimensionName(_ index: Int) -> String {
    switch (self, index) {
    case (.images, 0): "number of images"
    case (.images, 1): "height"
    case (.images, 2): "width"
    case (.images, _): "channels"
    case (.labels, 0): "number of labels"
    case (.labels, _): "shape of a target"
    }
  }

  /// What messages call the bytes after the header.
  var contentName: String {
    switch self {
    case .images: "pixels"
    case .labels: "labels"
    }
  }

  /// The magic number that messages ask for; images may have ``IDXMagic/images4D`` too.
  var magic: IDXMagic {
    switch self {
    case .images: .images3D
    case .labels: .labels
    }
  }

  /// Whether a file with this magic number can hold it: images of any element, labels of bytes, or
  /// targets of floats.
  func accepts(_ magic: IDXMagic) -> Bool {
    switch self {
    case .images: magic.element != nil && (3...4).contains(magic.rank)
    case .labels: magic == .labels || (magic.element == .float && (1...4).contains(magic.rank))
    }
  }
}
