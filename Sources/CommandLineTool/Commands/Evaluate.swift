import ArgumentParser
import MiniCNN

/// How well a trained model does on labelled images.
struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measures a trained model on the test images of a data set.",
    discussion: """
      EXAMPLES
        minicnn evaluate lenet5.weights.h5 --data mnist
        minicnn evaluate lenet5 --images digits.idx3 --labels digits.idx1
        minicnn evaluate lenet5 --data mnist --json
        minicnn evaluate theirs.keras --data mnist
        minicnn evaluate lenet5 --data mnist --views "rotation=5 rotation=-5"

      Without --data, it uses the test images of the folder that the model was trained on. Models of \
      other frameworks are read as they are: .keras, Keras's .h5, .onnx that this program wrote, and, \
      with --model, .weights.h5 and .safetensors.

      JSON: weights (average or last), accuracy (0 to 1), interval ([low, high], 95 %), loss, \
      correct, samples, confusion (rows truth, columns prediction), perClass (class, precision, \
      recall, support), mistakes (index, class, predicted, confidence: the probability of that, \
      classConfidence: that of the right one), metrics (those that the run's setting names, by name); of \
      images with numbers for targets weights, loss, samples and metrics alone.
      """)

  @OptionGroup var source: ModelSourceArgument
  @OptionGroup var dataFlags: DataFlags
  @OptionGroup var weightsFlag: WeightsFlag
  @OptionGroup var viewsOption: ViewsOption
  @OptionGroup var threadsOption: ThreadsOption
  @OptionGroup var jsonFlag: JSONFlag

  func run() throws {
    let source = try source.read()
    let (file, model, checkpoint) = (source.file, try source.model(weightsFlag), source.checkpoint)
    let data = try LabelledData(
      paths: try dataFlags.testPaths(for: checkpoint, in: file), split: .test)
    try data.check(model.network)
    if let checkpoint {
      var familiarity = Familiarity(data)
      familiarity.warn(of: checkpoint, file: file)
    }
    let evaluation = Evaluation(
      model.network, on: data.samples, loss: model.loss,
      labelSmoothing: checkpoint?.settings.labelSmoothing ?? 0,
      metrics: checkpoint?.settings.metrics.metrics ?? [],
      views: try viewsOption.views(for: model.network), threads: threadsOption.threads)
    let isAverage = source.isAverage(weightsFlag)
    // A model of numbers has names for none.
    let names =
      model.classNames.isEmpty
      ? data.names(count: model.network.outputShape.count) : model.classNames
    if jsonFlag.json {
      try JSONOutput.print(
        EvaluationOutput(evaluation, data, names: names, isAverage: isAverage))
    } else {
      EvaluationTable(
        file: file, evaluation: evaluation, names: names, isAverage: isAverage
      ).print()
    }
  }
}

/// What `--json` prints.
private struct EvaluationOutput: Encodable {
  struct PerClass: Encodable {
    let `class`: String
    let precision: Double?
    let recall: Double?
    let support: Int

    /// What is not defined is null, so that every key is in every answer.
    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(`class`, forKey: .class)
      try container.encode(precision, forKey: .precision)
      try container.encode(recall, forKey: .recall)
      try container.encode(support, forKey: .support)
    }

    private enum CodingKeys: CodingKey { case `class`, precision, recall, support }
  }

  let weights: StoredWeights
  let accuracy: Double?
  let interval: [Double]?
  let loss: Double
  let correct: Int?
  let samples: Int
  let confusion: [[Int]]?
  let perClass: [PerClass]?
  let mistakes: [Mistake]?
  let metrics: [String: Double]?

  init(_ evaluation: Evaluation, _ data: LabelledData, names: [String], isAverage: Bool) {
    weights = StoredWeights(isAverage: isAverage)
    loss = evaluation.loss
    samples = evaluation.samples
    metrics =
      evaluation.metrics.isEmpty
      ? nil : Dictionary(uniqueKeysWithValues: evaluation.metrics.map { ($0.name, $0.value) })
    guard evaluation.hasClasses else {
      (accuracy, interval, correct, confusion, perClass) = (nil, nil, nil, nil, nil)
      mistakes = nil
      return
    }
    accuracy = evaluation.accuracy
    interval = [evaluation.interval.lowerBound, evaluation.interval.upperBound]
    correct = evaluation.correct
    confusion = evaluation.confusion
    mistakes = Mistake.all(
      of: evaluation, labels: data.samples.labels((0..<Int32(data.samples.count)).map { $0 }),
      names: names)
    perClass = zip(names, evaluation.classes).map {
      PerClass(class: $0, precision: $1.precision, recall: $1.recall, support: $1.support)
    }
  }
}
