import ImageData
import NeuralNetwork
import Reports
import Training

/// How well small networks recognize digits that are moved, by the window, the stride and the kind of their
/// poolings.
public struct PoolingExperiment: Experiment {
  /// What makes an image smaller.
  public enum Kind: String, CaseIterable, Encodable, Sendable {
    /// The largest number of each window.
    case max
    /// The mean of each window.
    case average
    /// No pooling, but a convolution with a kernel and a stride of the same extents.
    case convolution
  }

  /// Decides all that is random.
  public var seed: UInt64
  /// The images that every network learns from.
  public var trainingImages = 8000
  /// The images that are moved and classified.
  public var testImages = 1000
  /// Passes over the training images.
  public var epochs = 3
  /// The windows that are tried.
  public var windows = [2, 3]
  /// The strides that are tried.
  public var strides = [1, 2, 3]
  /// How far images are moved, in pixels; 0 is the first.
  public var shifts = [0, 1, 2, 3, 4]

  /// The standard experiment: 18 networks.
  public init(seed: UInt64 = 1) { self.seed = seed }

  /// The directions in which images are moved.
  private static let directions = [
    (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1),
  ]

  /// Trains a network for each kind, window and stride.
  public func run(
    on data: LabData, threads: Int?, progress: (String) -> Void
  ) throws -> PoolingOutcome {
    let training = data.training.prefix(trainingImages)
    let test = data.test.prefix(testImages)
    let moved = try shifts.map { shift in
      try shift == 0
        ? [test]
        : Self.directions.map { try test.moved(down: $0.0 * shift, right: $0.1 * shift) }
    }
    let choices = Kind.allCases.flatMap { kind in
      windows.flatMap { window in strides.map { (kind: kind, window: window, stride: $0) } }
    }
    let models = choices.map { Self.model(data, $0.kind, window: $0.window, stride: $0.stride) }
    // Images that are too small for one of them are told before any is trained.
    for model in models { _ = try Network(model, seed: seed) }
    let nets = try zip(choices, models).map { choice, model in
      let trained = try TrainedNet(
        model, ["epochs": "\(epochs)", "batch_size": "32", "learning_rate": "0.002"], seed: seed,
        images: training, test: test, threads: threads)
      let net = PoolingOutcome.Net(
        kind: choice.kind, window: choice.window, stride: choice.stride,
        parameters: trained.network.parameterCount,
        accuracy: moved.map { sets in
          sets.map { Evaluation(trained.network, on: $0, threads: threads).accuracy }.mean
        })
      progress("\(net.name): \(Wording.percent(trained.test)) of the test images")
      return net
    }
    return PoolingOutcome(
      seed: seed, trainingImages: training.count, testImages: test.count, shifts: shifts,
      nets: nets)
  }

  private static func model(
    _ data: LabData, _ kind: Kind, window: Int, stride: Int
  ) -> ModelSpec {
    let (window, stride) = (Extent2D(window, window), Extent2D(stride, stride))
    func smaller(_ channels: Int) -> any LayerSpec {
      switch kind {
      case .max: MaxPool2D(window: window, stride: stride)
      case .average: AvgPool2D(window: window, stride: stride)
      case .convolution: Conv2D(filters: channels, kernel: window, stride: stride)
      }
    }
    return ModelSpec(
      "pooling", input: data.shape,
      layers: [
        Conv2D(filters: 8, kernel: 3, padding: .same), ReLU(), smaller(8),
        Conv2D(filters: 16, kernel: 3, padding: .same), ReLU(), smaller(16), Flatten(),
        Dense(units: data.classes),
      ])
  }
}

/// Accuracy against shift, for each pooling.
public struct PoolingOutcome: ExperimentOutcome, Equatable {
  /// One network.
  public struct Net: Encodable, Sendable, Equatable {
    /// What makes its images smaller.
    public let kind: PoolingExperiment.Kind
    /// The edge of the window or kernel.
    public let window: Int
    /// The stride.
    public let stride: Int
    /// All its parameters.
    public let parameters: Int
    /// The accuracy on test images moved by each of the shifts, the mean of eight directions.
    public let accuracy: [Double]

