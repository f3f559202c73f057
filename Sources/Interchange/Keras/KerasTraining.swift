import Checkpoints
import Files
import HDF5
import NeuralNetwork
import Training

/// What a file of Keras states of how its model was trained, in our terms as far as there are such.
struct KerasTraining {
  /// What could not be taken along, a sentence each.
  var notes: [String] = []
  private var settings: [String: String] = [:]
  private var rule: (any Optimizer)?
  private let statedLoss: JSONValue?

  /// Takes the settings of a rule of ours.
  init(rule: any Optimizer) { (self.rule, statedLoss) = (rule, nil) }

  /// Takes what a model was compiled with; `nil` where it does not say.
  init(optimizer: JSONValue?, loss: JSONValue?) {
    statedLoss = loss
    guard let optimizer, let name = optimizer["class_name"]?.text else { return }
    let config = optimizer["config"] ?? .object([:])
    // Keras 2 puts Custom> before names of its own.
    let className = String(name.split(separator: ">").last ?? "")
    take(className, config)
    let memory = [
      "amsgrad": "the largest squares of amsgrad", "centered": "mean gradients",
      "use_ema": "averages of the weights",
    ]
    for (key, what) in memory.sorted(by: { $0.key < $1.key }) where config[key] == true {
      notes.append("the optimizer's memory is left out, as it has \(what)")
      rule = nil
    }
    if config["gradient_accumulation_steps"] != nil {
      notes.append("the optimizer's memory is left out, as it accumulates gradients")
      rule = nil
    }
  }

  private mutating func take(_ className: String, _ config: JSONValue) {
    func number(_ key: String, _ standard: Float) -> Float {
      config[key]?.number.map { Float($0) } ?? standard
    }
    let epsilon = number("epsilon", 1e-7)
    let (beta1, beta2) = (number("beta_1", 0.9), number("beta_2", 0.999))
    let stated: any Optimizer
    switch className {
    case "SGD":
      stated = SGD(momentum: number("momentum", 0), nesterov: config["nesterov"] == true)
    case "Adam": stated = Adam(beta1: beta1, beta2: beta2, epsilon: epsilon)
    case "AdamW": stated = AdamW(beta1: beta1, beta2: beta2, epsilon: epsilon)
    case "RMSprop":
      stated = RMSProp(
        rho: number("rho", 0.9), momentum: number("momentum", 0), epsilon: epsilon)
    case "Adagrad": stated = Adagrad(epsilon: epsilon)
    default:
      notes.append("the optimizer \(className) is left out, as there is none such here")
      return
    }
    settings["optimizer"] = stated.kind
    for (key, text) in stated.texts { settings[key] = text }
    rule = stated
    takeRate(config, standard: stated.defaultLearningRate)
    takeDecay(config)
    if let norm = config["global_clipnorm"]?.number { settings["clip_norm"] = "\(Float(norm))" }
    for key in ["clipnorm", "clipvalue"] where config[key]?.number != nil {
      notes.append("\(key) is left out; clip_norm here is what Keras calls global_clipnorm")
    }
  }

  private mutating func takeRate(_ config: JSONValue, standard: Float) {
    guard let stated = config["learning_rate"] else { return }
    if let rate = stated.number {
      settings["learning_rate"] = "\(Float(rate))"
      return
    }
    let schedule = stated["class_name"]?.text ?? "schedule"
    let rate = stated["config"]?["initial_learning_rate"]?.number.map { Float($0) } ?? standard
    settings["learning_rate"] = "\(rate)"
    notes.append("the schedule \(schedule) is left out; learning_rate is \(rate), its first one")
  }

  private mutating func takeDecay(_ config: JSONValue) {
    guard let decay = config["weight_decay"]?.number, decay != 0 else { return }
    settings["weight_decay"] = "\(Float(decay))"
    notes.append("weight_decay is for kernels alone here; Keras has it for biases too")
  }

  /// The loss that the model was trained with, or one that suits its outputs.
  mutating func loss(_ network: Network) -> any Loss {
    let standard: any Loss =
      switch (network.outputKind, network.outputShape.rank) {
      case (.independentProbabilities, 1): BinaryCrossEntropy()
      case (_, 1): CrossEntropy()
      default: MeanSquaredError()
      }
    guard let statedLoss else { return standard }
    let one = statedLoss.list?.count == 1 ? statedLoss.list?[0] ?? .null : statedLoss
    let config = one["config"]
    guard let name = one.text ?? config?.text ?? one["class_name"]?.text else {
      notes.append("the loss is left out, as there are several")
      return standard
    }
    switch name.lowercased().replacing("_", with: "") {
    case "sparsecategoricalcrossentropy", "categoricalcrossentropy":
      if let smoothing = config?["label_smoothing"]?.number, smoothing != 0 {
        settings["label_smoothing"] = "\(Float(smoothing))"
      }
      return network.outputShape.rank == 1 ? CrossEntropy() : standard
    case "binarycrossentropy": return BinaryCrossEntropy()
    case "meansquarederror", "mse": return MeanSquaredError()
    case "meanabsoluteerror", "mae": return MeanAbsoluteError()
    case "huber": return Huber(delta: config?["delta"]?.number.map { Float($0) } ?? 1)
    default:
      notes.append("the loss \(name) is left out, as there is none such here")
      return standard
    }
  }

  /// The settings that are stated, with a loss.
  ///
  /// What is out of the range that a setting has here is left out.
  mutating func options(_ loss: any Loss) -> TrainingOptions {
    settings["loss"] = loss.text
    var options = TrainingOptions()
    for (key, text) in settings.sorted(by: { $0.key < $1.key }) {
      do throws(SettingError) {
        try options.state(key, text)
      } catch {
        notes.append("\(key) is left out, as it is \(text)")
      }
    }
    return options
  }

  /// What the optimizer remembers; `nil`, with a note if there is anything, where it is no memory of ours.
  ///
  /// - Parameter trained: the trained variables in Keras's order.
  mutating func readState(
    _ file: borrowing HDF5File, _ network: Network, trained: [VariableLayout.Entry]
  ) throws(FileError) -> OptimizerState? {
    let group = "/optimizer/vars"
    guard let rule, try file.kind(of: group) == .group else { return nil }
    let slots = rule.slots.count * trained.count
    // The number of steps, the learning rate unless a schedule has it, then the slots.
    let first = try file.members(of: group).count - slots
    guard first == 1 || first == 2 else {
      notes.append(
        "the optimizer's memory is left out: \(slots + first) arrays, of which \(rule.kind) would have"
          + " \(slots + 2)")
      return nil
    }
    if first == 2 {
      let rate = try file.read("\(group)/1", as: Float.self, shape: [])[0]
      if rate.isFinite { settings["learning_rate"] = "\(rate)" }
    }
    return try OptimizerState(
      keras: file, rule: rule, network: network, trained: trained, first: first)
  }
}
