import NeuralNetwork

/// What a `.keras` file of ours says in `metadata.json`, under `minicnn`, beside what Keras says there.
enum KerasMetadata {
  /// The first version of Keras that reads such files.
  private static let kerasVersion = "3.0.0"

  /// The member's content.
  static func metadata(of model: ExportedModel) -> JSONValue {
    let proof = model.proof
    return [
      "keras_version": .text(kerasVersion),
      "minicnn": [
        "weights_sha256": .text(proof.weightsSHA256),
        "input": "pixels / 255",
        "outputs": .text(model.model.outputMeaning.rawValue),
        "classes": .list(model.model.classNames.map { .text($0) }),
        "test_image": .list(proof.image.map { .integer(Int($0)) }),
        "test_scores": .list(proof.scores.map { JSONValue($0) }),
      ],
    ]
  }

  /// The test image and its outputs; `nil` where there are none.
  static func proof(_ metadata: JSONValue?) -> (image: [Int]?, scores: [Float]?) {
    let (image, scores) = (
      metadata?["minicnn"]?["test_image"], metadata?["minicnn"]?["test_scores"]
    )
    return (
      image?.list?.compactMap(\.integer), scores?.list?.compactMap(\.number).map { Float($0) }
    )
  }

  /// The names of the classes; none where there are none.
  static func classNames(_ metadata: JSONValue?) -> [String] {
    let stated = metadata?["minicnn"]?["classes"]?.list ?? []
    let names = stated.compactMap(\.text)
    return names.count == stated.count ? names : []
  }
}
