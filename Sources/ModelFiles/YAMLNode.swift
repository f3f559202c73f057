import Files
import Yams

/// A node of a YAML file; Yams's own name is also that of a network's node.
package typealias YAMLNode = Yams.Node

extension YAMLNode {
  /// Parses a text; `nil` where it is empty.
  package static func parse(_ text: String, file: String) throws(FileError) -> YAMLNode? {
    do {
      return try Yams.compose(yaml: text)
    } catch let error as YamlError {
      throw error.fileError(file)
    } catch {
      throw FileError(.invalid, file: file, expected: "YAML", found: "\(error)")
    }
  }
}

extension YamlError {
  fileprivate func fileError(_ file: String) -> FileError {
    func at(_ mark: Mark, _ problem: String) -> FileError {
      FileError(
        .invalid, file: file, place: "line \(mark.line), column \(mark.column)", found: problem)
    }
    switch self {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      return at(mark, problem)
    case .duplicatedKeysInMapping(let keys, let context):
      let names = keys.joined(separator: ", ")
      return at(context.mark, "the key \"\(names)\" appears twice")
    default: return FileError(.invalid, file: file, expected: "YAML", found: "\(self)".firstLine)
    }
  }
}

extension String {
  fileprivate var firstLine: String { split(separator: "\n").first.map(String.init) ?? self }
}
