import NeuralNetwork
import Reports
import Training

/// How the gradient gets through many layers of one activation, before and after training, and how many units
/// have stopped to pass it.
public struct ActivationExperiment: Experiment {
  /// Decides all that is random.
  public var seed: UInt64
  /// The images that every network learns from.
  public var trainingImages = 10_000
  /// The images whose accuracy is measured.
  public var testImages = 2000
  /// The test images whose gradients and outputs are looked at.
  public var surveyedImages = 1000
  /// Passes over the training images.
  public var epochs = 2
  /// Convolutions, each with an activation behind it.
  public var depth = 8

  /// The standard experiment: four networks of eight convolutions.
  public init(seed: UInt64 = 1) { self.seed = seed }

  /// The channels of every convolution.
  private static let channels = 8

  /// Trains a network for each activation.
  public func run(
    on data: LabData, threads: Int?, progress: (String) -> Void
  ) throws -> ActivationOutcome {
    let training = data.training.prefix(trainingImages)
    let test = data.test.prefix(testImages)
    let surveyed = test.prefix(surveyedImages)
    let nets = try Slope.allCases.map { activation in
      let spec = model(data, activation)
      let start = try LayerSurvey(
        Network(spec, seed: seed), activation, layers: names, images: surveyed)
      let trained = try TrainedNet(
        spec, ["epochs": "\(epochs)", "batch_size": "32"], seed: seed, images: training,
        test: test, threads: threads)
      let end = LayerSurvey(trained.network, activation, layers: names, images: surveyed)
      progress("\(activation.name): \(Wording.percent(trained.test)) of the test images")
      return ActivationOutcome.Net(
        activation: activation.name, trainingAccuracy: trained.training,
        testAccuracy: trained.test,
        layers: (0..<depth).map { number in
          ActivationOutcome.Layer(
            gradientAtStart: start.gradients[number], gradient: end.gradients[number],
            units: end.units[number], stuckUnitsAtStart: start.stuck[number],
            stuckUnits: end.stuck[number], flatShareAtStart: start.flat[number],
            flatShare: end.flat[number])
        })
    }
    return ActivationOutcome(
      seed: seed, trainingImages: training.count, testImages: test.count,
      surveyedImages: surveyed.count, nets: nets)
  }

  private var names: [String] { (1...max(depth, 1)).map { "activation \($0)" } }

  /// The first convolution halves the image, so that the others take little time; all have as many outputs.
  private func model(_ data: LabData, _ activation: Slope) -> ModelSpec {
    var layers: [any LayerSpec] = []
    for (number, name) in names.enumerated() {
      layers.append(
        Conv2D(
          filters: Self.channels, kernel: 3, stride: number == 0 ? 2 : 1, padding: .same))
      layers.append(activation.layer(name))
    }
    return ModelSpec(
      "activation", input: data.shape,
      layers: layers + [Flatten(), Dense(units: data.classes)])
  }
}

/// The gradient's way through depth, for each activation.
public struct ActivationOutcome: ExperimentOutcome, Equatable {
  /// One layer, an activation; "at start" is before training.
  public struct Layer: Encodable, Sendable, Equatable {
    /// The norm of the loss's gradient by its output: the root mean square over the images.
    public let gradientAtStart: Double
    /// The same after training.
    public let gradient: Double
    /// Its units, which are its outputs.
    public let units: Int
    /// Units whose slope is below 0.01 for every image, so that hardly any gradient gets through them: dead
    /// ReLUs, saturated sigmoids.
    public let stuckUnitsAtStart: Int
    /// The same after training.
    public let stuckUnits: Int
    /// The share of its outputs, over all images, where the slope is below 0.01.
    public let flatShareAtStart: Double
    /// The same after training.
    public let flatShare: Double
  }

  /// One network.
  public struct Net: Encodable, Sendable, Equatable {
    /// Its activation.
    public let activation: String
    /// The accuracy on what it learnt from.
    public let trainingAccuracy: Double
    /// The accuracy on the test images.
    public let testAccuracy: Double
    /// Its layers, the first one first.
    public let layers: [Layer]

