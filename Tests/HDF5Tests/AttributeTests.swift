import Files
import Foundation
import HDF5
import Testing

/// Texts in attributes, of a file that h5py wrote; `Fixtures/make_attributes.py` made it.
@Suite struct AttributeTests {
  private let path: String

  init() throws {
    path = try #require(Bundle.module.path(forResource: "Fixtures/attributes", ofType: "h5"))
  }

  /// In a process of its own and in this one.
  private func files() throws -> [Bool] { [true, false] }

  private func open(_ isConfined: Bool) throws(FileError) -> HDF5File {
    try HDF5File(image: try WholeFile.read(path), path: "attributes.h5", isConfined: isConfined)
  }

  @Test(arguments: [
    ("/", "loose", ["höhe"]), ("/", "fixed", ["abc"]), ("/", "padded", ["a b", "c"]),
    ("/", "terminated", ["ab", "c"]), ("/", "empty", [""]),
    ("/", "loose_list", ["conv2d", "", "dense"]), ("/", "fixed_list", ["kernel", "bias"]),
    ("/", "square", ["a", "b", "c", "d"]), ("/", "no_texts", []), ("/", "null", []),
    ("/group", "name", ["my layer"]), ("/group/array", "name", ["an array"]),
  ])
  func textsOfEveryFormAreRead(object: String, name: String, texts: [String]) throws {
    for isConfined in try files() {
      #expect(try open(isConfined).texts(of: object, attribute: name) == texts)
    }
  }

  @Test func whatIsNotThereIsNone() throws {
    for isConfined in try files() {
      let file = try open(isConfined)
      #expect(try file.texts(of: "/", attribute: "none") == nil)
      #expect(try file.texts(of: "/group/array", attribute: "loose") == nil)
    }
  }

  @Test(arguments: [
    (
      "/", "numbers",
      "/: attribute numbers: expected an attribute of texts, found one of other elements"
    ),
    ("/", "bytes", "/: attribute bytes: expected a text in UTF-8, found other bytes"),
    (
      "/", "many",
      "/: attribute many: expected an attribute of at most 65536 texts, found 70000"
    ),
    ("/nothing", "name", "/nothing: expected a group or a dataset, found nothing"),
    ("/link", "name", "/link: expected a group or a dataset, found a soft or external link"),
    ("/type", "name", "/type: expected a group or a dataset, found a named datatype"),
  ])
  func otherAttributesAreRefused(object: String, name: String, reason: String) throws {
    for isConfined in try files() {
      let file = try open(isConfined)
      let error = #expect(throws: FileError.self) {
        try file.texts(of: object, attribute: name)
      }
      #expect(error?.description == "attributes.h5: \(reason)")
    }
  }
}
