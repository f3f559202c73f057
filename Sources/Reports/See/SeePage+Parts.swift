import Pages

// The parts of the page, which its script fills.
extension SeePage {
  var header: Markup {
    tag("header") {
      tag("h1") { title }
      tag("p", ["class": "lead"]) {
        "A picture on its way through the network, and the gradient on its way back. Point at any number"
          + " to see what it is made of; draw on the picture, move it, or change the network. "
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

  var left: Markup {
    tag("div", ["class": "side"]) {
      card("input", "What it sees: draw on it") {
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
            tag("input", ["id": "eraser", "type": "checkbox"])
            " eraser"
          }
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

  var stepper: Markup {
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

  var right: Markup {
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
