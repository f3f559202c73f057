import ImageData

extension DataReport {
  mutating func checkIdentity(_ images: ImageSet, _ split: DataSplit) {
    guard let known = KnownSet.all.first(where: { $0.sha256 == images.sha256 }) else { return }
    if known.split == split {
      add(.note, .identity, split, "\(known.name), unchanged")
    } else {
      add(
        .wrong, .identity, split,
        "the \(split) files hold \(known.name); are the files swapped?")
    }
  }

  mutating func checkSizes(_ parts: [DataCheck.Part]) {
    guard let first = parts.first else { return }
    func size(_ images: ImageSet) -> String {
      "\(images.height)×\(images.width)×\(images.channels)"
    }
    for part in parts.dropFirst() where size(part.images) != size(first.images) {
      add(
        .wrong, .counts, part.split,
        "images of \(size(part.images)), where the \(first.split) images have"
          + " \(size(first.images))")
    }
    if let train = parts.first(where: { $0.split == .train }) {
      for part in parts where part.split != .train && part.images.count > train.images.count {
        add(
          .warning, .counts, part.split,
          "\(Self.count(part.images.count)), more than the \(train.images.count) to train on;"
            + " are the files swapped?")
      }
    }
  }

  mutating func checkLabels(_ parts: [DataCheck.Part], _ names: ClassNames?) {
    for part in parts {
      guard let labels = part.images.labels else { continue }
      guard let names, let bad = labels.firstIndex(where: { Int($0) >= names.count }) else {
        continue
      }
      let count = labels.count { Int($0) >= names.count }
      add(
        .wrong, .labels, part.split,
        "label \(bad), counted from 0, is \(labels[bad]), where classes.txt names"
          + " \(names.count == 1 ? "1 class" : "\(names.count) classes")",
        images: count)
    }
  }

  mutating func checkBalance(
    _ parts: [DataCheck.Part], _ classes: [DataCheck.ClassCount], areNamed: Bool
  ) {
    // Where classes have names, the first of them may just have no images.
    let lowest =
      areNamed ? 0 : classes.firstIndex { $0.counts.contains { $0 > 0 } } ?? 0
    if lowest > 0 {
      add(
        .warning, .labels, nil,
        "\(ImportWarning.noClassZero(lowest: lowest)); an import with labels from \(lowest) mends it"
      )
    }
    for (index, part) in parts.enumerated() where part.images.labels != nil {
      let counts = classes.map { $0.counts[index] }
      let rest = counts.dropFirst(lowest)
      let empty = rest.indices.filter { counts[$0] == 0 }
      if !empty.isEmpty {
        let names = empty.prefix(5).map { classes[$0].name }.joined(separator: ", ")
        add(
          .warning, .balance, part.split,
          "no image of \(names)\(empty.count > 5 ? " and \(empty.count - 5) more" : "")")
      }
      if let least = rest.filter({ $0 > 0 }).min(), let most = rest.max(), most >= 10 * least {
        add(
          .warning, .balance, part.split,
          "the largest class has \(most) images, the smallest \(least)")
      }
    }
    guard let train = parts.firstIndex(where: { $0.split == .train }) else { return }
    for (index, part) in parts.enumerated() where index != train {
      let unseen = classes.filter { $0.counts[index] > 0 && $0.counts[train] == 0 }
      guard let one = unseen.first else { continue }
      let images = unseen.reduce(0) { $0 + $1.counts[index] }
      add(
        .wrong, .balance, part.split,
        "\(Self.count(images)) of classes that no training image has, such as \(one.name)",
        images: images)
    }
  }
}
