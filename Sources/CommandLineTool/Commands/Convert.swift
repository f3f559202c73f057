import ArgumentParser
import Files
import MiniCNN

/// A model of another framework as a checkpoint.
struct Convert: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes a checkpoint of a model that another program trained.",
    discussion: """
      EXAMPLES
        minicnn convert digits.keras digits.weights.h5
        minicnn convert old.h5 digits.weights.h5
        minicnn convert saved.weights.h5 digits.weights.h5 --model lenet5.yaml
        minicnn convert digits.keras digits.weights.h5 --epochs 5 --seed 7

      Read are models of Keras (.keras, .h5), weights of Keras (.weights.h5) and safetensors with the \
      --model they belong to, and ONNX. evaluate, predict, summary, inspect and export read these \
      files too; a checkpoint is what train, compare, see and report take.

      Settings come from the flags, the file (its optimizer, learning rate and loss) or --model, and \
      else are the defaults. Where a .keras or .weights.h5 file has its optimizer's memory, that comes \
      along, and train --resume goes on with it, on the data that is named with --data: such a file \
      says nothing of data, epochs or a seed. Otherwise train --init begins a new run with the weights.

      JSON: file, model, parameters, optimizer (what is remembered; null if nothing), steps, notes.
      """)

  @OptionGroup var source: ModelSourceArgument
  @Argument(help: "The checkpoint to write.", completion: .checkpoint) var output: String
  @Flag(help: "Replace the file if there is one.") var overwrite = false
  @OptionGroup var jsonFlag: JSONFlag
  @OptionGroup(title: "Settings") var flags: TrainingFlags

  func run() throws {
    let input = try source.path
    guard !isSameFile(input, output) else {
      throw Failure(.usage, "\(output): is the model itself; name another file")
    }
    guard output.hasSuffix(".h5") else {
      throw Failure(
        .usage,
        "\(output): expected a name that ends with .weights.h5, as checkpoints do"
          + (ExportFormats.forFile(output) == nil ? "" : "; minicnn export writes other formats"))
    }
    guard overwrite || !WholeFile.exists(output) else {
      throw Failure(.usage, "\(output): already exists; --overwrite replaces it")
    }
    let model = try ConvertibleModel(
      contentsOf: input, model: try source.readModel())
    let stated = try flags.options()
    var trained = model.trained
    if let loss = stated["loss"] { trained.loss = try LossRegistry.loss(loss) }
    let checkpoint: Checkpoint
    do {
      checkpoint = try Checkpoint(
        converting: trained, training: stated.filled(from: model.training),
        optimizer: model.optimizer)
    } catch let error as SettingError {
      throw Failure(.usage, error.asTyped)
    }
    try checkpoint.save(to: output)
    let network = checkpoint.network
    let result = ConvertOutput(
      file: output, model: network.spec.name, parameters: network.parameterCount,
      optimizer: model.optimizer?.kind, steps: model.optimizer?.step, notes: model.notes)
    for note in model.notes { Terminal.message("note: \(note.onOneLine)") }
    if jsonFlag.json { return try JSONOutput.print(result) }
    Terminal.result(result.text.onOneLine)
  }
}

/// What `--json` prints.
private struct ConvertOutput: Encodable {
  let file: String
  let model: String
  let parameters: Int
  let optimizer: String?
  let steps: Int?
  let notes: [String]

  /// A line for a person.
  var text: String {
    let memory =
      if let optimizer, let steps {
        "\(optimizer)'s memory after \(steps) steps, which train --resume goes on with"
      } else {
        "for use, and for train --init"
      }
    return "\(file): \(model), \(parameters) parameters; \(memory)"
  }

  /// Every key is in every answer.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(file, forKey: .file)
    try container.encode(model, forKey: .model)
    try container.encode(parameters, forKey: .parameters)
    try container.encode(optimizer, forKey: .optimizer)
    try container.encode(steps, forKey: .steps)
    try container.encode(notes, forKey: .notes)
  }

  private enum CodingKeys: CodingKey { case file, model, parameters, optimizer, steps, notes }
}
