import NeuralNetwork

/// Normalizations, and the activation that has weights.
extension TorchLayer {
  mutating func batchNorm(_ spec: BatchNorm) {
    let isAffine = spec.center || spec.scale
    construction =
      "nn.\(isImage ? "BatchNorm2d" : "BatchNorm1d")(\(shape.array.last ?? 1), eps=\(spec.epsilon)"
      + ", momentum=\(Self.complement(spec.momentum))" + (isAffine ? ")" : ", affine=False)")
    expression = channelsSecond { "\(call)(\($0))" }
    if isAffine { addAffine([shape.array.last ?? 1]) }
    addVector("running_mean", "moving_mean")
    addVector("running_var", "moving_variance")
    tensors.append(
      TorchTensor(name: "\(attribute).num_batches_tracked", shape: [], content: .count(nil)))
  }

  mutating func groupNorm(_ spec: GroupNorm) {
    let isAffine = spec.center || spec.scale
    construction =
      "nn.GroupNorm(\(spec.groups), \(shape.array.last ?? 1), eps=\(spec.epsilon)"
      + (isAffine ? ")" : ", affine=False)")
    expression = channelsSecond { "\(call)(\($0))" }
    if isAffine { addAffine([shape.array.last ?? 1]) }
  }

  mutating func layerNorm(_ spec: LayerNorm) {
    let isAffine = spec.center || spec.scale
    let all = isImage ? [shape[2], shape[0], shape[1]] : shape.array
    let normalized = spec.axes == .all ? all : Array(shape.array.suffix(1))
    construction =
      "nn.LayerNorm(\(Self.tuple(normalized)), eps=\(spec.epsilon)"
      + (isAffine ? ")" : ", elementwise_affine=False)")
    expression =
      isImage && spec.axes == .last
      ? "\(call)(\(x).permute(0, 2, 3, 1)).permute(0, 3, 1, 2)" : "\(call)(\(x))"
    if isAffine { addAffine(normalized) }
  }

  mutating func normalization() {
    let channels = shape.array.last ?? 1
    let extents = isImage ? [channels, 1, 1] : [channels]
    helpers.insert(.normalization)
    construction = "Normalization(\(Self.tuple(extents)))"
    expression = "\(call)(\(x))"
    addVector("mean", "mean", shape: extents)
    addVector("variance", "variance", shape: extents)
    tensors.append(
      TorchTensor(name: "\(attribute).count", shape: [], content: .count(entry("count"))))
  }

  mutating func prelu(_ spec: PReLU) {
    let extents = spec.shared ? shape.array.suffix(1) : shape.array[...]
    expression = "\(call)(\(x))"
    guard extents.count > 1 || (spec.shared && shape.rank == 2) else {
      construction = "nn.PReLU(\(shape.array.last ?? 1))"
      return addVector("weight", "alpha")
    }
    helpers.insert(.prelu)
    let all = isImage ? [shape[2], shape[0], shape[1]] : Array(extents)
    construction = "PReLU(\(Self.tuple(all)))"
    addVector("weight", "alpha", shape: all)
  }

  /// An expression of the input with its channels on the second axis, where PyTorch's normalizations want them.
  private func channelsSecond(_ body: (String) -> String) -> String {
    shape.rank == 2 ? body("\(x).transpose(1, 2)") + ".transpose(1, 2)" : body(x)
  }
}
