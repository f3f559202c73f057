import Checkpoints
import Files
import ImageData
import NeuralNetwork
import Pages
import Runs
import Training

/// A page about a run and how well its network does: one file that asks for nothing else.
///
/// The same checkpoint and data give the same bytes.
public struct RunReport: Sendable {
  /// What is wrong: the images taken for another class than their own.
  public let mistakes: [Mistake]
  /// How well the network does.
  public let evaluation: Evaluation

  private let checkpoint: Checkpoint
  private let network: Network
  private let file: String
  private let data: LabelledData
  private let training: LabelledData?
  private let names: [String]
  private let command: String?
  private let mistakesFile: String?

  /// Evaluates a checkpoint's network on test samples that suit it.
  ///
  /// - Parameters:
  ///   - file: what the report calls the checkpoint.
  ///   - network: the one to report on, with the last weights or their average.
  ///   - training: the training samples, to show what augmentation makes of them; `nil` for no such
  ///     picture.
  ///   - command: what gives this run again.
  ///   - mistakesFile: where ``Mistake/csv(_:)`` of all mistakes is kept; `nil` where it is not.
  public init(
    _ checkpoint: Checkpoint, file: String, network: Network, on data: LabelledData,
    training: LabelledData? = nil, command: String? = nil, mistakesFile: String? = nil,
    threads: Int? = nil
  ) {
    (self.checkpoint, self.file, self.network) = (checkpoint, file, network)
    (self.data, self.training, self.command) = (data, training, command)
    self.mistakesFile = mistakesFile
    let settings = checkpoint.settings
    evaluation = Evaluation(
      network, on: data.samples, loss: settings.loss, labelSmoothing: settings.labelSmoothing,
      metrics: settings.metrics.metrics, threads: threads)
    names =
      checkpoint.classNames.isEmpty
      ? data.names(count: network.outputShape.count) : checkpoint.classNames
    mistakes = Mistake.all(of: evaluation, labels: labels(of: data.samples), names: names)
  }

  /// The text of the page.
  public func html() throws -> String {
    let filters = try filters()
    let classes = try evaluation.hasClasses ? classSections(filters) : filters
    let augmented = try augmented()
    let page = Page(
      title: "\(network.spec.name): report", style: Pages.reportStyle + LineChart.colors
    ) {
      tag("header") {
        tag("h1") { network.spec.name }
        tag("p", ["class": "lead"]) { lead }
      }
      tag("main") {
        headline
        Curves(
          history: checkpoint.state.history, settings: checkpoint.settings,
          best: checkpoint.state.best, stepsPerEpoch: stepsPerEpoch
        ).markup
        classes
        augmented
        RunFacts(
          checkpoint: checkpoint, file: file, network: network, data: data, command: command
        ).markup
      }
    }
    return page.html
  }

  /// How far the run has come.
  private var lead: String {
    let state = checkpoint.state, epochs = checkpoint.settings.epochs
    let done = "\(state.epoch) of \(Format.count(epochs, "epoch"))"
    if state.stoppedEarly {
      return "Stopped early after \(done): the validation got no better."
        + (state.best.map { " The best epoch was \($0.epoch)." } ?? "")
    }
    if state.isFinished(checkpoint.settings) {
      return "Trained for \(Format.count(epochs, "epoch"))."
    }
    let batches = state.batch > 0 ? " and \(Format.count(state.batch, "batch", "batches"))" : ""
    return "Not finished: \(done)\(batches) done. What follows is of the weights as they are now."
  }

  private var stepsPerEpoch: Int {
    let state = checkpoint.state, settings = checkpoint.settings
    if state.epoch > 0 { return (state.optimizer.step - state.batch) / state.epoch }
    let all = state.basis.samples ?? 0
    return (min(settings.limit ?? all, all) + settings.batchSize - 1) / settings.batchSize
  }

  private var headline: Markup {
    tag("section") {
      tag("h2") { "On \(Format.count(evaluation.samples, "sample")) of \(data.name)" }
      if checkpoint.data?.sha256 == data.sha256 {
        tag("p", ["class": "warning"]) {
          "These are the samples that it learnt from: they do not tell how it does on new ones."
        }
      }
      tag("dl", ["class": "headline"]) {
        if evaluation.hasClasses {
          fact(
            "accuracy", Format.percent(evaluation.accuracy),
            "95 % interval \(Format.percent(evaluation.interval.lowerBound)) to"
              + " \(Format.percent(evaluation.interval.upperBound))")
          fact(
            "mistakes", Format.grouped(evaluation.samples - evaluation.correct),
            "of \(Format.grouped(evaluation.samples))")
        }
        fact("loss", Format.fixed(evaluation.loss, 4), nil)
        for metric in evaluation.metrics {
          fact(metric.name, Format.fixed(metric.value, 4), nil)
        }
        fact("parameters", Format.grouped(network.parameterCount), nil)
      }
    }
  }

