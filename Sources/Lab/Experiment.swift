import ImageData
import NeuralNetwork
import Training

/// A question about networks that is answered by training some.
///
/// The outcome follows from the experiment, its seed and the data alone, on any number of threads.
public protocol Experiment: Sendable {
  /// What it finds.
  associatedtype Outcome: ExperimentOutcome

  /// Decides the first weights, the order of the images and whatever else is random.
  var seed: UInt64 { get set }

  /// Trains its networks and measures them.
  ///
  /// - Parameters:
  ///   - threads: one for each processor where `nil`.
  ///   - progress: called with a line for each network that is trained.
  /// - Throws: a `ModelError` where a network does not fit the images, and what training throws.
  func run(
    on data: LabData, threads: Int?, progress: (String) -> Void
  ) throws -> Outcome
}

/// What an experiment found: numbers, and how they are told.
public protocol ExperimentOutcome: Encodable, Sendable {
  /// The numbers in rows and columns.
  var tables: [LabTable] { get }
  /// What came out, in three sentences with the numbers in them.
  var conclusions: [String] { get }
  /// The numbers as curves.
  var chart: LabChart { get }
}

/// Numbers in rows and columns, as texts.
public struct LabTable: Sendable, Equatable {
  /// What stands above the columns.
  public let columns: [String]
  /// The cells below, a row for each network or layer.
  public let rows: [[String]]
  /// How many columns, from the first, are names; the others are numbers.
  public let names: Int
}

/// A network that an experiment has trained.
struct TrainedNet {
  let network: Network
  /// The accuracy on the images that were learnt from, as they are.
  let training: Double
  /// The accuracy on the test images.
  let test: Double
  /// The accuracy on the test images after each epoch, where that was asked for.
  let course: [Double]
  /// The epochs that were trained.
  let epochs: Int

  /// Trains a model.
  ///
  /// - Parameters:
  ///   - images: what it learns from.
  ///   - watched: images that are classified after every epoch.
  init(
    _ spec: ModelSpec, _ options: KeyValuePairs<String, String>, seed: UInt64, images: ImageSet,
    test: ImageSet, watched: ImageSet? = nil, threads: Int?
  ) throws {
    let settings = try TrainingOptions(options).resolve(defaultSeed: seed)
    let trainer = try Trainer(spec, settings: settings, data: images, threads: threads)
    var course: [Double] = []
    var best: Network?
    try trainer.run { event in
      if case .epoch(_, let isBest) = event {
        if isBest { best = trainer.state.network }
        if let watched {
          let accuracy = Evaluation(trainer.state.network, on: watched, threads: threads).accuracy
          course.append(accuracy)
        }
      }
      return .proceed
    }
    let network = best ?? trainer.state.network
    self.network = network
    self.course = course
    epochs = trainer.state.epoch
    training = Evaluation(network, on: images, threads: threads).accuracy
    self.test = Evaluation(network, on: test, threads: threads).accuracy
  }
}
