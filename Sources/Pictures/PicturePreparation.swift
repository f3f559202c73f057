import NeuralNetwork

/// Brings pictures to the form of what a network was trained on.
///
/// For a network that takes grey images a picture is prepared as MNIST was: the paper is levelled,
/// whatever light falls on it, so that it is 0 and ink is 1, the digit is fitted into a box of 20/28 of
/// the input's edges with its aspect kept, anti-aliased, and centred by its mass. A network that takes
/// colours gets the middle of the picture, as large as the aspect of the input allows.
public struct PicturePreparation: Sendable {
  /// The rows, columns and channels of what the network takes.
  public let height: Int
  /// See ``height``.
  public let width: Int
  /// 1 or 3.
  public let channels: Int

  /// A preparation for a network's input shape; `nil` where that is no image of 1 or 3 channels.
  public init?(input: Shape) {
    guard input.rank == 3, input[2] == 1 || input[2] == 3 else { return nil }
    (height, width, channels) = (input[0], input[1], input[2])
  }

  /// Strokes thinner than this, in pixels of a digit of 20, are far thinner than MNIST's: one in a
  /// hundred of those has them.
  static let thinStroke = 1.2

  /// Prepares a picture of one digit; one that has the size and the form of MNIST's stays as it is.
  public func prepare(_ picture: Picture) -> PreparedPicture {
    if channels == 3 { return cropped(picture) }
    if let same = unchanged(picture) { return same }
    let fitting = DigitFitting(picture)
    let digits = fitting.picture.digits
    guard !digits.isEmpty else { return blank(fitting, picture) }
    let several: [PictureWarning] = digits.count > 1 ? [.severalDigits(digits.count)] : []
    return fitted(fitting, digits.flatMap { $0 }, picture, several)
  }

  /// Prepares each digit of a picture, from left to right; none where there is no ink.
  ///
  /// Connected ink, and what overlaps from left to right, is one digit; stray specks are none.
  public func prepareEach(_ picture: Picture) -> [PreparedPicture] {
    if channels == 3 { return [cropped(picture)] }
    if let same = unchanged(picture) { return [same] }
    let fitting = DigitFitting(picture)
    return fitting.picture.digits.map { fitted(fitting, $0, picture, []) }
  }

  /// Only brings a picture to the network's size and colours, whatever its aspect.
  public func scale(_ picture: Picture) -> PreparedPicture {
    scaled(
      picture, Window(whole: picture),
      picture.height == height && picture.width == width
        ? .unchanged : .scaled)
  }

  private func fitted(
    _ fitting: DigitFitting, _ parts: [Int], _ picture: Picture, _ more: [PictureWarning]
  ) -> PreparedPicture {
    let result = fitting.fitted(parts, height: height, width: width)
    var warnings = more
    if fitting.picture.touchesEdge(parts) { warnings.append(.inkAtBorder) }
    if result.strokeWidth * 28 / Double(max(height, width)) < Self.thinStroke {
      warnings.append(.thinStroke(result.strokeWidth))
    }
    let factor = Double(picture.height) / Double(fitting.grey.height)
    return prepared(
      result.plane.bytes, .fitted, result.box.scaled(factor, factor), result.scale * factor,
      warnings, fitting.paper, strokeWidth: result.strokeWidth, thickening: result.thickening)
  }

  private func blank(_ fitting: DigitFitting, _ picture: Picture) -> PreparedPicture {
    prepared(
      [UInt8](repeating: 0, count: height * width), .fitted, Window(whole: picture),
      Double(max(picture.height, picture.width)) / Double(max(height, width)), [.noInk],
      fitting.paper)
  }

  /// The picture where it already is as MNIST has it: of 60,000 training digits all but 13 are.
  private func unchanged(_ picture: Picture) -> PreparedPicture? {
    guard picture.height == height, picture.width == width, picture.channels == 1 else {
      return nil
    }
    let plane = Plane(picture), box = plane.box(above: 1 / 255)
    let edges = (Double(height) * 20 / 28, Double(width) * 20 / 28)
    let size = max(box.height / edges.0, box.width / edges.1)
    let centre = plane.centreOfMass
    guard (0.95...1.001).contains(size), plane.values.contains(where: { $0 > 0.98 }),
      abs(centre.row - Double(height / 2)) < 0.51, abs(centre.column - Double(width / 2)) < 0.51,
      2 * plane.values.count(where: { $0 == 0 }) > plane.values.count
    else { return nil }
    return scaled(picture, Window(whole: picture), .unchanged)
  }

  private func cropped(_ picture: Picture) -> PreparedPicture {
    let size = min(
      Double(picture.height) / Double(height), Double(picture.width) / Double(width))
    let (tall, wide) = (size * Double(height), size * Double(width))
    let (top, left) = ((Double(picture.height) - tall) / 2, (Double(picture.width) - wide) / 2)
    return scaled(
      picture, Window(top: top, left: left, bottom: top + tall, right: left + wide), .cropped)
  }

  private func scaled(
    _ picture: Picture, _ window: Window, _ method: PictureChanges.Method
  ) -> PreparedPicture {
    let isColored = channels == 3 && picture.channels == 3
    let planes = (isColored ? [0, 1, 2] : [nil]).map { channel in
      Plane(picture, channel: channel).resampled(window, height: height, width: width).bytes
    }
    var pixels = [UInt8](repeating: 0, count: height * width * channels)
    for place in pixels.indices {
      pixels[place] = planes[place % channels % planes.count][place / channels]
    }
    return prepared(
      pixels, method, window, max(window.height / Double(height), window.width / Double(width)),
      [])
  }

  private func prepared(
    _ pixels: [UInt8], _ method: PictureChanges.Method, _ box: Window, _ scale: Double,
    _ warnings: [PictureWarning], _ paper: Paper? = nil, strokeWidth: Double? = nil,
    thickening: Double? = nil
  ) -> PreparedPicture {
    PreparedPicture(
      height: height, width: width, channels: channels, pixels: pixels,
      changes: PictureChanges(
        method: method, box: box.inPixels, scale: scale,
        polarity: paper.map { $0.isLightOnDark ? .lightOnDark : .darkOnLight },
        paper: paper.map { [$0.range.lowerBound, $0.range.upperBound].map { Int($0 * 255) } },
        strokeWidth: strokeWidth, thickening: thickening),
      warnings: warnings)
  }
}

extension Window {
  fileprivate init(whole picture: Picture) {
    self.init(
      top: 0, left: 0, bottom: Double(picture.height), right: Double(picture.width))
  }

  fileprivate var inPixels: PictureChanges.Box {
    PictureChanges.Box(
      top: Int(top.rounded()), left: Int(left.rounded()), height: Int(height.rounded()),
      width: Int(width.rounded()))
  }
}

extension Plane {
  /// The values as bytes, 1 as 255.
  fileprivate var bytes: [UInt8] { values.map { UInt8(min(max($0 * 255, 0), 255).rounded()) } }
}
