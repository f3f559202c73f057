extension ModelSpec {
  /// The same model with some of its layers frozen, and then some trained.
  ///
  /// A pattern is a layer's name, or a block's that has one, as a summary shows it; `*` stands for any
  /// letters, so `conv2d*` is every convolution without a name of its own.
  ///
  /// - Throws: a ``ModelError`` for a pattern that no layer has, and where a layer that is to be trained is
  ///   inside a block that stays frozen.
  public func freezing(
    _ frozen: [String], unfreezing trained: [String] = []
  ) throws(ModelError) -> ModelSpec {
    var spec = self
    for (patterns, isTrained) in [(frozen, false), (trained, true)] {
      for pattern in patterns {
        let paths = try spec.paths(of: pattern)
        guard !paths.isEmpty else {
          throw ModelError(
            "no layer is called \"\(pattern)\"",
            hint: "the model has \(try spec.layerNames().joined(separator: ", "))")
        }
        for path in paths { spec.layers.setTrainable(isTrained, at: path[...]) }
      }
    }
    let builder = try spec.builder()
    for pattern in trained {
      for node in builder.nodes where pattern.matches(node.name) && !node.isTrained {
        let path = builder.stated.first { $0.name == node.name }?.path ?? []
        let unnamed = spec.layers.frozenBlocks(around: path[...]).first { $0.name == nil }
        throw ModelError(
          "\(node.name) is inside a block that is frozen",
          hint: unnamed.map {
            "name the \($0.kind) block to unfreeze it by its name, or remove its trainable: false"
          } ?? "unfreeze the block by its name")
      }
    }
    return spec
  }

  private func builder() throws(ModelError) -> GraphBuilder {
    var builder = GraphBuilder(input: input)
    try builder.append(contentsOf: layers)
    return builder
  }

  private func layerNames() throws(ModelError) -> [String] {
    try builder().stated.map(\.name)
  }

  /// Where the layers and blocks of a name are in the lists of layers.
  private func paths(of pattern: String) throws(ModelError) -> [[Int]] {
    try builder().stated.filter { pattern.matches($0.name) }.map(\.path)
  }
}

extension [any LayerSpec] {
  /// A path has the number of a layer in its list and, inside a block, of a list and a layer in turn.
  fileprivate mutating func setTrainable(_ isTrained: Bool, at path: ArraySlice<Int>) {
    guard let first = path.first else { return }
    self[first] = self[first].settingTrainable(isTrained, at: path.dropFirst())
  }

  /// The frozen blocks around the layer that a path leads to, the outermost first.
  fileprivate func frozenBlocks(around path: ArraySlice<Int>) -> [any LayerSpec] {
    guard let first = path.first, path.count > 1 else { return [] }
    return (self[first].common.trainable ? [] : [self[first]])
      + self[first].frozenBlocks(inside: path.dropFirst())
  }
}

extension LayerSpec {
  fileprivate func frozenBlocks(inside path: ArraySlice<Int>) -> [any LayerSpec] {
    // The number of a list counts those of all settings.
    let lists = Self.settings.compactMap(\.layers).flatMap { $0.get(self) }
    guard let list = path.first, lists.indices.contains(list) else { return [] }
    return lists[list].frozenBlocks(around: path.dropFirst())
  }

  fileprivate func settingTrainable(_ isTrained: Bool, at path: ArraySlice<Int>) -> Self {
    var copy = self
    guard let list = path.first else {
      copy.common.trainable = isTrained
      return copy
    }
    // The number of a list counts those of all settings.
    var before = 0
    for lists in Self.settings.compactMap(\.layers) {
      var branches = lists.get(copy)
      if branches.indices.contains(list - before) {
        branches[list - before].setTrainable(isTrained, at: path.dropFirst())
        lists.set(branches, &copy)
        return copy
      }
      before += branches.count
    }
    return copy
  }
}

extension String {
  /// Whether a text is this one, in which `*` stands for any letters.
  fileprivate func matches(_ text: String) -> Bool {
    var parts = split(separator: "*", omittingEmptySubsequences: false)
    guard parts.count > 1 else { return self == text }
    let (first, last) = (parts.removeFirst(), parts.removeLast())
    guard text.hasPrefix(first), text.hasSuffix(last), text.count >= first.count + last.count else {
      return false
    }
    var rest = text.dropFirst(first.count).dropLast(last.count)
    for part in parts where !part.isEmpty {
      guard let range = rest.firstRange(of: part) else { return false }
      rest = rest[range.upperBound...]
    }
    return true
  }
}
