/// The names of groups in a `.weights.h5` file: the class, and how many of it come before in the model.
struct KerasGroups {
  private let outer: String
  private var uses: [String: Int] = [:]

  init(below outer: String) { self.outer = outer }

  /// The group of the next layer, whose class is this one.
  mutating func next(_ className: String) -> String {
    let name = Self.snakeCase(className)
    let use = uses[name, default: 0]
    uses[name] = use + 1
    return "\(outer)/layers/" + (use == 0 ? name : "\(name)_\(use)")
  }

  /// `max_pooling2d` for `MaxPooling2D`, `p_re_lu` for `PReLU`: as Keras does it.
  private static func snakeCase(_ name: String) -> String {
    let letters = Array(name.utf8)
    func isUpper(_ index: Int) -> Bool {
      letters.indices.contains(index)
        && (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(letters[index])
    }
    func isLower(_ index: Int) -> Bool {
      letters.indices.contains(index)
        && (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(letters[index])
    }
    var result: [UInt8] = []
    for (index, letter) in letters.enumerated() {
      if index > 0, isUpper(index), isLower(index + 1) || isLower(index - 1) {
        result.append(UInt8(ascii: "_"))
      }
      result.append(isUpper(index) ? letter | 0x20 : letter)
    }
    return String(decoding: result, as: UTF8.self)
  }
}
