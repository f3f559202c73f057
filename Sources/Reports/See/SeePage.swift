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
    /// `[height, width, channels]`, 0 black.
    let pixels: [UInt8]
    /// The number of its class, where that is known.
    let label: Int?
    /// What it is, in words: where it comes from.
    let text: String

    /// A picture with what is known of it.
    public init(pixels: [UInt8], label: Int? = nil, text: String) {
      (self.pixels, self.label, self.text) = (pixels, label, text)
    }

    /// One of a set.
    public init(_ set: ImageSet, index: Int) {
      self.init(
        pixels: set.bytes(of: index), label: set.labels.map { Int($0[index]) },
        text: "image \(index) of \(set.imageFile)")
    }
  }

  private let content: Content
  private let title: String

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
      picture.pixels.count == shape.count,
      "a picture of \(picture.pixels.count) numbers for an input of \(shape)")
    title = name
    content = Content(
      classes: classNames.isEmpty ? nil : classNames,
      model: try DrawnModel(network, loss: loss),
      picture: .init(
        pixels: Base64.text(of: picture.pixels), label: picture.label, text: picture.text),
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
private struct Content: Encodable {
  struct Picture: Encodable {
    let pixels: String
    let label: Int?
    let text: String
  }

  /// Images with their classes.
  struct Bank: Encodable {
    let pixels: String
    let labels: [Int]

    init?(_ set: ImageSet, shape: Shape) {
      guard let labels = set.labels, set.sampleShape == shape else { return nil }
      let count = min(set.count, 100)
      pixels = Base64.text(of: (0..<count).flatMap { set.bytes(of: $0) })
      self.labels = labels.prefix(count).map(Int.init)
    }
  }

  let classes: [String]?
  let model: DrawnModel
  let picture: Picture
  let bank: Bank?
}

extension ImageSet {
  /// The pixels of one image as bytes, `[height, width, channels]`.
  package func bytes(of index: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: height * width * channels) { buffer, count in
      count = buffer.count
      if let target = buffer.baseAddress { copyPixels(of: index, into: target) }
    }
  }
}

// The parts of the page that its script fills.
extension SeePage {
  private var header: Markup {
    tag("header") {
      tag("h1") { title }
      tag("p", ["class": "lead"]) {
        "A digit on its way through the network, and the gradient on its way back. Point at any number"
          + " to see what it is made of; draw on the digit, move it, or change the network. "
        tag("span") { "It began as \(content.picture.text)." }
      }
    }
  }

  private func card(_ id: String, _ heading: String, @MarkupBuilder _ inside: () -> Markup)
    -> Markup
  {
    tag("section", ["class": "card", "id": id]) {
      tag("h2") { heading }
      inside()
    }
  }

  private func button(_ id: String, _ label: String, _ text: String, primary: Bool = false)
    -> Markup
  {
    tag(
      "button",
      ["id": id, "type": "button", "aria-label": label, "class": primary ? "primary" : ""]
    ) {
      text
    }
  }

  private var left: Markup {
    tag("div", ["class": "side"]) {
      card("input", "What it sees: draw here, erase with the right button") {
        tag("div", ["class": "paper"]) {
          tag("canvas", ["id": "digit"])
          tag(
            "canvas",
            [
              "id": "digit-marks", "role": "img",
              "aria-label": "the picture, which can be drawn on",
            ])
        }
        tag("div", ["class": "tools"]) {
          tag("span", ["class": "arrows"]) {
            button("left", "shift left", "←")
            button("up", "shift up", "↑")
            button("down", "shift down", "↓")
            button("right", "shift right", "→")
          }
          button("clear", "clear the picture", "Clear")
          button("restore", "the picture as it was", "Restore")
          tag("label") {
            tag("input", ["id": "saliency", "type": "checkbox"])
            " saliency"
          }
          tag("p", ["id": "shift", "class": "note"])
        }
      }
      card("answers", "What it says") {
        tag("div", ["id": "verdict", "class": "verdict"])
        tag("div", ["id": "predictions"])
        tag("p", ["class": "note"]) { "Click a class to see its gradient." }
      }
    }
  }

  private var stepper: Markup {
    tag("div", ["class": "card stepper"]) {
      button("back", "the gradient goes one layer back", "Step back", primary: true)
      button("play", "the gradient goes back by itself", "Play")
      button("forth", "one layer forth again", "Undo")
      tag("p", ["id": "where", "aria-live": "polite"])
      tag("label") {
        "of "
        tag("select", ["id": "of"]) {
          tag("option", ["value": "score"]) { "the output" }
          tag("option", ["value": "loss"]) { "the loss" }
        }
      }
      tag("div", ["id": "progress"])
    }
  }

  private var right: Markup {
    tag("div", ["class": "side right"]) {
      card("inspector", "What you point at") {
        button("close", "close", "×")
        tag(
          "div",
          [
            "id": "inspector-content", "aria-live": "polite",
            "data-hint":
              "Point at a number of any layer, or tap it: here is the window it came from, which number"
              + " won, and whether the ReLU let it through.",
          ])
      }
      tag("section", ["class": "card", "id": "changes", "hidden": ""]) {
        tag("h2") { "What the change moved" }
        tag("p", ["class": "moved"])
        tag("p", ["class": "bank"])
        tag("table") {
          tag("thead") {
            tag("tr") {
              for heading in ["layer", "outputs", "winners"] {
                tag("th", ["scope": "col"]) { heading }
              }
            }
          }
          tag("tbody")
        }
        tag("p", ["class": "note"]) {
          "How many moved: an output, if it differs by over a hundredth of the layer’s largest; a winner, if it"
            + " is at another place of its window."
        }
      }
      card("change", "Change the network") {
        tag("div", ["id": "poolings"])
        tag("p", ["id": "activation-row"]) {
          tag("label") {
            "activations "
            tag("select", ["id": "activation"]) {
              for (kind, name) in [
                ("", "as trained"), ("relu", "ReLU"), ("leaky_relu", "leaky ReLU, 0.1"),
                ("sigmoid", "sigmoid"), ("tanh", "tanh"),
              ] {
                tag("option", ["value": kind]) { name }
              }
            }
          }
        }
        button("as-trained", "the network as it was trained", "As trained")
        tag("p", ["class": "note"]) {
          "The weights stay as they were trained: what a change shows is how numbers and gradients flow,"
            + " not how well such a network could learn."
        }
      }
      card("depth", "How strong the gradient is") {
        tag("ul", ["class": "rows"])
        tag("p", ["class": "note"]) {
          "The root of its mean square at each layer’s output, from the answer down to the picture; the"
            + " bars are logarithmic."
        }
      }
    }
  }
}
