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
        let places = try spec.builder().stated.filter { pattern.matches($0.name) }
        guard !places.isEmpty else {
          throw ModelError(
            "no layer is called \"\(pattern)\"",
            hint: "the model has \(try spec.layerNames().joined(separator: ", "))")
        }
        for (name, place) in places {
          guard spec.layers.setTrainable(isTrained, at: place.path[...], own: place.isOwn) else {
            throw ModelError(
              "\(name) is a part of its block, which cannot freeze it alone",
              hint: "give the block a name, and freeze that")
          }
        }
      }
    }
    let builder = try spec.builder()
    for pattern in trained {
      for node in builder.nodes where pattern.matches(node.name) && !node.isTrained {
        throw ModelError(
          "\(node.name) is inside a block that is frozen", hint: "unfreeze the block by its name")
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
}

extension [any LayerSpec] {
  /// Sets it for the layer at a path, or for those that the block there adds of its own; returns whether the
  /// block has a setting for that.
  fileprivate mutating func setTrainable(
    _ isTrained: Bool, at path: ArraySlice<Int>, own: Bool
  ) -> Bool {
    guard let first = path.first,
      let changed = self[first].settingTrainable(isTrained, at: path.dropFirst(), own: own)
    else { return false }
    self[first] = changed
    return true
  }
}

extension LayerSpec {
  fileprivate func settingTrainable(_ isTrained: Bool, at path: ArraySlice<Int>, own: Bool) -> Self?
  {
    var copy = self
    guard let list = path.first else {
      guard own else {
        copy.common.trainable = isTrained
        return copy
      }
      return (self as? any BlockSpec)?.settingOwnTrainable(isTrained) as? Self
    }
    // The number of a list counts those of all settings.
    var before = 0
    for lists in Self.settings.compactMap(\.layers) {
      var branches = lists.get(copy)
      if branches.indices.contains(list - before) {
        guard branches[list - before].setTrainable(isTrained, at: path.dropFirst(), own: own) else {
          return nil
        }
        lists.set(branches, &copy)
        return copy
      }
      before += branches.count
    }
    return copy
  }
}

extension BlockSpec {
  fileprivate func settingOwnTrainable(_ isTrained: Bool) -> Self? {
    guard let path = Self.trainsOwnLayers else { return nil }
    var copy = self
    copy[keyPath: path] = isTrained
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
