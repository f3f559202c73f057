// swift-tools-version: 6.2
import PackageDescription

// All that MiniCNN exports. Our own programs name them beside it: SwiftPM does not compile a target
// again for a change in a module that it sees only through another one's exports.
let exported: [Target.Dependency] = [
  "MiniCNN", "Lab", "Reports", "Interchange", "Runs", "Checkpoints", "ModelFiles", "Training",
  "Distribution", "DataSets",
  "Pictures", "ImageData",
  "NeuralNetwork", "Files",
]

// The styles and scripts of the pages in Reports; each compiles in half a second, all of them in one file
// would take a quarter of a minute.
let pages =
  ["shared/base.css", "report/report.css", "see/see.css"]
  + ["windows", "convolution", "pooling", "activations", "normalization", "shapes", "network"]
  .map { "see/engine/\($0).js" }
  + ["state", "maps", "pointing", "digit", "flow", "inspector", "numbers", "controls", "main"]
  .map { "see/page/\($0).js" }

let package = Package(
  name: "MiniCNN",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "MiniCNN", targets: ["MiniCNN"]),
    // Networks, data and training without files of our own: neither libhdf5 nor Yams.
    .library(name: "MiniCNNCore", targets: ["NeuralNetwork", "ImageData", "Training"]),
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
      name: "CDeflate", pkgConfig: "libdeflate",
      providers: [.apt(["libdeflate-dev"]), .brew(["libdeflate"])]),
    .systemLibrary(
      name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
    .systemLibrary(
      name: "CJPEG", pkgConfig: "libjpeg",
      providers: [.apt(["libjpeg-dev"]), .brew(["jpeg-turbo"])]),
    .systemLibrary(
      name: "CZip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"]), .brew(["libzip"])]),
    .systemLibrary(
      name: "CCrypto", pkgConfig: "libcrypto",
      providers: [.apt(["libssl-dev"]), .brew(["openssl"])]),

    // The library.
    .target(name: "CProcessors"),
    .target(name: "Platform", dependencies: ["CProcessors"]),
    .target(name: "CFileSystem"),
    .target(name: "Files", dependencies: ["CCrypto", "CFileSystem", "Platform"]),
    .target(name: "NeuralNetwork", dependencies: ["CKernels", "Platform"]),
    .target(
      name: "ImageData",
      dependencies: ["NeuralNetwork", "Files", "Platform", "CZlib", "CDeflate", "CPNG"]),
    .target(
      name: "Training", dependencies: ["NeuralNetwork", "ImageData", "CKernels", "Platform"]),
    .target(name: "CSandbox"),
    .target(
      name: "CLibraries",
      dependencies: ["CLibHDF5", "CZlib", "CDeflate", "CPNG", "CJPEG", "CZip", "CCrypto"]),
    .target(name: "CPictures", dependencies: ["CSandbox", "CPNG", "CJPEG"]),
    .target(
      name: "Pictures",
      dependencies: ["CPictures", "Training", "NeuralNetwork", "Files", "Platform"]),
    .target(name: "CArchives", dependencies: ["CSandbox", "CZip"]),
    .target(
      name: "DataSets",
      dependencies: [
        "CArchives", "Pictures", "ImageData", "NeuralNetwork", "Files", "Platform",
      ]),
    .target(name: "CHDF5", dependencies: ["CLibHDF5", "CSandbox"]),
    .target(name: "HDF5", dependencies: ["CHDF5", "Files"]),
    .target(
      name: "ModelFiles",
      dependencies: [
        "NeuralNetwork", "Training", "Files", .product(name: "Yams", package: "Yams"),
      ]),
    .target(
      name: "Checkpoints",
      dependencies: ["NeuralNetwork", "Training", "ModelFiles", "HDF5", "Files", "Platform"]),
    .target(
      name: "Runs",
      dependencies: [
        "NeuralNetwork", "ImageData", "Training", "ModelFiles", "Checkpoints", "Protobuf", "Files",
        "Platform",
      ]),
    // The wire format of ONNX's and TensorBoard's files.
    .target(name: "Protobuf"),
    .target(
      name: "Interchange",
      dependencies: [
        "NeuralNetwork", "ImageData", "Training", "ModelFiles", "Checkpoints", "HDF5", "DataSets",
        "Protobuf", "Files", "Platform",
      ]),
    // MPI, opened only where a launcher of it has started the program.
    .target(name: "CMPI"),
    .target(name: "Distribution", dependencies: ["CMPI", "NeuralNetwork", "Platform"]),
    .target(name: "Pages", resources: pages.map { .embedInCode($0) }),
    .target(
      name: "Reports",
      dependencies: [
        "NeuralNetwork", "ImageData", "Training", "ModelFiles", "Checkpoints", "Runs", "Files",
        "Platform", "Pages",
      ]),
    .target(
      name: "Lab", dependencies: ["NeuralNetwork", "ImageData", "Training", "Files", "Reports"]),
    .target(
      name: "MiniCNN",
      dependencies: [
        "NeuralNetwork", "ImageData", "Pictures", "DataSets", "Training", "ModelFiles",
        "Checkpoints", "Runs", "Distribution", "Interchange", "Reports", "Lab", "Files",
      ]),

    // The tool.
    .executableTarget(
      name: "CommandLineTool",
      dependencies: exported + [
        "CLibraries", "CSandbox", "HDF5", "Platform",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // The programs of README, docs and the articles.
    .executableTarget(
      name: "DigitClassifier", dependencies: exported, path: "Examples/DigitClassifier"),
    .executableTarget(name: "OwnLayer", dependencies: exported, path: "Examples/OwnLayer"),
    .executableTarget(
      name: "SeePooling", dependencies: exported, path: "Examples/SeePooling"),
    .executableTarget(
      name: "Autoencoder", dependencies: exported, path: "Examples/Autoencoder"),
    .executableTarget(
      name: "RotationAngle", dependencies: exported, path: "Examples/RotationAngle"),
    .executableTarget(
      name: "FineTuning", dependencies: exported, path: "Examples/FineTuning"),
    .executableTarget(
      name: "TrainTogether", dependencies: exported, path: "Examples/TrainTogether"),
    .executableTarget(
      name: "FollowADigit", dependencies: exported, path: "Examples/FollowADigit"),
    .executableTarget(
      name: "ReadPictures", dependencies: exported, path: "Examples/ReadPictures"),
    .executableTarget(
      name: "StopAndResume", dependencies: exported, path: "Examples/StopAndResume"),
    .executableTarget(name: "SameBits", dependencies: exported, path: "Examples/SameBits"),
    .executableTarget(
      name: "KerasAndBack", dependencies: exported, path: "Examples/KerasAndBack"),

    // Tests.
    .target(
      name: "MachineBits", dependencies: ["CKernels"], path: "Tests/MachineBits",
      exclude: ["check.sh", "digests.txt", "main.c"]),
    .testTarget(name: "CKernelsTests", dependencies: ["CKernels", "MachineBits", "TestSupport"]),
    .testTarget(name: "PlatformTests", dependencies: ["Platform"]),
    .testTarget(
      name: "FilesTests", dependencies: ["Files", "Platform", "TestSupport"]),
    .testTarget(
      name: "HDF5Tests",
      dependencies: [
        "HDF5", "CHDF5", "CSandbox", "Files", "TestSupport", "FuzzHDF5", "FalseAnswers",
      ],
      resources: [.copy("Fixtures")]),
    .target(
      name: "TestSupport", dependencies: ["CZlib", "HDF5", "Files", "ModelFiles", "NeuralNetwork"],
      path: "Tests/TestSupport"),
    .target(name: "CAllocationCount", path: "Tests/CAllocationCount"),
    .executableTarget(
      name: "StepAllocations", dependencies: exported + ["CAllocationCount", "TestSupport"],
      path: "Tests/StepAllocations"),
    .executableTarget(
      name: "ExportedCases", dependencies: exported + ["TestSupport"], path: "Tests/ExportedCases"),
    .executableTarget(
      name: "Fuzz", dependencies: exported + ["HDF5", "TestSupport"], path: "Tests/Fuzz"),
    .target(
      name: "FalseAnswers", dependencies: ["CHDF5", "CSandbox"], path: "Tests/FalseAnswers",
      cSettings: [.headerSearchPath("../../Sources/CHDF5")]),
    .executableTarget(
      name: "FuzzHDF5", dependencies: ["CHDF5", "CSandbox", "CLibHDF5", "FalseAnswers"],
      path: "Tests/FuzzHDF5",
      cSettings: [.headerSearchPath("../../Sources/CHDF5")]),
    .target(name: "CJPEGEncoder", dependencies: ["CJPEG"], path: "Tests/CJPEGEncoder"),
    .target(
      name: "SyntheticPhotographs",
      dependencies: ["CJPEGEncoder", "Pictures", "Training", "ImageData", "NeuralNetwork"],
      path: "Tests/SyntheticPhotographs"),
    .executableTarget(
      name: "ReadPhotographs", dependencies: exported + ["SyntheticPhotographs"],
      path: "Tests/ReadPhotographs"),
    .executableTarget(
      name: "FuzzPictures", dependencies: ["CPictures", "CSandbox"], path: "Tests/FuzzPictures",
      exclude: ["seeds.py"], cSettings: [.headerSearchPath("../../Sources/CPictures")]),
    .testTarget(
      name: "TrainingTests", dependencies: ["Training", "ModelFiles", "ImageData", "TestSupport"]),
    .testTarget(
      name: "ModelFilesTests", dependencies: ["ModelFiles", "TestSupport"]),
    .testTarget(
      name: "CheckpointsTests",
      dependencies: ["Checkpoints", "HDF5", "Files", "ImageData", "Training", "TestSupport"],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "ReportsTests", dependencies: exported + ["Pages", "TestSupport"], exclude: ["Scripts"]),
    .testTarget(
      name: "RunsTests",
      dependencies: [
        "Runs", "Checkpoints", "ImageData", "NeuralNetwork", "Training", "Protobuf", "Files",
        "TestSupport",
      ]),
    .testTarget(
      name: "CommandLineTests",
      dependencies: [
        "MiniCNN", "Reports", "Files", "Platform", "TestSupport", "CommandLineTool",
      ],
      exclude: ["Promises/Fixtures", "Shells"]),
    .testTarget(
      name: "LibraryTests",
      dependencies: exported + [
        "TestSupport", "CommandLineTool", "DigitClassifier", "OwnLayer", "SeePooling",
        "Autoencoder",
        "RotationAngle", "FineTuning", "TrainTogether", "FollowADigit", "ReadPictures",
        "StopAndResume", "SameBits", "KerasAndBack", "StepAllocations", "Fuzz",
        .product(name: "Yams", package: "Yams"),
      ]),
    .testTarget(
      name: "NeuralNetworkTests",
      dependencies: ["NeuralNetwork", "Training", "ModelFiles", "TestSupport"],
      resources: [.copy("Fixtures")]),
    .target(
      name: "ArchiveAnswers", dependencies: ["CArchives", "CSandbox"],
      path: "Tests/ArchiveAnswers",
      cSettings: [.headerSearchPath("../../Sources/CArchives")]),
    .testTarget(
      name: "DataSetsTests",
      dependencies: [
        "DataSets", "CArchives", "ArchiveAnswers", "ImageData", "Files", "TestSupport",
      ],
      exclude: ["Fixtures"]),
    .testTarget(
      name: "PicturesTests",
      dependencies: [
        "Pictures", "CPictures", "Checkpoints", "Training", "ImageData", "Files", "TestSupport",
        "FuzzPictures", "SyntheticPhotographs",
      ],
      exclude: ["Fixtures"]),
    .executableTarget(
      name: "QuantizedDigits", dependencies: exported, path: "Tests/QuantizedDigits"),
    .testTarget(name: "ProtobufTests", dependencies: ["Protobuf"]),
    .testTarget(
      name: "InterchangeTests",
      dependencies: exported + ["HDF5", "Protobuf", "Platform", "TestSupport"],
      exclude: ["Fixtures"]),
    .executableTarget(
      name: "RanksCheck",
      dependencies: ["CAllocationCount", "Distribution", "NeuralNetwork", "Platform"],
      path: "Tests/RanksCheck"),
    .testTarget(
      name: "DistributionTests", dependencies: ["Distribution", "NeuralNetwork"]),
    .testTarget(
      name: "LabTests",
      dependencies: [
        "Lab", "Reports", "Training", "ImageData", "NeuralNetwork", "Files", "TestSupport",
      ]),
    .testTarget(
      name: "ImageDataTests", dependencies: ["ImageData", "Files", "TestSupport", "CZlib"]),
  ]
)

// In continuous integration and make lint a warning is an error. Whoever depends on this package, or
// builds it with a newer compiler, decides for themselves.
if Context.environment["MINICNN_STRICT"] != nil {
  for target in package.targets where target.type != .system {
    target.swiftSettings = (target.swiftSettings ?? []) + [.treatAllWarnings(as: .error)]
  }
}

// SwiftPM builds every target, whichever tests a filter names; who works on one module builds its tests and what
// they need alone: MINICNN_TESTS=InterchangeTests swift test.
if let wanted = Context.environment["MINICNN_TESTS"] {
  var kept: Set<String> = []
  var open = wanted.split(separator: ",").map(String.init)
  while let name = open.popLast() {
    guard kept.insert(name).inserted else { continue }
    for dependency in package.targets.first(where: { $0.name == name })?.dependencies ?? [] {
      switch dependency {
      case .byNameItem(let name, _), .targetItem(let name, _): open.append(name)
      default: continue
      }
    }
  }
  package.targets.removeAll { !kept.contains($0.name) }
  package.products.removeAll { product in
    let library = (product as? Product.Library)?.targets
    let executable = (product as? Product.Executable)?.targets
    return !kept.isSuperset(of: library ?? executable ?? [])
  }
}
