/// What is wrong with a file, in one line: the file, the place, what was expected, what was found.
///
/// Every reader and writer of this package throws this type for what comes from outside, so a
/// caller (such as the command-line tool) can turn the ``kind`` into an exit code and print the
/// error unchanged.
public struct FileError: Error, Equatable, Sendable {
  /// The class of a problem; the tool's exit code follows from it.
  public enum Kind: Sendable {
    /// The file or folder does not exist.
    case missing
    /// The content is not what it must be.
    case invalid
    /// The system could not read or write it.
    case inputOutput
  }

  /// The class of the problem.
  public var kind: Kind
  /// The path, as the user wrote it.
  public var file: String
  /// Where in the file: a field, a line and column, an object's name.
  public var place: String?
  /// What should have been there.
  public var expected: String?
  /// What was there instead, or what happened.
  public var found: String
  /// What the reader might try.
  public var hint: String?

  /// Makes an error; see the properties for the meaning of each part.
  public init(
    _ kind: Kind, file: String, place: String? = nil, expected: String? = nil, found: String,
    hint: String? = nil
  ) {
    self.kind = kind
    self.file = file
    self.place = place
    self.expected = expected
    self.found = found
    self.hint = hint
  }
}

extension FileError: CustomStringConvertible {
  /// One line: `file: place: expected …, found …; hint`; control characters are question marks.
  public var description: String {
    var text = file
    if let place { text += ": \(place)" }
    if let expected {
      text += ": expected \(expected), found \(found)"
    } else {
      text += ": \(found)"
    }
    if let hint { text += "; \(hint)" }
    return text.onOneLine
  }
}

extension String {
  /// The text with a question mark for each character that would leave the line or steer the
  /// terminal: messages quote files.
  package var onOneLine: String {
    guard unicodeScalars.contains(where: \.leavesLine) else { return self }
    return String(String.UnicodeScalarView(unicodeScalars.map { $0.leavesLine ? "?" : $0 }))
  }
}

extension Unicode.Scalar {
  /// Whether it is a control character or ends a line.
  package var leavesLine: Bool {
    switch properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}
