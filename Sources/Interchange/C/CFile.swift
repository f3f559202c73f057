import NeuralNetwork

/// A C99 file with a network, which serves as its own header: what every such file has, whatever its numbers are.
///
/// The text has five parts: a comment on how to use it and what it is, the declarations, and, unless
/// `NAME_HEADER_ONLY` is defined, the functions, the constants and the prediction; under `NAME_SELFTEST` a program
/// that checks the scores of a test image.
struct CFile {
  /// The model and its proof.
  let model: ExportedModel
  /// What names in the file begin with.
  let name: CIdentifier
  /// What the file is called, for the line that includes it.
  let fileName: String
  /// The type of the arena's elements, `float` or `int8_t`, and their bytes.
  let element: (type: String, size: Int)
  /// The bytes of the arena, a multiple of the element's; at least one element.
  let arenaBytes: Int
  /// What the file takes of a machine, which its comment says.
  let footprint: CFootprint
  /// What the comment says besides: how the network was quantized.
  var notes: [String] = []
  /// Whether the functions need `<math.h>`.
  var needsMath = false
  /// Types and functions, each a piece of C.
  let functions: [String]
  /// The constants that they are called with, each a piece of C.
  let constants: [CConstant]
  /// The statements that compute `scores` from `image`, with `arena` for what is between.
  let body: [String]
  /// The scores of the proof's image.
  let expected: [Float]
  /// How far from them the scores of another machine may be, relative to those above 1.
  let tolerance: Float

  /// What is defined in every file, after the prefix; nothing else may be called so.
  static let takenNames = ["predict", "predict_in", "test_image", "test_scores"]

  /// The whole text.
  var text: String {
    var source = CSource()
    add(headTo: &source)
    add(interfaceTo: &source)
    source.add("\n#ifndef \(name.capitals)_HEADER_ONLY")
    if needsMath { source.add("#include <math.h>") }
    for function in functions { source.add("\n\(function)") }
    source.space()
    for constant in constants {
      switch constant {
      case .table(let table): source.add(table)
      case .text(let text): source.add(text)
      }
    }
    add(predictionTo: &source)
    add(selfTestTo: &source)
    source.add("\n#endif")
    return source.text
  }

  /// Adds the functions that the header part declares.
  private func add(predictionTo source: inout CSource) {
    let outputs = model.network.outputShape.count
    source.add(
      """

      int \(name.text)_predict_in(\(element.type) *arena, const uint8_t *image, float *scores) {
      """)
    let meaning = COutputs(model)
    if meaning.areClasses { source.add("  int32_t best = 0;") }
    source.add("  if (!arena || !image || !scores) return -1;\n")
    for statement in body { source.add("  \(statement)") }
    source.space()
    if meaning.areClasses {
      source.add(
        """
          for (int32_t i = 1; i < \(outputs); i++)
            if (scores[i] > scores[best]) best = i;
          return (int)best;
        """)
    } else {
      source.add("  return 0;")
    }
    source.add(
      """
      }

      #ifndef \(name.capitals)_NO_ARENA
      int \(name.text)_predict(const uint8_t *image, float *scores) {
        static \(element.type) arena[\(name.capitals)_ARENA_BYTES / sizeof(\(element.type))];
        return \(name.text)_predict_in(arena, image, scores);
      }
      #endif
      """)
  }
}

/// A constant of a C file.
enum CConstant {
  /// An array of numbers.
  case table(CTable)
  /// Anything else, as it stands in the file.
  case text(String)
}

/// What the outputs of a network stand for.
enum COutputs {
  case probabilities, logits, independentLogits, independentProbabilities, numbers

  /// What they are for whoever trained it with this loss.
  init(_ model: ExportedModel) {
    self =
      switch (model.network.outputKind, model.model.loss.predicts) {
      case (.probabilities, _): .probabilities
      case (.values, .probabilities): .logits
      case (.values, .independentProbabilities): .independentLogits
      case (.independentProbabilities, .independentProbabilities): .independentProbabilities
      case (.independentProbabilities, _), (.values, .values): .numbers
      }
  }

  /// Whether the largest one is the class.
  var areClasses: Bool { self != .numbers }

  /// The words for so many.
  func text(_ count: Int) -> String {
    switch self {
    case .probabilities: "\(count) probabilities, which add up to 1"
    case .logits: "\(count) logits: a softmax turns them into probabilities"
    case .independentLogits:
      "\(count) logits, each by itself: a sigmoid turns it into a probability"
    case .independentProbabilities: "\(count) probabilities, each by itself"
    case .numbers: "\(count) \(count == 1 ? "number" : "numbers"), as they are"
    }
  }
}

/// What a C file takes of the machine that runs it.
public struct CFootprint: Sendable, Equatable {
  /// The bytes of weights, biases and what goes with them. Exact.
  public let constantBytes: Int
  /// The most bytes of code for a Cortex-M4 or M0+, compiled for size, without the C library's functions.
  public let codeBytes: Int
  /// The bytes of the arena, which hold all that is between the layers. Exact.
  public let arenaBytes: Int
  /// The most bytes of stack.
  public let stackBytes: Int

  /// Flash: constants and code.
  public var flashBytes: Int { constantBytes + codeBytes }
  /// RAM without what the caller passes: arena and stack.
  public var ramBytes: Int { arenaBytes + stackBytes }
}
