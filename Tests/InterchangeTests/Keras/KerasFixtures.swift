import DataSets
import Files
import Foundation
import NeuralNetwork
import TestSupport

@testable import Interchange

/// Files that Keras saved, and what Keras computes of them; `Fixtures/keras/make_fixtures.py` made them.
enum KerasFixtures {
  /// A model's file and its outputs for images.
  struct Prediction: Decodable, Sendable {
    let file: String
    let pixels: [UInt8]
    let outputs: [Float]
  }

  /// Five further steps with batches of four, and the variables after them.
  struct Steps: Decodable, Sendable {
    let name: String
    let pixels: [UInt8]
    let labels: [UInt8]
    let variables: [[Float]]
  }

  static func path(_ name: String) -> String {
    Repository.path("Tests/InterchangeTests/Fixtures/keras/\(name)")
  }

  static func read<Value: Decodable>(_ name: String, as type: Value.Type) throws -> Value {
    try JSONDecoder().decode(type, from: Data(contentsOf: URL(fileURLWithPath: path(name))))
  }

  /// The members of an archive, to be changed.
  static func members(_ name: String) throws -> [String: [UInt8]] {
    let archive = try ZipArchive(try WholeFile.read(path(name)), path: name)
    var members: [String: [UInt8]] = [:]
    for (number, member) in archive.members.enumerated() {
      members[member.name] = try archive.content(ofMember: number)
    }
    return members
  }

  /// An archive with these members.
  static func archive(_ members: [String: [UInt8]]) throws -> [UInt8] {
    var writer = ZipWriter(path: "a.keras")
    for (name, content) in members.sorted(by: { $0.key < $1.key }) {
      try writer.add(name, content)
    }
    return try writer.finish()
  }

  /// What a network gives for some samples.
  static func outputs(_ network: Network, _ values: [Float]) -> [Float] {
    let samples = values.count / network.inputShape.count
    var probe = Probe(network, batch: samples)
    return probe.forward(Tensor(samples: samples, shape: network.inputShape, values: values)).values
  }
}

extension JSONValue {
  /// A member to be changed, at a way through objects and lists.
  subscript(_ way: [String]) -> JSONValue {
    get { way.first.map { self[way: $0][Array(way.dropFirst())] } ?? self }
    set {
      guard let first = way.first else { return self = newValue }
      var inner = self[way: first]
      inner[Array(way.dropFirst())] = newValue
      self[way: first] = inner
    }
  }

  private subscript(way key: String) -> JSONValue {
    get {
      switch self {
      case .object(let members): members[key] ?? .null
      case .list(let values): Int(key).map { values[$0] } ?? .null
      default: .null
      }
    }
    set {
      switch self {
      case .object(var members):
        members[key] = newValue
        self = .object(members)
      case .list(var values):
        if let number = Int(key) { values[number] = newValue }
        self = .list(values)
      default: break
      }
    }
  }
}
