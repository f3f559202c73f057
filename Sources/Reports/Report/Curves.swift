import Training

/// The course of a run, as charts.
struct Curves {
  let history: [EpochRecord]
  let settings: TrainingSettings
  /// The best epoch by validation.
  let best: EpochRecord?
  /// The steps of an epoch.
  let stepsPerEpoch: Int

  var markup: Markup {
    tag("div", ["class": "columns three"]) {
      if history.count > 1 {
        chart("Loss", "loss", training: { $0.loss }, validation: { $0.validationLoss })
        if history.contains(where: { $0.accuracy != nil }) {
          chart(
            "Accuracy", "accuracy, %", training: { $0.accuracy.map { 100 * $0 } },
            validation: { $0.validationAccuracy.map { 100 * $0 } })
        }
      } else {
        single
      }
      rate
    }
  }

  private func chart(
    _ title: String, _ label: String, training: (EpochRecord) -> Double?,
    validation: (EpochRecord) -> Double?
  ) -> Markup {
    func points(_ value: (EpochRecord) -> Double?) -> [(x: Double, y: Double)] {
      history.compactMap { record in value(record).map { (Double(record.epoch), $0) } }
    }
    let validated = points(validation)
    var lines = [LineChart.Line("training", points(training))]
    if !validated.isEmpty { lines.append(LineChart.Line("validation", validated)) }
    let chart = LineChart(
      title: "\(title) by epoch", xLabel: "epoch", yLabel: label, lines: lines,
      mark: best.map { (Double($0.epoch), "best: epoch \($0.epoch)") })
    return tag("section") {
      tag("h2") { title }
      chart.markup
    }
  }

  /// One epoch is no curve.
  private var single: Markup {
    tag("section") {
      tag("h2") { "The run" }
      if let epoch = history.first {
        tag("p") {
          "One epoch: loss \(Format.fixed(epoch.loss, 4))"
            + (epoch.accuracy.map { ", accuracy \(Format.percent($0))" } ?? "")
            + " over its training samples, each as it was when its batch came."
            + (epoch.validationAccuracy.map { " Validation accuracy \(Format.percent($0))." } ?? "")
        }
      } else {
        tag("p") { "No epoch was finished." }
      }
    }
  }

  private var rate: Markup {
    // What a file says may be more than integers of products hold.
    let perEpoch = min(max(1, stepsPerEpoch), 1 << 31)
    let last = Double(perEpoch) * Double(max(settings.epochs, 1)) - 1
    let points = Int(min(last, 199)) + 1
    let line = (0..<points).map { point in
      let step = (Double(point) * last / Double(max(points - 1, 1))).rounded(.down)
      let rate = settings.rate(step: Int(step), stepsPerEpoch: perEpoch, history: history)
      return (x: step / Double(perEpoch), y: Double(rate))
    }
    let chart = LineChart(
      title: "Learning rate", xLabel: "epoch", yLabel: "learning rate",
      lines: [LineChart.Line("learning rate", line)])
    return tag("section") {
      tag("h2") { "Learning rate" }
      chart.markup
    }
  }
}
