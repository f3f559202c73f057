import Reports

/// How far an epoch has come, on one line of any width.
struct EpochProgress {
  var epoch: Int
  var epochs: Int
  var batch: Int
  var batches: Int
  var imagesPerSecond: Double
  var loss: Double
  var accuracy: Double?
  var secondsLeft: Double
  /// The losses of the run so far, oldest first.
  var course: [Double] = []

  private static let widestBar = 24
  private static let widestCourse = 60
  /// The least columns of a bar or a curve that are worth drawing.
  private static let leastRoom = 6

  /// The line in at most this many columns: a bar and the course of the loss where there is room for them,
  /// and as many of the facts as fit, those that matter most first.
  func line(columns: Int) -> String {
    let place = "epoch \(epoch)/\(epochs)"
    // As they stand in the line; those of the least weight are left out first.
    var facts = [
      (weight: 3, text: "\(batch)/\(batches)"),
      (weight: 0, text: "\(Format.grouped(imagesPerSecond)) images/s"),
      (weight: 4, text: "loss \(Format.fixed(loss, 4))"),
      (weight: 1, text: accuracy.map { "accuracy \(Format.percent($0))" } ?? ""),
      (weight: 2, text: "\(Format.duration(secondsLeft)) left"),
    ].filter { !$0.text.isEmpty }
    func text() -> String { facts.map(\.text).joined(separator: "  ") }
    // The speed is worth less than a bar and a curve.
    if columns < place.count + 3 + text().count + 2 * Self.leastRoom { facts.remove(at: 1) }
    while columns < place.count + 1 + text().count,
      let least = facts.indices.min(by: { facts[$0].weight < facts[$1].weight })
    {
      facts.remove(at: least)
    }
    if facts.isEmpty { return Format.shortened(place, to: columns) }
    let room = columns - place.count - text().count - 2
    return [place, bar(room), text()].filter { !$0.isEmpty }.joined(separator: " ")
  }

  /// The bar and, behind it, the course of the loss.
  private func bar(_ room: Int) -> String {
    guard room >= Self.leastRoom else { return "" }
    let isShared = room > 2 * Self.leastRoom
    let width = min(Self.widestBar, isShared ? room / 2 : room)
    let filled = batches > 0 ? min(max(width * batch / batches, 0), width) : 0
    let bar =
      String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
    guard isShared else { return bar }
    let curve = Sparkline.text(course, width: min(room - width - 1, Self.widestCourse))
    return curve.isEmpty ? bar : "\(bar) \(curve)"
  }
}
