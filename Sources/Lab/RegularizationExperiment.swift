import NeuralNetwork
import Reports
import Training

/// What helps a network that has few images to learn from.
public struct RegularizationExperiment: Experiment {
  /// Decides all that is random; further runs have the seeds after it.
  public var seed: UInt64
  /// The images that every network learns from; early stopping sets a fifth of them aside.
  public var trainingImages = 1000
  /// The images whose accuracy is measured.
  public var testImages = 5000
  /// Passes over the training images, at most.
  public var epochs = 30
  /// How many networks are trained in each way.
  public var runs = 3

  /// The standard experiment: five ways, three networks each.
  public init(seed: UInt64 = 1) { self.seed = seed }

  private struct Way {
    let name: String
    var dropout: Float = 0
    var options: KeyValuePairs<String, String> = [:]
  }

  private func ways() -> [Way] {
    let (epochs, batch) = ("\(epochs)", "32")
    let plain: KeyValuePairs = ["epochs": epochs, "batch_size": batch]
    return [
      Way(name: "none", options: plain),
      Way(name: "dropout", dropout: 0.5, options: plain),
      Way(
        name: "weight decay",
        options: [
          "epochs": epochs, "batch_size": batch, "optimizer": "adamw", "weight_decay": "0.1",
        ]),
      Way(
        name: "augmentation",
        options: ["epochs": epochs, "batch_size": batch, "augmentation": "shift=2,rotation=10"]),
      Way(
        name: "early stopping",
        options: [
          "epochs": epochs, "batch_size": batch, "validation_fraction": "0.2", "patience": "3",
        ]),
    ]
  }

  /// Trains networks in each way.
  public func run(
    on data: LabData, threads: Int?, progress: (String) -> Void
  ) throws -> RegularizationOutcome {
    let training = data.training.prefix(trainingImages)
    let test = data.test.prefix(testImages)
    let ways = try self.ways().map { way in
      let trained = try (0..<max(runs, 1)).map { run in
        let net = try TrainedNet(
          model(data, dropout: way.dropout), way.options, seed: seed &+ UInt64(run),
          images: training, test: test, watched: run == 0 ? test.prefix(1000) : nil,
          threads: threads)
        progress(
          "\(way.name), seed \(seed &+ UInt64(run)): \(Wording.percent(net.test)) of the test images"
        )
        return net
      }
      return RegularizationOutcome.Way(
        name: way.name, trainingAccuracy: trained.map(\.training),
        testAccuracy: trained.map(\.test), epochs: trained.map(\.epochs),
        course: trained.first?.course ?? [])
    }
    return RegularizationOutcome(
      seed: seed, trainingImages: training.count, testImages: test.count, ways: ways)
  }

  private func model(_ data: LabData, dropout: Float) -> ModelSpec {
    ModelSpec(
      "regularization", input: data.shape,
      layers: [
        Conv2D(filters: 8, kernel: 3, padding: .same), ReLU(), MaxPool2D(window: 2),
        Conv2D(filters: 16, kernel: 3, padding: .same), ReLU(), MaxPool2D(window: 2), Flatten(),
        Dropout(rate: dropout), Dense(units: 128), ReLU(), Dropout(rate: dropout),
        Dense(units: data.classes),
      ])
  }
}

/// Accuracy and gap of each way.
public struct RegularizationOutcome: ExperimentOutcome, Equatable {
  /// The networks that were trained in one way.
  public struct Way: Encodable, Sendable, Equatable {
    /// What regularizes them.
    public let name: String
    /// The accuracy on what each learnt from, as the images are, those set aside included.
    public let trainingAccuracy: [Double]
    /// The accuracy of each on the test images.
    public let testAccuracy: [Double]
    /// The epochs that each was trained.
    public let epochs: [Int]
    /// The accuracy of the first one on the first of the test images after each epoch.
    public let course: [Double]

    /// By how much they do better on what they learnt from, as a mean.
    public var gap: Double { trainingAccuracy.mean - testAccuracy.mean }
  }

  /// The first seed.
  public let seed: UInt64
  /// How many images each network had.
  public let trainingImages: Int
  /// How many images the accuracy is of.
  public let testImages: Int
  /// The ways.
  public let ways: [Way]

  /// A row for each way.
  public var tables: [LabTable] {
    [
      LabTable(
        columns: ["regularization", "training", "test", "from", "to", "gap", "epochs"],
        rows: ways.map { way in
          [
            way.name, Wording.percent(way.trainingAccuracy.mean),
            Wording.percent(way.testAccuracy.mean),
            Wording.percent(way.testAccuracy.min() ?? 0),
            Wording.percent(way.testAccuracy.max() ?? 0), Wording.points(way.gap),
            Format.fixed(way.epochs.map { Double($0) }.mean, 1),
          ]
        }, names: 1)
    ]
  }

  /// How the plain network does, what does best, and where the gap is smallest.
  public var conclusions: [String] {
    let runs = ways.first?.testAccuracy.count ?? 0
    let plain = ways.first
    let base = plain?.testAccuracy.mean ?? 0
    let others = Wording.list(
      ways.dropFirst().map { way in
        let gain = way.testAccuracy.mean - base
        return "\(way.name) \(gain < 0 ? "takes" : "adds") \(Wording.points(abs(gain)))"
      })
    let smallest = ways.min { $0.gap < $1.gap }
    let largest = ways.max { $0.gap < $1.gap }
    return [
      "Without any regularization a network that learns from \(Format.grouped(trainingImages)) images"
        + " recognizes \(Wording.percent(plain?.trainingAccuracy.mean ?? 0)) of them and"
        + " \(Wording.percent(base)) of the test images, as a mean of \(runs) runs.",
      "On the test images \(others).",
      "The gap between the two is smallest with \(smallest?.name ?? "-"),"
        + " \(Wording.points(smallest?.gap ?? 0)), and largest with \(largest?.name ?? "-"),"
        + " \(Wording.points(largest?.gap ?? 0)).",
    ]
  }

  /// The accuracy after each epoch.
  public var chart: LabChart {
    LabChart(
      title: "Learning from \(Format.grouped(trainingImages)) images",
      panels: [
        LabChart.Panel(
          title: "test images", horizontal: "epoch", vertical: "accuracy in %",
          lines: ways.map { LabChart.Line(name: $0.name, course: $0.course) })
      ])
  }
}