    /// The gradient's norm at the first layer as a multiple of that at the last, before training.
    public var shareAtStart: Double { share(\.gradientAtStart) }
    /// The same after training.
    public var share: Double { share(\.gradient) }
    var stuckUnits: Int { layers.reduce(0) { $0 + $1.stuckUnits } }
    var units: Int { layers.reduce(0) { $0 + $1.units } }
    var flatShare: Double { layers.map(\.flatShare).mean }

    private func share(_ gradient: KeyPath<Layer, Double>) -> Double {
      guard let first = layers.first, let last = layers.last, last[keyPath: gradient] > 0 else {
        return 0
      }
      return first[keyPath: gradient] / last[keyPath: gradient]
    }
  }

  /// The experiment's seed.
  public let seed: UInt64
  /// How many images each network learnt from.
  public let trainingImages: Int
  /// How many images the accuracy is of.
  public let testImages: Int
  /// How many images were surveyed.
  public let surveyedImages: Int
  /// The networks.
  public let nets: [Net]

  /// The gradients by layer before and after training, the units and outputs by layer, and a row for each
  /// network.
  public var tables: [LabTable] {
    let depth = nets.map(\.layers.count).min() ?? 0
    func byLayer(_ title: String, _ cell: (Layer) -> String) -> LabTable {
      LabTable(
        columns: [title] + nets.map(\.activation),
        rows: (0..<depth).map { number in
          ["\(number + 1)"] + nets.map { cell($0.layers[number]) }
        }, names: 1)
    }
    return [
      byLayer("gradient at start") { Format.significant($0.gradientAtStart) },
      byLayer("gradient after training") { Format.significant($0.gradient) },
      byLayer("stuck units") {
        "\(Format.grouped($0.stuckUnits)) of \(Format.grouped($0.units))"
      },
      byLayer("flat outputs") { Wording.percent($0.flatShare) },
      LabTable(
        columns: [
          "network", "training", "test", "first/last at start", "trained", "stuck", "flat",
        ],
        rows: nets.map { net in
          [
            net.activation, Wording.percent(net.trainingAccuracy),
            Wording.percent(net.testAccuracy), Format.significant(net.shareAtStart),
            Format.significant(net.share), Format.grouped(net.stuckUnits),
            Wording.percent(net.flatShare),
          ]
        }, names: 1),
    ]
  }

  /// What of the gradient reaches the first layer, what was learnt, and what is stuck.
  public var conclusions: [String] {
    func each(_ text: (Net) -> String) -> String {
      Wording.list(nets.map { "\(text($0)) with \($0.activation)" })
    }
    let depth = nets.map(\.layers.count).min() ?? 0
    let units = nets.first.map { $0.units } ?? 0
    return [
      "Before training the gradient's norm at the first of \(depth) layers is, as a multiple of that at"
        + " the last, \(each { Format.significant($0.shareAtStart) }).",
      "After training on \(Format.grouped(trainingImages)) images it is"
        + " \(each { Format.significant($0.share) }), and the networks recognize"
        + " \(each { Wording.percent($0.testAccuracy) }) of the test images.",
      "Of the \(Format.grouped(units)) units of each network those that are stuck after training, with a"
        + " slope below 0.01 for every one of \(Format.grouped(surveyedImages)) images, are"
        + " \(each { Format.grouped($0.stuckUnits) }).",
    ]
  }

  /// The gradient's norm by layer, before and after training.
  public var chart: LabChart {
    func panel(_ title: String, _ gradient: KeyPath<Layer, Double>) -> LabChart.Panel {
      LabChart.Panel(
        title: title, horizontal: "layer", vertical: "gradient norm", isLogarithmic: true,
        lines: nets.map { net in
          LabChart.Line(
            name: net.activation,
            points: net.layers.enumerated().map { (Double($0 + 1), $1[keyPath: gradient]) })
        })
    }
    return LabChart(
      title: "The gradient on its way back",
      panels: [panel("before training", \.gradientAtStart), panel("after training", \.gradient)])
  }
}
