/// A block whose branches all read its input, and whose output is theirs side by side: along the last
/// axis, the channels of an image.
///
/// Szegedy et al. 2015, "Going deeper with convolutions". A branch without layers is the input itself, as
/// in Huang et al. 2017, "Densely connected convolutional networks".
public struct Concatenate: BlockSpec {
  /// `concatenate`.
  public static let kind = "concatenate"
  /// What it computes.
  public static let help = "its branches' outputs side by side, along the channels"
  /// A block without branches yet.
  public static let prototype = Concatenate(branches: [])
  /// What can be set.
  public static let settings: [Setting<Concatenate>] = [
    Setting(
      branches: "branches", \.branches,
      "the layers of each branch; the input itself where a branch is empty"
    ).required()
  ]
  /// The name the model gives this block, and whether it is trained.
  public var common = LayerCommon()
  /// The layers of each branch, at least two of them; the input itself where a branch is empty.
  public var branches: [[any LayerSpec]]

  /// Creates a block of branches.
  public init(branches: [[any LayerSpec]]) { self.branches = branches }

  /// Appends the branches one after the other, and what joins them.
  public func add(to graph: inout GraphBuilder) throws(ModelError) {
    guard branches.count >= 2 else {
      throw ModelError("branches: expected at least two, found \(branches.count)")
    }
    let start = graph.current
    var ends: [Int] = []
    var shapes: [Shape] = []
    for (number, branch) in branches.enumerated() {
      graph.rewind(to: start)
      do throws(ModelError) {
        try graph.append(contentsOf: branch)
      } catch {
        throw error.at("branch \(number + 1)")
      }
      ends.append(graph.current)
      shapes.append(graph.shape)
      guard graph.shape.rank == shapes[0].rank,
        graph.shape.array.dropLast() == shapes[0].array.dropLast()
      else {
        throw ModelError(
          "branch 1 gives \(shapes[0]), branch \(number + 1) gives \(graph.shape), which differ in"
            + " more than the channels", hint: "padding: same keeps the extents of an image")
      }
    }
    try graph.appendConcatenation(of: ends, named: name)
  }
}
