import Files
import ModelFiles
import NeuralNetwork
import Platform
import Training

/// A range that a random search draws a setting from.
struct SweepRange: Sendable, Equatable {
  /// How values are spread over the range.
  enum Scale: String, CaseIterable, Sendable {
    /// All are equally likely.
    case linear
    /// Their logarithms are: as many between 0.001 and 0.01 as between 0.01 and 0.1.
    case log
  }

  /// The setting's key in a `training:` block.
  let key: String
  private let ends: ClosedRange<Double>
  private let isWhole: Bool
  private let scale: Scale
  /// Where it stands in the file, for messages.
  private let place: String?

  /// Whole numbers up to here are the same as floats.
  private static let mostWhole = 0x1p53

  /// Whether a setting's value in a sweep's file is a range, and none of its values.
  static func isStated(_ value: YAMLNode, for about: SettingDescription) -> Bool {
    value.mapping != nil && about.innerKeys.isEmpty
  }

  /// Reads `{from: 0.001, to: 0.1, scale: log}`.
  init(_ key: YAMLNode, _ value: YAMLNode, for about: SettingDescription, file: String)
    throws(FileError)
  {
    guard let number = about.number else {
      throw FileError.yaml(
        file, value,
        expected: "\(about.key): a value or a list of values, as only numbers have a range",
        found: value.summary)
    }
    let f = try YAMLFields(
      value, file: file, owner: "\(about.key)'s range", allowed: ["from", "to", "scale"])
    func end(_ name: String) throws(FileError) -> Double {
      let node = try f.required(name)
      // An end must be a value that the setting may have.
      let choice = try SweepChoice(key, node, file: file)
      guard let end = Double(choice.text), end.isFinite,
        number == .real || (abs(end) <= Self.mostWhole && end == end.rounded())
      else {
        throw FileError.yaml(
          file, node,
          expected: number == .whole
            ? "\(name): a whole number up to \(Int(Self.mostWhole))" : "\(name): a number",
          found: node.summary)
      }
      return end
    }
    let (low, high) = (try end("from"), try end("to"))
    scale = try f.choice("scale", Scale.self) ?? .linear
    guard low < high else {
      throw FileError.yaml(
        file, value, expected: "\(about.key): a range whose to is above its from",
        found: "from \(low) to \(high)")
    }
    guard scale == .linear || low > 0 else {
      throw FileError.yaml(
        file, value, expected: "\(about.key): a range from above 0 for the scale log",
        found: "from \(low)")
    }
    (self.key, ends, isWhole, place) = (about.key, low...high, number == .whole, value.place)
  }

  /// Draws a value.
  func draw(_ random: inout CounterRandom, file: String) throws(FileError) -> SweepChoice {
    let text = isWhole ? "\(whole(&random))" : "\(real(&random))"
    do throws(SettingError) {
      return try SweepChoice(key: key, text: text, place: place)
    } catch {
      throw FileError(
        .invalid, file: file, place: place, expected: "\(error.setting): \(error.expected)",
        found: error.found)
    }
  }

  private func whole(_ random: inout CounterRandom) -> Int {
    // Each number has a stretch of length 1, the last one too.
    let (low, end) = (ends.lowerBound, ends.upperBound + 1)
    let value = scale == .linear ? random.uniformDouble(low, end) : random.logUniform(low, end)
    return Int(min(value.rounded(.down), ends.upperBound))
  }

  /// A number of three digits, or of as many as tell a thousandth of a narrow range, so that people can
  /// read it.
  private func real(_ random: inout CounterRandom) -> Double {
    let (low, high) = (ends.lowerBound, ends.upperBound)
    let value = scale == .linear ? random.uniformDouble(low, high) : random.logUniform(low, high)
    let size = value == 0 ? high - low : min(abs(value), high - low)
    return min(max(Self.rounded(value, digits: 3, of: size), low), high)
  }

  /// A number rounded to the unit of the last of the first `digits` digits of another one.
  private static func rounded(_ value: Double, digits: Int, of size: Double) -> Double {
    // The decimal exponent as it is printed, which no rounding of a logarithm falsifies.
    var exponent = 0
    var scaled = size
    while scaled >= 10, exponent < 400 { (scaled, exponent) = (scaled / 10, exponent + 1) }
    while scaled < 1, exponent > -400 { (scaled, exponent) = (scaled * 10, exponent - 1) }
    guard let unit = Double("1e\(exponent - digits + 1)"), unit > 0, unit.isFinite,
      let count = Int(exactly: (value / unit).rounded())
    else { return value }
    // Read as decimal digits, so that it is the number nearest to them.
    return Double("\(count)e\(exponent - digits + 1)") ?? value
  }
}