    /// What is lost from the first shift to the last.
    var loss: Double { (accuracy.first ?? 0) - (accuracy.last ?? 0) }
    var name: String { "\(kind.rawValue) \(window)×\(window), stride \(stride)" }
  }

  /// The experiment's seed.
  public let seed: UInt64
  /// How many images each network learnt from.
  public let trainingImages: Int
  /// How many images were moved and classified.
  public let testImages: Int
  /// How far, in pixels.
  public let shifts: [Int]
  /// The networks.
  public let nets: [Net]

  /// A row for each network.
  public var tables: [LabTable] {
    [
      LabTable(
        columns: ["kind", "window", "stride", "parameters"] + shifts.map { "\($0) px" },
        rows: nets.map { net in
          [
            net.kind.rawValue, "\(net.window)×\(net.window)", "\(net.stride)",
            Format.grouped(net.parameters),
          ] + net.accuracy.map { Format.fixed(100 * $0, 1) }
        }, names: 2)
    ]
  }

  /// The mean accuracy, at each shift, of the networks that are chosen.
  public func accuracy(where isChosen: (Net) -> Bool) -> [Double] {
    let chosen = nets.filter(isChosen)
    return shifts.indices.map { place in chosen.map { $0.accuracy[place] }.mean }
  }

  /// What moving costs by kind, by window and stride, and at the extremes.
  public var conclusions: [String] {
    let last = shifts.last ?? 0
    let kinds = PoolingExperiment.Kind.allCases.map { kind in
      let curve = accuracy { $0.kind == kind }
      return "\(kind.noun) \(Wording.percent(curve.first ?? 0)) and"
        + " \(Wording.percent(curve.last ?? 0))"
    }
    func losses(_ extents: [Int], _ extent: KeyPath<Net, Int>) -> String {
      Wording.list(
        Set(extents).sorted().map { size in
          let curve = accuracy { $0[keyPath: extent] == size }
          return "\(Wording.points((curve.first ?? 0) - (curve.last ?? 0))) with \(size)"
        })
    }
    let least = nets.min { $0.loss < $1.loss }
    let most = nets.max { $0.loss < $1.loss }
    return [
      "Of images that are not moved and of images moved by \(last) pixels the networks recognize,"
        + " as a mean over windows and strides, with \(Wording.list(kinds)).",
      "A move by \(last) pixels costs, by the edge of the window, \(losses(nets.map(\.window), \.window));"
        + " by the stride it costs \(losses(nets.map(\.stride), \.stride)).",
      "Of these \(nets.count) networks \(least?.name ?? "-") loses least, \(Wording.points(least?.loss ?? 0)),"
        + " and \(most?.name ?? "-") most, \(Wording.points(most?.loss ?? 0)).",
    ]
  }

  /// A curve for each kind, each window and each stride.
  public var chart: LabChart {
    func line(_ name: String, _ isChosen: (Net) -> Bool) -> LabChart.Line {
      LabChart.Line(
        name: name,
        points: zip(shifts, accuracy(where: isChosen)).map { (Double($0), 100 * $1) })
    }
    let windows = Set(nets.map(\.window)).sorted(), strides = Set(nets.map(\.stride)).sorted()
    func panel(_ title: String, _ lines: [LabChart.Line]) -> LabChart.Panel {
      LabChart.Panel(
        title: title, horizontal: "shift in pixels", vertical: "accuracy in %", lines: lines)
    }
    return LabChart(
      title: "Accuracy on shifted images",
      panels: [
        panel(
          "by kind",
          PoolingExperiment.Kind.allCases.map { kind in line(kind.noun) { $0.kind == kind } }),
        panel("by window", windows.map { edge in line("\(edge)×\(edge)") { $0.window == edge } }),
        panel("by stride", strides.map { stride in line("\(stride)") { $0.stride == stride } }),
      ])
  }
}

extension PoolingExperiment.Kind {
  fileprivate var noun: String {
    switch self {
    case .max: "max pooling"
    case .average: "average pooling"
    case .convolution: "strided convolutions"
    }
  }
}
