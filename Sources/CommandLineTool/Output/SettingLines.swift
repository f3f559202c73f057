import MiniCNN

extension SettingDescription {
  /// The setting with its values and its default, and below it what it is.
  func lines(columns: Int, indent: Int = 0) -> [String] {
    let owners = owners.isEmpty ? "" : " (for \(owners.joined(separator: ", ")))"
    let standard = isRequired ? "required" : "default \(shortStandard)"
    let head = Format.wrapped("\(key): \(values), \(standard)\(owners)", to: columns - indent)
    let text = Format.wrapped(help, to: columns - indent - 4).map { "    \($0)" }
    return (head + text).map { String(repeating: " ", count: indent) + $0 }
  }
}
