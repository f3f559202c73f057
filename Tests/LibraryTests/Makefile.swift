import Foundation
import TestSupport

/// What a makefile of this repository names.
struct Makefile {
  let targets: Set<String>
  /// Those that are declared to be no files, as often as they are.
  let phony: [String]
  /// The variables that whoever calls it may set.
  let variables: Set<String>
  /// The tests that it has run or left out, by their suite or target.
  let tests: Set<String>

  /// The one in a folder named from the top, which is that of the folder "".
  init(in folder: String) throws {
    let path = Repository.path(folder.isEmpty ? "Makefile" : "\(folder)/Makefile")
    let text = try String(contentsOfFile: path, encoding: .utf8)
    targets = Set(
      text.matches(of: /(?m)^(?<name>[a-z][a-z0-9-]*):(?!=)/).map { String($0.name) })
    phony = text.matches(of: /(?m)^\.PHONY:(?<names>.*)$/).flatMap {
      $0.names.split(separator: " ").map(String.init)
    }
    tests = Set(text.matches(of: /\b[A-Z]\w+Tests\b/).map { String($0.output) })
    variables = Set(text.matches(of: /(?m)^(?<name>[A-Z0-9_]+) \??=/).map { String($0.name) })
  }
}
