// swift-tools-version: 6.2
import PackageDescription

// A package that depends on MiniCNN as a user's does: by its product, with no setting of ours.
let package = Package(
  name: "Resumes",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "MiniCNN", path: "../..")],
  targets: [
    .executableTarget(
      name: "Resumes", dependencies: [.product(name: "MiniCNN", package: "MiniCNN")]),
    // A layer written outside of the package that it trains with.
    .executableTarget(
      name: "OwnLayer", dependencies: [.product(name: "MiniCNN", package: "MiniCNN")]),
    .executableTarget(
      name: "CoreOnly", dependencies: [.product(name: "MiniCNNCore", package: "MiniCNN")]),
  ]
)
