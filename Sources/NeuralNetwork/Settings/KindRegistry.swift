import Platform
import Synchronization

/// Kinds of something that a model file and a flag can name: our own, and those that a program adds
/// before it reads such a name. Any thread may use it.
package final class KindRegistry<Kind: Sendable>: Sendable {
  private let key: String
  private let name: @Sendable (Kind) -> String
  private let isSame: @Sendable (Kind, Kind) -> Bool
  private let kinds: Mutex<[Kind]>
  /// Those it began with.
  package let own: [Kind]

  /// Begins with some kinds.
  ///
  /// - Parameters:
  ///   - key: the setting that names one, for errors.
  ///   - name: the name of a kind.
  ///   - isSame: whether two kinds of one name are the same.
  package init(
    of key: String, _ kinds: [Kind], name: @escaping @Sendable (Kind) -> String,
    isSame: @escaping @Sendable (Kind, Kind) -> Bool
  ) {
    self.key = key
    self.name = name
    self.isSame = isSame
    self.kinds = Mutex(kinds)
    own = kinds
  }

  /// Adds a kind, whose name no other may have; adding it again does nothing.
  package func register(_ kind: Kind) {
    let new = name(kind)
    kinds.withLock { kinds in
      guard let known = kinds.first(where: { name($0) == new }) else { return kinds.append(kind) }
      require(isSame(known, kind), "the kind \"\(new)\" is that of another \(key) already")
    }
  }

  /// All kinds, our own first.
  package var all: [Kind] { kinds.withLock { $0 } }

  /// Their names.
  package var names: [String] { all.map(name) }

  /// The kind of a name; `nil` where there is none.
  package func kind(named text: String) -> Kind? { all.first { name($0) == text } }

  /// The kind that a text `kind` or `kind:key=value,key=value` names, and its pairs.
  ///
  /// - Throws: a ``SettingError`` for an unknown name.
  package func find(_ text: String) throws(SettingError) -> (kind: Kind, pairs: String) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let kind = kind(named: String(parts[0])) else {
      throw SettingError(
        key, expected: "one of \(names.joined(separator: ", "))", found: text,
        hint: names.closest(to: String(parts[0])))
    }
    return (kind, parts.count > 1 ? String(parts[1]) : "")
  }
}

extension Configurable {
  /// The kind and all settings as one text, `kind:key=value,key=value`, that a registry reads.
  package var wholeText: String {
    let pairs = pairs(isWhole: true)
    return pairs.isEmpty ? kind : "\(kind):\(pairs)"
  }
}
