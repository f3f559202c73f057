/// Brings one digit of a picture to the form of MNIST's: fitted into a box of 20/28 of the input's edges
/// with its aspect kept, anti-aliased, and centred by its mass.
struct DigitFitting {
  /// The picture, no edge over ``edge``, and its paper and ink.
  let grey: Plane
  let paper: Paper
  let picture: InkPicture

  /// The longest edge of the copy that digits are cut out of.
  private static let edge = 1024
  /// The width that far too thin strokes are brought to, in pixels of a digit of 20: less than MNIST's
  /// mean of 2.7, as what is near each other would flow together.
  private static let thickened = 2.0
  /// What becomes paper and what becomes full ink, in parts of the ink's darkness; and from where on, in
  /// parts of full ink, it belongs to the digit's box.
  private static let paperEnd: Float = 0.15
  private static let inkBegin: Float = 0.85
  private static let boxEdge: Float = 0.4
  /// The longer edge of a digit as it is cut out.
  private static let cut = 96.0

  init(_ picture: Picture) {
    grey = Plane(picture).reduced(to: Self.edge)
    paper = Paper(grey)
    self.picture = InkPicture(grey, paper)
  }

  /// What became of a digit.
  struct Result {
    /// `[height, width]`, 0 paper, 1 ink.
    let plane: Plane
    /// Where its ink is, in pixels of ``grey``.
    let box: Window
    /// The pixels of ``grey`` that a pixel of the digit stands for.
    let scale: Double
    /// The mean width of its strokes in pixels of the result, before they were thickened.
    let strokeWidth: Double
    /// By how much they were.
    let thickening: Double
  }

  /// Fits the ink of some of the parts into `height` by `width` pixels.
  func fitted(_ parts: [Int], height: Int, width: Int) -> Result {
    let (ink, window) = cutOut(parts)
    let level = max(ink.map { $0 > picture.threshold ? $0 : 0 }.typicalOfLargest, 1e-3)
    let low = Self.paperEnd * level, high = Self.inkBegin * level
    var strokes = ink.map { min(max(($0 - low) / (high - low), 0), 1) }
    let boxEdges = (Double(height) * 20 / 28, Double(width) * 20 / 28)
    func pixel(_ box: Window) -> Double {
      max(box.height / boxEdges.0, box.width / boxEdges.1)
    }
    let unitEdge = Double(max(height, width)) / 28
    var box = strokes.box(above: Self.boxEdge)
    let stroke = Double(strokes.strokeWidth(above: 0.5)) / pixel(box)
    var thickening = 0.0
    if stroke < PicturePreparation.thinStroke * unitEdge {
      let radius = Int(((Self.thickened * unitEdge - stroke) * pixel(box) / 2).rounded())
      if radius > 0 {
        thickening = Double(2 * radius) / pixel(box)
        strokes = strokes.padded(by: radius).maximum(radius: radius)
        box = strokes.box(above: Self.boxEdge)
      }
    }
    let size = pixel(box)
    let rows = min(max(Int((box.height / size).rounded()), 1), height)
    let columns = min(max(Int((box.width / size).rounded()), 1), width)
    let digit = strokes.resampled(box, height: rows, width: columns)
    let unit = window.height / Double(ink.height)
    return Result(
      plane: digit.stretched().centred(height: height, width: width),
      box: Window(
        top: window.top + box.top * unit, left: window.left + box.left * unit,
        bottom: window.top + box.bottom * unit, right: window.left + box.right * unit),
      scale: size * unit, strokeWidth: stroke, thickening: thickening)
  }

  /// The ink of some parts, and of nothing else, with a margin; and where that is in ``grey``.
  private func cutOut(_ numbers: [Int]) -> (Plane, Window) {
    let ink = picture.ink
    var whole = picture.parts[numbers[0]]
    for number in numbers.dropFirst() { whole.join(picture.parts[number]) }
    let box = Window(
      top: Double(whole.rows.lowerBound), left: Double(whole.columns.lowerBound),
      bottom: Double(whole.rows.upperBound), right: Double(whole.columns.upperBound)
    ).grown(by: 3)
    let (down, across) = (
      Double(grey.height) / Double(ink.height), Double(grey.width) / Double(ink.width)
    )
    let window = box.scaled(down, across)
    let reduction = max(1, max(window.height, window.width) / Self.cut)
    let height = max(1, Int((window.height / reduction).rounded()))
    let width = max(1, Int((window.width / reduction).rounded()))
    let isOwn = Set(numbers.map(Int32.init))
    let own = Plane(
      height: ink.height, width: ink.width,
      values: picture.labels.map { isOwn.contains($0) ? 1 : 0 }
    ).maximum(radius: 2)
    let others = Plane(
      height: ink.height, width: ink.width,
      values: zip(picture.labels, ink.values).map {
        !isOwn.contains($0) && $1 >= picture.threshold ? 1 : 0
      })
    let mask = own.combined(with: others) { max($0 - $1, 0) }
    let cut = paper.ink(
      of: grey.resampled(window, height: height, width: width),
      window.scaled(1 / Double(grey.height), 1 / Double(grey.width)))
    let kept = mask.resampled(box, height: height, width: width, outside: 0)
    return (cut.combined(with: kept) { $0 * min($1 * 2, 1) }, window)
  }
}

extension Plane {
  /// The smallest rectangle that holds all values from a threshold on; all of the plane where there are
  /// none.
  func box(above threshold: Float) -> Window {
    var (top, bottom, left, right) = (height, 0, width, 0)
    for row in 0..<height {
      for column in 0..<width where self[row, column] >= threshold {
        (top, bottom) = (min(top, row), max(bottom, row + 1))
        (left, right) = (min(left, column), max(right, column + 1))
      }
    }
    guard bottom > 0 else { return Window(whole: self) }
    return Window(
      top: Double(top), left: Double(left), bottom: Double(bottom), right: Double(right))
  }

  /// With so many zeros all round.
  func padded(by margin: Int) -> Plane {
    var result = Plane(height: height + 2 * margin, width: width + 2 * margin, repeating: 0)
    for row in 0..<height {
      for column in 0..<width { result[row + margin, column + margin] = self[row, column] }
    }
    return result
  }

  /// Multiplied so that strokes reach 1: the mean of the largest values does.
  func stretched() -> Plane {
    let typical = typicalOfLargest
    return typical > 0 ? map { min($0 / typical, 1) } : self
  }

  /// The mean row and column, each weighted by its values; those of the middle where all are 0.
  var centreOfMass: (row: Double, column: Double) {
    var mass = 0.0, down = 0.0, across = 0.0
    for row in 0..<height {
      for column in 0..<width {
        let value = Double(self[row, column])
        mass += value
        down += value * Double(row)
        across += value * Double(column)
      }
    }
    guard mass > 0 else { return (Double(height - 1) / 2, Double(width - 1) / 2) }
    return (down / mass, across / mass)
  }

  /// In the middle of a larger plane of zeros, moved by whole pixels so that its centre of mass is at
  /// the pixel that the larger one's middle begins, as MNIST has it, and nothing is lost.
  func centred(height: Int, width: Int) -> Plane {
    let centre = centreOfMass
    func offset(_ middle: Int, _ centre: Double, _ room: Int) -> Int {
      min(max(Int((Double(middle) - centre).rounded()), 0), room)
    }
    let top = offset(height / 2, centre.row, height - self.height)
    let left = offset(width / 2, centre.column, width - self.width)
    var result = Plane(height: height, width: width, repeating: 0)
    for row in 0..<self.height {
      for column in 0..<self.width { result[top + row, left + column] = self[row, column] }
    }
    return result
  }
}
