import Files
import Training

extension Augmentation {
  /// Reads the value of `augmentation`: a text as on the command line, or a mapping of the same
  /// keys.
  init(_ node: YAMLNode, file: String) throws(FileError) {
    self.init()
    guard node.mapping != nil else {
      guard let text = node.scalar?.string else {
        throw FileError.yaml(
          file, node, expected: "augmentation: a mapping of \(Self.keys.joined(separator: ", "))",
          found: node.summary)
      }
      do throws(SettingError) {
        try self.init(text)
      } catch {
        throw FileError.yaml(
          file, node, expected: "\(error.setting): \(error.expected)",
          found: error.found.debugDescription)
      }
      return
    }
    let f = try YAMLFields(node, file: file, owner: "augmentation", allowed: Self.keys)
    for key in Self.keys {
      guard let place = f.node(key), let value = try f.text(key) else { continue }
      do throws(SettingError) {
        try set(key, to: value)
      } catch {
        throw FileError.yaml(
          file, place, expected: "\(key): \(error.expected)", found: place.summary)
      }
    }
    // All together, as the whole pixels of a shift are a matter of what stands beside it.
    do throws(SettingError) {
      try check()
    } catch {
      let key = String(error.setting.dropFirst("augmentation.".count))
      let place = f.node(key) ?? node
      throw FileError.yaml(
        file, place, expected: "\(key): \(error.expected)", found: place.summary)
    }
  }
}
