// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

let package = Package(
  name: "MiniCNN",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "MiniCNN", targets: ["MiniCNN"]),
    .executable(name: "minicnn", targets: ["CommandLineTool"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // C: the hot loops and the libraries of the system.
    .target(name: "CKernels", cSettings: [.define("NDEBUG", .when(configuration: .release))]),
    .systemLibrary(
      name: "CLibHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"]), .brew(["hdf5"])]),
    .systemLibrary(
      name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .systemLibrary(
      name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
    .systemLibrary(
      name: "CCrypto", pkgConfig: "libcrypto",
      providers: [.apt(["libssl-dev"]), .brew(["openssl"])]),

    // The library.
    .target(name: "Platform", swiftSettings: strict),
    .target(name: "Files", dependencies: ["CCrypto", "Platform"], swiftSettings: strict),
    .target(name: "NeuralNetwork", dependencies: ["CKernels", "Platform"], swiftSettings: strict),
    .target(
      name: "ImageData", dependencies: ["NeuralNetwork", "Files", "Platform", "CZlib", "CPNG"],
      swiftSettings: strict),
    .target(
      name: "Training", dependencies: ["NeuralNetwork", "ImageData", "CKernels", "Platform"],
      swiftSettings: strict),
    .target(name: "CSandbox"),
    .target(name: "CHDF5", dependencies: ["CLibHDF5", "CSandbox"]),
    .target(name: "HDF5", dependencies: ["CHDF5", "Files"], swiftSettings: strict),
    .target(
      name: "ModelFiles",
      dependencies: [
        "NeuralNetwork", "Training", "Files", .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: strict),
    .target(
      name: "Checkpoints",
      dependencies: ["NeuralNetwork", "Training", "ModelFiles", "HDF5", "Files", "Platform"],
      swiftSettings: strict),
    .target(
      name: "Runs",
      dependencies: [
        "NeuralNetwork", "ImageData", "Training", "ModelFiles", "Checkpoints", "Files", "Platform",
      ],
      swiftSettings: strict),
    .target(
      name: "MiniCNN",
      dependencies: [
        "NeuralNetwork", "ImageData", "Training", "ModelFiles", "Checkpoints", "Runs", "Files",
      ],
      swiftSettings: strict),

    // The tool.
    .executableTarget(
      name: "CommandLineTool",
      dependencies: [
        "MiniCNN", "Platform", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),

    // The programs of README and docs.
    .executableTarget(
      name: "DigitClassifier", dependencies: ["MiniCNN"], path: "Examples/DigitClassifier",
      swiftSettings: strict),
    .executableTarget(
      name: "SeePooling", dependencies: ["MiniCNN"], path: "Examples/SeePooling",
      swiftSettings: strict),

    // Tests.
    .testTarget(name: "CKernelsTests", dependencies: ["CKernels"], swiftSettings: strict),
    .testTarget(
      name: "FilesTests", dependencies: ["Files", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "HDF5Tests",
      dependencies: ["HDF5", "CHDF5", "CSandbox", "Files", "TestSupport", "FuzzHDF5"],
      resources: [.copy("Fixtures")],
      swiftSettings: strict),
    .target(
      name: "TestSupport", dependencies: ["CZlib", "HDF5", "Files"], path: "Tests/TestSupport",
      swiftSettings: strict),
    .target(name: "CAllocationCount", path: "Tests/CAllocationCount"),
    .executableTarget(
      name: "StepAllocations", dependencies: ["MiniCNN", "CAllocationCount"],
      path: "Tests/StepAllocations", swiftSettings: strict),
    .executableTarget(
      name: "Fuzz", dependencies: ["MiniCNN", "HDF5", "TestSupport"], path: "Tests/Fuzz",
      swiftSettings: strict),
    .executableTarget(
      name: "FuzzHDF5", dependencies: ["CHDF5", "CSandbox"], path: "Tests/FuzzHDF5",
      cSettings: [.headerSearchPath("../../Sources/CHDF5")]),
    .testTarget(
      name: "TrainingTests", dependencies: ["Training", "ModelFiles", "ImageData", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "ModelFilesTests", dependencies: ["ModelFiles", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "CheckpointsTests",
      dependencies: ["Checkpoints", "HDF5", "Files", "ImageData", "Training", "TestSupport"],
      exclude: ["Fixtures"], swiftSettings: strict),
    .testTarget(
      name: "RunsTests",
      dependencies: [
        "Runs", "Checkpoints", "ImageData", "NeuralNetwork", "Training", "Files", "TestSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "CommandLineTests", dependencies: ["MiniCNN", "TestSupport", "CommandLineTool"],
      swiftSettings: strict),
    .testTarget(
      name: "LibraryTests",
      dependencies: [
        "MiniCNN", "TestSupport", "CommandLineTool", "DigitClassifier", "SeePooling",
        "StepAllocations", "Fuzz",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "NeuralNetworkTests",
      dependencies: ["NeuralNetwork", "Training", "ModelFiles", "TestSupport"],
      resources: [.copy("Fixtures")], swiftSettings: strict),
    .testTarget(
      name: "ImageDataTests", dependencies: ["ImageData", "Files", "TestSupport"],
      swiftSettings: strict),
  ]
)
