import NeuralNetwork

/// Whether probabilities can be believed: of the samples that a network is so sure of, the share that is
/// right.
///
/// Guo et al. 2017, "On calibration of modern neural networks".
struct Reliability {
  /// The samples whose confidence is within a tenth.
  struct Bin {
    var samples = 0
    var right = 0
    var confidence = 0.0

    var accuracy: Double { samples == 0 ? 0 : Double(right) / Double(samples) }
    var meanConfidence: Double { samples == 0 ? 0 : confidence / Double(samples) }
  }

  private(set) var bins = [Bin](repeating: Bin(), count: 10)

  /// - Parameter isRight: whether each sample was classified correctly.
  init(_ confidences: [Predictor.Confidence], isRight: [Bool]) {
    // A network whose numbers are not finite is sure of nothing.
    for (confidence, isRight) in zip(confidences, isRight) where confidence.predicted.isFinite {
      let share = min(max(Double(confidence.predicted), 0), 1)
      let bin = min(Int(share * 10), 9)
      bins[bin].samples += 1
      bins[bin].confidence += share
      if isRight { bins[bin].right += 1 }
    }
  }

  private var samples: Int { bins.reduce(0) { $0 + $1.samples } }

  /// The mean difference between confidence and accuracy, each bin by its samples.
  var expectedError: Double {
    guard samples > 0 else { return 0 }
    return bins.reduce(0) {
      $0 + Double($1.samples) / Double(samples) * abs($1.accuracy - $1.meanConfidence)
    }
  }

  /// What the diagram says, in a sentence.
  var sentence: String {
    let sure = bins[9]
    let mean = bins.reduce(0) { $0 + $1.confidence } / Double(max(samples, 1))
    let right = Double(bins.reduce(0) { $0 + $1.right }) / Double(max(samples, 1))
    let tone =
      mean > right + 0.01
      ? "it is surer than it should be"
      : mean < right - 0.01
        ? "it is less sure than it could be" : "it is about as sure as it should be"
    let certain =
      sure.samples == 0
      ? "It is never surer than 90 %."
      : "Where it is surer than 90 %, \(Format.percent(sure.accuracy)) are right"
        + " (\(Format.grouped(sure.samples)) images)."
    return certain
      + " Confidence and accuracy differ by \(Format.short(100 * expectedError, 2)) points on average: \(tone)."
  }

  /// Accuracy by confidence, as bars against the diagonal.
  var diagram: Markup {
    let (left, top, size) = (58.0, 10.0, 240.0)
    func x(_ share: Double) -> String { Format.short(left + share * size, 2) }
    func y(_ share: Double) -> String { Format.short(top + (1 - share) * size, 2) }
    return tag(
      "svg",
      [
        "class": "chart square", "viewBox": "0 0 316 300", "role": "img",
        "aria-label": "accuracy by confidence", "font-size": "11",
      ]
    ) {
      for tenth in [0, 2, 4, 6, 8, 10] {
        let share = Double(tenth) / 10
        tag(
          "line",
          [
            "x1": x(0), "x2": x(1), "y1": y(share), "y2": y(share), "style": "stroke: var(--line)",
          ])
        label("\(tenth * 10) %", x: "52", y: y(share - 0.015), anchor: "end")
        label("\(tenth * 10) %", x: x(share), y: "266", anchor: "middle")
      }
      for (number, bin) in bins.enumerated() where bin.samples > 0 {
        let start = Double(number) / 10
        tag(
          "rect",
          [
            "x": x(start + 0.006), "y": y(bin.accuracy), "width": Format.short(size * 0.088, 2),
            "height": Format.short(bin.accuracy * size, 2), "style": "fill: var(--line-0)",
          ]
        ) {
          tag("title") {
            "\(number * 10) to \(number * 10 + 10) %: \(Format.grouped(bin.samples)) images,"
              + " \(Format.percent(bin.accuracy)) right"
          }
        }
      }
      tag(
        "line",
        [
          "x1": x(0), "y1": y(0), "x2": x(1), "y2": y(1),
          "style": "stroke: var(--line-1); stroke-width: 1.5; stroke-dasharray: 4 3",
        ])
      label("how sure it is", x: x(0.5), y: "288", anchor: "middle")
      tag("g", ["transform": "translate(8 130) rotate(-90)"]) {
        label("how often it is right", x: "0", y: "4", anchor: "middle")
      }
    }
  }

  private func label(_ text: String, x: String, y: String, anchor: String) -> Markup {
    tag("text", ["x": x, "y": y, "text-anchor": anchor, "style": "fill: var(--soft)"]) { text }
  }
}
