import Files
import ImageData
import NeuralNetwork
import Pages
import Platform
import Training

/// A page that shows a network at work on a picture: every layer forwards, and the gradient on its way back.
///
/// One file of HTML with plain JavaScript, which computes the network itself, so that the reader can draw,
/// shift, and change poolings and activations.
public struct SeePage: Sendable {
  /// A picture of the input's size.
  public struct Picture: Sendable {
    let values: PictureValues
    /// The number of its class, where that is known.
    let label: Int?
    /// What it is, in words: where it comes from.
    let text: String

    /// A picture with what is known of it: `[height, width, channels]`, 0 black.
    public init(pixels: [UInt8], label: Int? = nil, text: String) {
      (values, self.label, self.text) = (.bytes(pixels), label, text)
    }

    /// One of a set.
    public init(_ set: ImageSet, index: Int) {
      values = PictureValues(set, index..<index + 1)
      label = set.labels.map { Int($0[index]) }
      text = "image \(index) of \(set.imageFile)"
    }
  }

  let content: Content
  let title: String

  /// Makes the page of a network whose input is an image of one channel or three.
  ///
  /// - Parameters:
  ///   - name: what the page calls the network.
  ///   - loss: that of its training, which says what the outputs stand for.
  ///   - classNames: a name for each output; none where they are no classes.
  ///   - picture: what it shows first, of the input's size.
  ///   - bank: labelled images on whose first hundred a change is counted; `nil` for none.
  /// - Throws: a `ModelError` where the input is no image, or a layer cannot be computed in a page.
  public init(
    _ network: Network, name: String, loss: any Loss = CrossEntropy(), classNames: [String],
    picture: Picture, bank: ImageSet? = nil
  ) throws(ModelError) {
    let shape = network.inputShape
    guard shape.rank == 3, shape[2] == 1 || shape[2] == 3 else {
      throw ModelError("a page shows images of 1 or 3 channels, not an input of \(shape)")
    }
    require(
      picture.values.count == shape.count,
      "a picture of \(picture.values.count) numbers for an input of \(shape)")
    title = name
    content = Content(
      classes: classNames.isEmpty ? nil : classNames,
      model: try DrawnModel(network, loss: loss),
      picture: .init(pixels: picture.values, label: picture.label, text: picture.text),
      bank: bank.flatMap { Content.Bank($0, shape: shape) })
  }

  /// The text of the file.
  public func html() throws -> String {
    let json = try PageData.json(content)
    let page = Page(title: "\(title), seen from inside", style: Pages.seeStyle) {
      header
      tag("main") {
        left
        tag("div") {
          stepper
          tag("div", ["id": "flow"])
        }
        right
      }
      Markup.data(json, id: "model")
      Markup.script(Pages.engine, id: "engine")
      Markup.script(Pages.see, id: "page")
    }
    return page.html
  }
}

/// What the page's script reads.
struct Content: Encodable {
  struct Picture: Encodable {
    let pixels: PictureValues
    let label: Int?
    let text: String
  }

  /// Images with their classes.
  struct Bank: Encodable {
    let pixels: PictureValues
    let labels: [Int]

    init?(_ set: ImageSet, shape: Shape) {
      guard let labels = set.labels, set.sampleShape == shape else { return nil }
      let count = min(set.count, 100)
      pixels = PictureValues(set, 0..<count)
      self.labels = labels.prefix(count).map(Int.init)
    }
  }

  let classes: [String]?
  let model: DrawnModel
  let picture: Picture
  let bank: Bank?
}

/// The numbers of pictures: bytes that stand for 0 to 1, or the network's inputs themselves.
enum PictureValues: Encodable, Sendable {
  case bytes([UInt8])
  case floats([Float])

  /// Images of a set.
  init(_ set: ImageSet, _ range: Range<Int>) {
    guard !set.hasBytes else {
      self = .bytes(range.flatMap { set.bytes(of: $0) })
      return
    }
    var values = Tensor(samples: range.count, shape: set.sampleShape)
    range.map(Int32.init).withUnsafeBufferPointer {
      set.copySamples($0, to: values.mutablePointer())
    }
    self = .floats(values.values)
  }

  var count: Int {
    switch self {
    case .bytes(let bytes): bytes.count
    case .floats(let floats): floats.count
    }
  }

  private enum CodingKeys: CodingKey { case bytes, floats }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .bytes(let bytes): try container.encode(Base64.text(of: bytes), forKey: .bytes)
    case .floats(let floats): try container.encode(Base64.text(of: floats), forKey: .floats)
    }
  }
}
