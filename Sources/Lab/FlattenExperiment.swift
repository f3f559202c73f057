import NeuralNetwork
import Reports
import Training

/// What a network does with the last images of its convolutions: flatten them into a dense layer, or pool each
/// to a number.
public struct FlattenExperiment: Experiment {
  /// Decides all that is random.
  public var seed: UInt64
  /// The images that every network learns from.
  public var trainingImages = 3000
  /// The images whose accuracy is measured.
  public var testImages = 5000
  /// Passes over the training images.
  public var epochs = 30

  /// The standard experiment: four networks.
  public init(seed: UInt64 = 1) { self.seed = seed }

  private static let heads: [(name: String, layers: [any LayerSpec])] = [
    ("flatten and a dense layer of 64", [Flatten(), Dense(units: 64), ReLU()]),
    ("flatten alone", [Flatten()]),
    ("global average pooling", [GlobalAvgPool2D()]),
    ("global max pooling", [GlobalMaxPool2D()]),
  ]

  /// Trains a network for each way.
  public func run(
    on data: LabData, threads: Int?, progress: (String) -> Void
  ) throws -> FlattenOutcome {
    let training = data.training.prefix(trainingImages)
    let test = data.test.prefix(testImages)
    let nets = try Self.heads.map { name, layers in
      let spec = ModelSpec(
        "flatten", input: data.shape,
        layers: [
          Conv2D(filters: 8, kernel: 3, padding: .same), ReLU(), MaxPool2D(window: 2),
          Conv2D(filters: 16, kernel: 3, padding: .same), ReLU(), MaxPool2D(window: 2),
          Conv2D(filters: 32, kernel: 3, padding: .same), ReLU(),
        ] + layers + [Dense(units: data.classes)])
      let trained = try TrainedNet(
        spec, ["epochs": "\(epochs)", "batch_size": "32"], seed: seed, images: training,
        test: test, watched: test.prefix(2000), threads: threads)
      progress("\(name): \(Wording.percent(trained.test)) of the test images")
      return FlattenOutcome.Net(
        name: name, parameters: trained.network.parameterCount,
        trainingAccuracy: trained.training, testAccuracy: trained.test, course: trained.course)
    }
    return FlattenOutcome(
      seed: seed, trainingImages: training.count, testImages: test.count, nets: nets)
  }
}

/// Parameters, accuracy and gap of each network.
public struct FlattenOutcome: ExperimentOutcome, Equatable {
  /// One network.
  public struct Net: Encodable, Sendable, Equatable {
    /// What comes between its convolutions and its last layer.
    public let name: String
    /// All its parameters.
    public let parameters: Int
    /// The accuracy on what it learnt from.
    public let trainingAccuracy: Double
    /// The accuracy on the test images.
    public let testAccuracy: Double
    /// The accuracy on the first of the test images after each epoch.
    public let course: [Double]

    /// By how much it does better on what it learnt from.
    public var gap: Double { trainingAccuracy - testAccuracy }
  }

  /// The experiment's seed.
  public let seed: UInt64
  /// How many images each network learnt from.
  public let trainingImages: Int
  /// How many images the accuracy is of.
  public let testImages: Int
  /// The networks.
  public let nets: [Net]

  /// A row for each network.
  public var tables: [LabTable] {
    [
      LabTable(
        columns: ["after the convolutions", "parameters", "training", "test", "gap"],
        rows: nets.map { net in
          [
            net.name, Format.grouped(net.parameters), Wording.percent(net.trainingAccuracy),
            Wording.percent(net.testAccuracy), Wording.points(net.gap),
          ]
        }, names: 1)
    ]
  }

  /// What each takes, what it reaches, and how far it is from what it reaches on what it knows.
  public var conclusions: [String] {
    func each(_ text: (Net) -> String) -> String {
      Wording.list(nets.map { "\(text($0)) with \($0.name)" })
    }
    return [
      "The parameters of the whole network are \(each { Format.grouped($0.parameters) }).",
      "After training on \(Format.grouped(trainingImages)) images it recognizes, of"
        + " \(Format.grouped(testImages)) test images,"
        + " \(each { Wording.percent($0.testAccuracy) }).",
      "On the images it learnt from it does better, by \(each { Wording.points($0.gap) }).",
    ]
  }

  /// The accuracy after each epoch.
  public var chart: LabChart {
    LabChart(
      title: "Flatten or pool",
      panels: [
        LabChart.Panel(
          title: "test images", horizontal: "epoch", vertical: "accuracy in %",
          lines: nets.map { LabChart.Line(name: $0.name, course: $0.course) })
      ])
  }
}
