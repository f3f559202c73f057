import Foundation
import TestSupport

/// A text in Markdown of the repository.
struct Document: CustomStringConvertible {
  /// Its path from the top of the checkout.
  let path: String
  let text: String

  init(_ path: String) throws {
    self.path = path
    text = try String(contentsOfFile: Repository.path(path), encoding: .utf8)
  }

  var description: String { path }

  static let catalogue = "Sources/MiniCNN/MiniCNN.docc"

  /// All of a folder, and of those in it.
  static func all(in folder: String) throws -> [Document] {
    try FileManager.default.subpathsOfDirectory(atPath: Repository.path(folder))
      .filter { $0.hasSuffix(".md") }.sorted().map { try Document("\(folder)/\($0)") }
  }

  /// All of the checkout that people read.
  static func all() throws -> [Document] {
    let files = FileManager.default
    let entries = try files.contentsOfDirectory(atPath: Repository.path("")).sorted()
    // Builds and virtual environments are in hidden folders.
    let folders = try entries.filter { name in
      var isFolder: ObjCBool = false
      return files.fileExists(atPath: Repository.path(name), isDirectory: &isFolder)
        && isFolder.boolValue && (!name.hasPrefix(".") || name == ".github")
    }.flatMap(all)
    return try entries.filter { $0.hasSuffix(".md") }.map(Document.init) + folders
  }

  /// The fenced blocks of a language.
  func blocks(_ language: String) -> [String] {
    text.components(separatedBy: "```\(language)\n").dropFirst().map {
      $0.components(separatedBy: "```")[0]
    }
  }

  /// The text without its fenced blocks.
  var prose: String {
    text.components(separatedBy: "```").enumerated().filter { $0.offset.isMultiple(of: 2) }
      .map(\.element).joined()
  }

  /// What a link's `#` may be followed by: its headings as web sites of repositories spell them.
  var anchors: Set<String> {
    var found: Set<String> = []
    for line in prose.split(separator: "\n") where line.hasPrefix("#") {
      let title = line.drop { $0 == "#" }.dropFirst().lowercased()
      let slug = title.filter { $0.isLetter || $0.isNumber || " -_".contains($0) }
        .replacing(" ", with: "-")
      var anchor = slug
      for number in 1... {
        guard found.contains(anchor) else { break }
        anchor = "\(slug)-\(number)"
      }
      found.insert(anchor)
    }
    return found
  }

  /// The targets of its links and pictures that lead to no other site.
  var links: [String] {
    let text = prose.replacing(/`[^`\n]*`/, with: "")
    return
      (text.matches(of: /\]\(([^)\s]+)\)/).map { String($0.1) }
      + text.matches(of: /(?:src|srcset|href)="([^"]+)"/).map { String($0.1) })
      .filter { !$0.contains("://") && !$0.hasPrefix("mailto:") }
  }
}
