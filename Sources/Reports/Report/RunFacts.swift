import Checkpoints
import Files
import NeuralNetwork
import Runs
import Training

/// What a run was made of, and what gives it again.
struct RunFacts {
  let checkpoint: Checkpoint
  let file: String
  let network: Network
  let data: LabelledData
  let command: String?

  var markup: Markup {
    tag("section") {
      tag("h2") { "How to get this again" }
      if let command {
        tag("p", ["class": "note"]) {
          "With the model below saved as \(network.spec.name).yaml; a run that was resumed with other"
            + " settings, or began with other weights, takes more than this."
        }
        tag("pre") { tag("code") { command } }
      }
      tag("details") {
        tag("summary") { "the model" }
        tag("pre") { tag("code") { checkpoint.model.text } }
      }
      tag("details") {
        tag("summary") { "all settings" }
        tag("table", ["class": "facts"]) {
          tag("tbody") {
            for (key, text) in TrainingOptions(checkpoint.settings).stated { row(key, text) }
          }
        }
      }
      tag("details", ["open": ""]) {
        tag("summary") { "digests" }
        tag("table", ["class": "facts"]) {
          tag("tbody") {
            row("checkpoint", file)
            row("weights SHA-256", network.weightsSHA256)
            row("training data SHA-256", checkpoint.data?.sha256 ?? "unknown")
            row("test data SHA-256", data.sha256)
            row("state SHA-256", (try? checkpoint.stateSHA256()) ?? "unknown")
          }
        }
      }
    }
  }

  private func row(_ name: String, _ value: String) -> Markup {
    tag("tr") {
      tag("th", ["scope": "row"]) { name }
      tag("td") { value }
    }
  }
}
