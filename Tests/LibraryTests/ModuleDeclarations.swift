/// What the compiler says of a module, as far as it is needed here.
struct SymbolGraph: Decodable {
  struct Symbol: Decodable {
    struct Kind: Decodable { let identifier: String }
    struct Identifier: Decodable { let precise: String }
    struct Fragment: Decodable { let spelling: String }

    let kind: Kind
    let identifier: Identifier
    let pathComponents: [String]
    let declarationFragments: [Fragment]
  }

  struct Relationship: Decodable {
    let kind: String
    let source: String
    let target: String
    let targetFallback: String?
  }

  let symbols: [Symbol]
  let relationships: [Relationship]
}

/// The declarations of a module, its own types and what it adds to those of others.
struct ModuleDeclarations {
  private var symbols: [SymbolGraph.Symbol] = []
  /// The names of all symbols of the module.
  private var names: [String: String] = [:]
  /// What a type inherits and conforms to.
  private var parents: [String: Set<String>] = [:]

  /// What every type conforms to unless it says otherwise.
  private static let unsaid: Set<String> = [
    "Copyable", "Escapable", "SendableMetatype", "BitwiseCopyable",
  ]

  mutating func add(_ graph: SymbolGraph) {
    symbols += graph.symbols
    for symbol in graph.symbols {
      names[symbol.identifier.precise] = symbol.pathComponents.joined(separator: ".")
    }
    for relation in graph.relationships
    where ["conformsTo", "inheritsFrom"].contains(relation.kind) {
      guard
        let parent = names[relation.target]
          ?? relation.targetFallback?.split(separator: ".").last.map(String.init)
      else { continue }
      if !Self.unsaid.contains(parent) { parents[relation.source, default: []].insert(parent) }
    }
  }

  /// The text, with a heading for each type that is no other type's.
  func text(only name: String?) -> String {
    let groups = Dictionary(grouping: symbols) { symbol in
      symbol.pathComponents.count > 1 || Self.isType(symbol)
        ? symbol.pathComponents[0] : "Functions and values"
    }
    return groups.sorted { $0.key < $1.key }.map { heading, symbols in
      guard name == nil || name == heading else { return "" }
      return
        "\n### \(heading)\n```text\n\(lines(of: symbols, below: []).joined(separator: "\n"))\n```\n"
    }.joined()
  }

  private static func isType(_ symbol: SymbolGraph.Symbol) -> Bool {
    ["struct", "class", "enum", "protocol", "actor"].contains {
      symbol.kind.identifier == "swift.\($0)"
    }
  }

  /// The lines of what has this path, its types behind the rest, each with what is in it.
  private func lines(of symbols: [SymbolGraph.Symbol], below path: [String]) -> [String] {
    let depth = path.count
    let here = symbols.filter { $0.pathComponents.count == depth + 1 }
    let inner = Dictionary(grouping: symbols.filter { $0.pathComponents.count > depth + 1 }) {
      $0.pathComponents[depth]
    }
    let types = Dictionary(
      here.filter(Self.isType).map { ($0.pathComponents[depth], $0) },
      uniquingKeysWith: { first, _ in first })
    let indent = String(repeating: "  ", count: depth)
    let plain = here.filter { !Self.isType($0) }.map { (Self.rank($0), declaration($0)) }
    var lines = plain.sorted { $0 < $1 }.map { indent + $0.1 }
    for name in Set(types.keys).union(inner.keys).sorted() {
      lines.append(indent + (types[name].map(declaration) ?? "extension \(name)"))
      lines += self.lines(of: inner[name] ?? [], below: path + [name])
    }
    return lines
  }

  /// Cases, then how to make one, then what it has, then what it does, then what the type has and does.
  private static func rank(_ symbol: SymbolGraph.Symbol) -> Int {
    let order = [
      "associatedtype", "typealias", "enum.case", "init", "property", "subscript", "method",
      "func.op",
      "type.property", "type.method",
    ]
    return order.firstIndex { symbol.kind.identifier == "swift.\($0)" } ?? order.count
  }

  private func declaration(_ symbol: SymbolGraph.Symbol) -> String {
    let text = symbol.declarationFragments.map(\.spelling).joined()
      .split(whereSeparator: \.isWhitespace).joined(separator: " ").replacing(" : ", with: ": ")
    guard let parents = parents[symbol.identifier.precise], Self.isType(symbol) else { return text }
    // A protocol says itself what it refines, and a generic type has its conditions behind.
    if symbol.kind.identifier == "swift.protocol" || text.contains(" where ") { return text }
    let name = text.split(separator: ": ")[0]
    return "\(name): \(parents.sorted().joined(separator: ", "))"
  }
}
