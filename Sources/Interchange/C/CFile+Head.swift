import NeuralNetwork

extension CFile {
  /// Adds the comment at the top: how to use the file, what it is, what it takes.
  func add(headTo source: inout CSource) {
    let network = model.network, input = network.inputShape
    let (small, large) = (name.text, name.capitals)
    let file = CSource.comment(fileName)
    let isClass = COutputs(model).areClasses
    source.add(
      """
      /*
       * \(CSource.comment(model.name)): a neural network in C99, exported by MiniCNN.
       *
       * Compile this file with yours\(needsMath ? ", link with -lm" : ""), and where you call it:
       *
       *   #define \(large)_HEADER_ONLY
       *   #include "\(file)"
       *   ...
       *   float scores[\(large)_SCORES];
       *   int \(isClass ? "best" : "code") = \(small)_predict(image, scores);
       *
       * It returns \(isClass ? "the number of the largest score, the first of equal ones" : "0"),
       * or -1 where a pointer is null. What is between the layers is in an arena of its own, so one call runs
       * at a time; \(small)_predict_in takes an arena of the caller's, and
       * \(large)_NO_ARENA, where it is defined, leaves the own one out.
       *
       * Input     \(Self.extents(input)) bytes: rows from the top, pixels from the left, channels side by side;
       *           0 to 255, as in training; divided by 255 here
       * Output    \(COutputs(model).text(network.outputShape.count))
      """)
    if let classes = Self.classes(model.model.classNames) { source.add(" * Classes   \(classes)") }
    source.add(" * Weights   SHA-256 \(model.proof.weightsSHA256)")
    for note in notes { source.add(" * \(note)") }
    source.add(
      """
       * Flash     \(footprint.constantBytes) bytes of constants, at most \(footprint.codeBytes) of code (Cortex-M, -Os)
       * RAM       \(footprint.arenaBytes) bytes of arena, at most \(footprint.stackBytes) of stack; no heap
       * Test      cc -D\(large)_SELFTEST "\(file)"\(needsMath ? " -lm" : "") && ./a.out
       *           exits with 0 where a test image gets the scores it gets in MiniCNN
       */
      """)
  }

  /// The names in the order of the scores, as far as they fit a line.
  private static func classes(_ names: [String]) -> String? {
    guard !names.isEmpty else { return nil }
    var text = ""
    for (number, name) in names.enumerated() {
      let next = "\(number == 0 ? "" : ", ")\(CSource.comment(name))"
      guard text.unicodeScalars.count + next.unicodeScalars.count < 76 else {
        return text + ", ..."
      }
      text += next
    }
    return text
  }

  /// The extents of a shape, in ASCII.
  static func extents(_ shape: Shape) -> String {
    shape.array.map(String.init).joined(separator: " x ")
  }

  /// Adds the declarations, which may be included any number of times.
  func add(interfaceTo source: inout CSource) {
    let (small, large) = (name.text, name.capitals)
    source.add(
      """
      #ifndef \(large)_DECLARED
      #define \(large)_DECLARED
      #include <stdint.h>

      #define \(large)_PIXELS \(model.network.inputShape.count) /* the bytes of an image */
      #define \(large)_SCORES \(model.network.outputShape.count)
      #define \(large)_ARENA_BYTES \(arenaBytes) /* a multiple of sizeof(\(element.type)) */
      """)
    let names = model.model.classNames
    if !names.isEmpty {
      let list = CSource.wrapped(
        names.map { CSource.literal($0) }, indent: "    ", lineEnd: " \\\n")
      source.add(
        """
        /* static const char *const classes[] = \(large)_CLASSES; */
        #define \(large)_CLASSES { \\
        \(list) \\
          }
        """)
    }
    source.add(
      """

      #ifdef __cplusplus
      extern "C" {
      #endif
      int \(small)_predict(const uint8_t *image, float *scores);
      int \(small)_predict_in(\(element.type) *arena, const uint8_t *image, float *scores);
      #ifdef __cplusplus
      }
      #endif
      #endif
      """)
  }

  /// Adds the program that checks the scores of the proof's image.
  func add(selfTestTo source: inout CSource) {
    let (small, large) = (name.text, name.capitals)
    let image = CTable("\(small)_test_image", model.proof.image)
    let scores = CTable("\(small)_test_scores", expected)
    source.add("\n#ifdef \(large)_SELFTEST\n#include <stdio.h>\n")
    source.add(image)
    source.add(scores)
    source.add(
      """

      int main(void) {
        static float scores[\(large)_SCORES];
        const int result = \(small)_predict(\(image.name), scores);
        int wrong = result < 0;
        for (int32_t i = 0; i < \(large)_SCORES; i++) {
          const float expected = \(scores.name)[i], difference = scores[i] - expected;
          const float size = expected > 1.0f ? expected : expected < -1.0f ? -expected : 1.0f;
          const float allowed = \(CSource.literal(tolerance)) * size;
          if (difference <= allowed && difference >= -allowed) continue;
          printf("score %d: expected %.9g, found %.9g\\n", (int)i, (double)expected, (double)scores[i]);
          wrong = 1;
        }
        printf("\(small): %s\\n", wrong ? "not what it was exported with" : "as exported");
        return wrong;
      }
      #endif
      """)
  }
}
