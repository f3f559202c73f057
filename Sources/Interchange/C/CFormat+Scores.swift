import Files
import ImageData

extension CFormat {
  /// What the file computes when it is compiled here, and included as a header by the program that calls it.
  ///
  /// - Throws: a `FileError` where it does not compile, or does not run.
  public func scores(
    _ files: [ExportedFile], of model: ExportedModel, _ images: ImageSet, _ numbers: [Int32]
  ) throws(FileError) -> ExportScores {
    guard let file = files.first, let compiler = CCompiler() else {
      return .missing("a C compiler")
    }
    let size = images.height * images.width * images.channels
    var pixels = [UInt8](repeating: 0, count: numbers.count * size)
    for (position, number) in numbers.enumerated() {
      pixels.withUnsafeMutableBufferPointer { buffer in
        guard let start = buffer.baseAddress else { return }
        images.copyPixels(of: Int(number), into: start + position * size)
      }
    }
    let outputs = model.network.outputShape.count
    let caller = Self.caller(CIdentifier(model.name))
    let bytes = try compiler.output(
      of: [("model.c", file.bytes), ("caller.c", Array(caller.utf8))], input: pixels,
      for: file.path, limit: 4 * outputs * numbers.count)
    guard bytes.count == 4 * outputs * numbers.count else {
      throw FileError(
        .invalid, file: file.path,
        expected: "\(outputs) scores for each of \(numbers.count) images",
        found: "\(bytes.count) bytes")
    }
    let scores = bytes.withUnsafeBytes { bytes in
      (0..<outputs * numbers.count).map {
        bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self)
      }
    }
    return .scores(
      numbers.indices.map { Array(scores[$0 * outputs..<($0 + 1) * outputs]) })
  }

  /// A program that reads images and writes their scores.
  private static func caller(_ name: CIdentifier) -> String {
    """
    #define \(name.capitals)_HEADER_ONLY
    #include "model.c"
    #include <stdio.h>
    int main(void) {
      static uint8_t image[\(name.capitals)_PIXELS];
      static float scores[\(name.capitals)_SCORES];
      while (fread(image, sizeof image, 1, stdin) == 1) {
        if (\(name.text)_predict(image, scores) < 0) return 1;
        if (fwrite(scores, sizeof scores, 1, stdout) != 1) return 1;
      }
      return fflush(stdout) != 0;
    }

    """
  }
}