  private func fact(_ name: String, _ value: String, _ note: String?) -> Markup {
    tag("div") {
      tag("dt") { name }
      tag("dd") {
        value
        if let note { tag("small") { note } }
      }
    }
  }

  // MARK: Classes

  private func classSections(_ filters: Markup) throws(FileError) -> Markup {
    let images = data.images
    let table = ConfusionTable(
      evaluation: evaluation, names: names, mistakes: mistakes, images: images)
    let confusion = try table.markup()
    let worst = try MistakeFigures.all(Array(mistakes.worstFirst.prefix(36)), images: images)
    let labels = labels(of: data.samples)
    let reliability = Reliability(
      evaluation.confidences, isRight: zip(labels, evaluation.predictions).map { $0 == $1 })
    return .all([
      tag("div", ["class": "columns"]) {
        tag("section") {
          tag("h2") { "What was taken for what" }
          confusion
          if images != nil { tag("p", ["class": "note"]) { "A number of mistakes opens them." } }
        }
        tag("section") {
          tag("h2") { "Each class" }
          tag("div", ["class": "wide"]) { ClassTable(evaluation: evaluation, names: names).markup }
        }
      },
      tag("div", ["class": "columns"]) {
        tag("section") {
          tag("h2") { "Whether its probabilities can be believed" }
          reliability.diagram
          tag("p", ["class": "note"]) { reliability.sentence }
        }
        filters
      },
      mistakes.isEmpty || images == nil
        ? .none
        : tag("section") {
          tag("h2") { "The worst mistakes" }
          tag("p", ["class": "note"]) {
            "Those in which it was surest of the wrong class: first what it said, then what it is."
              + (mistakesFile.map { " All \(Format.grouped(mistakes.count)) are in \($0)." } ?? "")
          }
          worst
        },
    ])
  }

  // MARK: Pictures

  private func filters() throws(FileError) -> Markup {
    guard let sheet = FilterSheet(network) else { return .none }
    let picture = try InlinePicture.element(
      sheet.picture, alternative: "the filters of \(sheet.layer)", classes: "sheet filters")
    let number =
      sheet.shown < sheet.filters
      ? "\(sheet.shown) of its \(Format.grouped(sheet.filters)) filters"
      : "Its \(Format.count(sheet.filters, "filter"))"
    return tag("section") {
      tag("h2") { "What \(sheet.layer) looks for" }
      picture
      tag("p", ["class": "note"]) {
        "\(number) of \(sheet.extent): blue where one wants ink, orange where it wants none."
      }
    }
  }

  /// Training images as the network saw them.
  private func augmented() throws -> Markup {
    let settings = checkpoint.settings
    guard let training, !settings.augmentation.isIdentity || settings.mixup > 0,
      training.samples.sampleShape.rank == 3, [1, 3].contains(training.samples.sampleShape[2])
    else { return .none }
    let sheet = try ContactSheet(
      training.samples, settings: settings, rows: 5, epochs: 9, magnification: 1)
    // Noise cannot be compressed, and the page has to stay small.
    guard sheet.height * sheet.width * training.samples.sampleShape[2] < 500_000 else {
      return .none
    }
    let picture = try InlinePicture.element(
      sheet.draw(), alternative: "training images as augmentation changes them",
      classes: "sheet augmented")
    return tag("section") {
      tag("h2") { "What augmentation makes" }
      picture
      tag("p", ["class": "note"]) {
        "Each row begins with a training image; after it, as the network saw it in the first epochs"
          + " (\(settings.augmentation)\(settings.mixup > 0 ? ", mixup \(settings.mixup)" : ""))."
      }
    }
  }
}

/// The class of each sample; none where they have no classes.
private func labels(of samples: any SampleSource) -> [Int32] {
  samples.targets == .classes ? samples.labels((0..<Int32(samples.count)).map { $0 }) : []
}
