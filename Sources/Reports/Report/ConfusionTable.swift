import Files
import ImageData
import Training

/// Which class was taken for which; a cell of mistakes opens them.
struct ConfusionTable {
  let evaluation: Evaluation
  let names: [String]
  let mistakes: [Mistake]
  /// The images, where the samples are such.
  let images: ImageSet?

  /// A matrix of more classes would be wider than a page and heavier than a report.
  private static let mostClasses = 36
  /// The most images that a cell shows, and the bytes of all of them together.
  private static let mostPerCell = 24
  private static let mostBytes = 1_400_000

  /// The mistakes of each pair of classes, the worst first, as far as they are shown.
  private let groups: [Pair: [Mistake]]

  private struct Pair: Hashable {
    let own: Int
    let taken: Int
  }

  init(evaluation: Evaluation, names: [String], mistakes: [Mistake], images: ImageSet?) {
    (self.evaluation, self.names) = (evaluation, names)
    (self.mistakes, self.images) = (mistakes, images)
    let all = Dictionary(grouping: mistakes) { Pair(own: $0.own, taken: $0.taken) }
    // A network that has learnt nothing makes more than a page can show: each cell then has fewer.
    let most = Self.mostBytes / max(Self.bytesOfOne(mistakes, images), 1) / max(all.count, 1)
    groups = all.mapValues { Array($0.worstFirst.prefix(min(Self.mostPerCell, most))) }
  }

  /// What a mistake takes in the page, the mean of some.
  private static func bytesOfOne(_ mistakes: [Mistake], _ images: ImageSet?) -> Int {
    let some = stride(from: 0, to: mistakes.count, by: max(1, mistakes.count / 20)).map {
      mistakes[$0]
    }
    guard !some.isEmpty, let figures = try? MistakeFigures.all(some, images: images) else {
      return 0
    }
    return figures.source.utf8.count / some.count
  }

  func markup() throws(FileError) -> Markup {
    guard names.count <= Self.mostClasses else { return try pairs() }
    var rows: [Markup] = []
    for (own, counts) in evaluation.confusion.enumerated() {
      var cells: [Markup] = []
      for (predicted, count) in counts.enumerated() {
        cells.append(cell(own, predicted, count))
      }
      rows.append(
        tag("tr") {
          tag("th", ["scope": "row"]) { names[own] }
          Markup.all(cells)
        })
    }
    let matrix = tag("div", ["class": "wide"]) {
      tag("table", ["class": "confusion"]) {
        tag("caption") { "rows: what it is, columns: what it was taken for" }
        tag("thead") {
          tag("tr") {
            tag("td")
            for name in names { tag("th", ["scope": "col"]) { name } }
          }
        }
        tag("tbody") { Markup.all(rows) }
      }
    }
    return .all([matrix] + (try popovers()))
  }

  private func id(_ own: Int, _ predicted: Int) -> String { "taken-\(own)-\(predicted)" }

  private func cell(_ own: Int, _ predicted: Int, _ count: Int) -> Markup {
    guard count > 0 else { return tag("td", ["class": "none"]) { "·" } }
    guard own != predicted else { return tag("td", ["class": "right"]) { Format.grouped(count) } }
    let support = evaluation.confusion[own].reduce(0, +)
    // The share of a class that is lost here, from pale to full at a tenth.
    let share = min(1, Double(count) / Double(max(support, 1)) * 10)
    let style = "--share: \(Format.short(20 + 80 * share, 0))%"
    guard images != nil else {
      return tag("td", ["class": "wrong", "style": style]) { Format.grouped(count) }
    }
    return tag("td", ["class": "wrong", "style": style]) {
      tag(
        "button",
        [
          "type": "button", "popovertarget": id(own, predicted),
          "title": "\(names[own]) taken for \(names[predicted])",
        ]
      ) { Format.grouped(count) }
    }
  }

  private func popovers() throws(FileError) -> [Markup] {
    guard images != nil else { return [] }
    var result: [Markup] = []
    for (own, counts) in evaluation.confusion.enumerated() {
      for (predicted, count) in counts.enumerated() where own != predicted && count > 0 {
        let shown = groups[Pair(own: own, taken: predicted)] ?? []
        let figures = try MistakeFigures.all(shown, images: images)
        result.append(
          tag("div", ["popover": "", "id": id(own, predicted), "class": "popover"]) {
            tag("h3") { "\(names[own]) taken for \(names[predicted])" }
            tag("p", ["class": "note"]) {
              count > shown.count
                ? "The \(shown.count) worst of \(Format.grouped(count)): a page has no room for all."
                : Format.count(count, "image") + "."
            }
            figures
          })
      }
    }
    return result
  }

  /// The commonest mistakes, where there are too many classes for a matrix.
  private func pairs() throws(FileError) -> Markup {
    var all: [(own: Int, predicted: Int, count: Int)] = []
    for (own, counts) in evaluation.confusion.enumerated() {
      for (predicted, count) in counts.enumerated() where own != predicted && count > 0 {
        all.append((own, predicted, count))
      }
    }
    all.sort { ($1.count, $0.own, $0.predicted) < ($0.count, $1.own, $1.predicted) }
    let rows = all.prefix(40).map { pair in
      tag("tr") {
        tag("td") { names[pair.own] }
        tag("td") { names[pair.predicted] }
        tag("td", ["class": "number"]) { Format.grouped(pair.count) }
      }
    }
    return tag("table") {
      tag("caption") { "the commonest mistakes" }
      tag("thead") {
        tag("tr") {
          for name in ["what it is", "what it was taken for", "images"] {
            tag("th", ["scope": "col"]) { name }
          }
        }
      }
      tag("tbody") { Markup.all(rows) }
    }
  }
}

extension Sequence<Mistake> {
  /// Those first in which the network was surest of what is wrong; of equal ones the first image. What is no
  /// number is not sure.
  var worstFirst: [Mistake] {
    func excess(_ mistake: Mistake) -> Float {
      let excess = mistake.confidence - mistake.classConfidence
      return excess.isFinite ? excess : 0
    }
    return sorted { (excess($1), $0.index) < (excess($0), $1.index) }
  }
}

/// Mistakes with what was said.
enum MistakeFigures {
  static func all(_ mistakes: [Mistake], images: ImageSet?) throws(FileError) -> Markup {
    guard let images else { return .none }
    var figures: [Markup] = []
    for mistake in mistakes {
      let picture = try InlinePicture.element(
        InlinePicture.image(images, mistake.index),
        alternative: "image \(mistake.index): \(mistake.class)", classes: "sample")
      figures.append(
        tag("figure") {
          picture
          tag("figcaption") {
            tag("span", ["class": "said"]) {
              "\(mistake.predicted) \(Format.short(100 * Double(mistake.confidence), 0)) %"
            }
            tag("br")
            "is \(mistake.class), \(Format.short(100 * Double(mistake.classConfidence), 0)) %"
            tag("br")
            tag("span", ["class": "place"]) { "image \(mistake.index)" }
          }
        })
    }
    return tag("div", ["class": "figures"]) { Markup.all(figures) }
  }
}
