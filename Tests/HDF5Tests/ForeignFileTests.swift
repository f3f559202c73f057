import Files
import Foundation
import HDF5
import Testing

/// A file that h5py wrote; `Fixtures/make_fixtures.py` made it.
@Suite struct ForeignFileTests {
  private let image: [UInt8]

  init() throws {
    let path = try #require(Bundle.module.path(forResource: "Fixtures/foreign", ofType: "h5"))
    image = try WholeFile.read(path)
  }

  private func open() throws(FileError) -> HDF5File {
    try HDF5File(image: image, path: "foreign.h5")
  }

  @Test func itHasNoSeal() throws {
    #expect(try open().seal == .absent)
  }

  @Test(arguments: [
    "float64_deflate_shuffle", "float32_big_endian", "float16", "float32_fletcher32",
    "layers/dense/vars/0",
  ])
  func floatsOfEveryFormAreRead(name: String) throws {
    #expect(
      try open().read(name, as: Float.self, shape: [3, 4]) == (0..<12).map { Float($0) / 4 })
  }

  @Test func otherElementsAreRead() throws {
    let file = try open()
    #expect(try file.read("int32", as: Int64.self, shape: [1]) == [-7])
    #expect(try file.readTexts("text") == ["näive"])
    #expect(try file.form(of: "float16").type == .float(bytes: 2))
  }

  @Test func linksAreSeenButNotFollowed() throws {
    let file = try open()
    #expect(try file.kind(of: "soft") == .link)
    #expect(try file.kind(of: "external") == .link)
    #expect(try file.kind(of: "external/secret") == .link)
    #expect(try file.kind(of: "float16/below") == nil)
  }

  @Test(arguments: [
    ("soft", "expected a dataset, found a soft or external link"),
    ("external", "expected a dataset, found a soft or external link"),
    ("elsewhere", "expected elements in this file, found a reference to other files"),
    ("virtual", "expected elements in this file, found a reference to other files"),
    (
      "lzf", "expected no filter, or deflate, shuffle and Fletcher32, found filter 32000"
    ),
    (
      "huge",
      "expected no more than a file of SIZE bytes can hold, found a 32-bit float array of shape [1099511627776]"
    ),
    (
      "bool",
      "expected a float array of at most 1048576 elements, found an unsupported array of shape [2]"
    ),
    ("null", "expected a float array of at most 1048576 elements, found an empty dataspace"),
    (
      "strings",
      "expected a float array of at most 1048576 elements, found a text array of shape [2]"
    ),
    (
      "int32",
      "expected a float array of at most 1048576 elements, found a signed 32-bit integer array of shape [1]"
    ),
  ])
  func otherFormsAreRefused(name: String, reason: String) throws {
    let file = try open()
    let sentence = reason.replacing("SIZE", with: "\(image.count)")
    let error = #expect(throws: FileError.self) { try file.read(name, as: Float.self) }
    #expect(error?.description == "foreign.h5: \(name): \(sentence)")
    #expect(error?.kind == .invalid)
  }

  @Test(arguments: [
    ("strings", "expected texts of at most 4194304 bytes, found a text array of shape [2]"),
    ("not_utf8", "expected a text in UTF-8, found other bytes"),
    ("null", "expected texts of at most 4194304 bytes, found an empty dataspace"),
  ])
  func otherTextsAreRefused(name: String, reason: String) throws {
    let file = try open()
    let error = #expect(throws: FileError.self) { try file.readTexts(name) }
    #expect(error?.description == "foreign.h5: \(name): \(reason)")
  }

  @Test func aFlippedBitIsFoundByFletcher32() throws {
    var image = image
    // The chunk (0, 0) of `float32_fletcher32`: its rows are 0, 1/4, 1/2 and 1, 5/4, 3/2.
    let chunk = [Float(0), 0.25, 0.5, 1, 1.25, 1.5].withUnsafeBytes { Array($0) }
    let start = try #require(image.firstRange(of: chunk)).lowerBound
    image[start + 9] ^= 4
    let file = try HDF5File(image: image, path: "foreign.h5")
    let error = #expect(throws: FileError.self) {
      try file.read("float32_fletcher32", as: Float.self, shape: [3, 4])
    }
    #expect(
      error?.description
        == "foreign.h5: float32_fletcher32: cannot read the array: data error detected by Fletcher32 checksum; the file is damaged; use an earlier copy"
    )
    #expect(error?.kind == .invalid)
  }

  @Test func aChunkBeyondTheArrayIsRefused() throws {
    var image = image
    // The layout message of `chunk`, its last extent being the size of an element: 3, 4, 4. It is the
    // only one in the file with these.
    let extents: [UInt8] = [3, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0]
    let places = image.ranges(of: extents)
    try #require(places.count == 1)
    image[places[0].lowerBound + 1] = 0x35
    let file = try HDF5File(image: image, path: "foreign.h5")
    let error = #expect(throws: FileError.self) {
      try file.read("chunk", as: Float.self, shape: [3, 4])
    }
    #expect(
      error?.description
        == "foreign.h5: chunk: expected chunks within the shape [3, 4], found chunks of shape [13571, 4]; the file is damaged; use an earlier copy"
    )
  }

  @Test func aShortFileIsNamed() throws {
    let error = #expect(throws: FileError.self) {
      _ = try HDF5File(image: image.dropLast(image.count / 2), path: "foreign.h5")
    }
    #expect(
      error?.description
        == "foreign.h5: expected an HDF5 file, found truncated file: eof = 13874, sblock->base_addr = 0, stored_eof = 27748; the file is cut short or damaged"
    )
  }

  /// What comes of everything in a file, in words.
  private func outcomes(_ file: borrowing HDF5File, below path: String = "") -> [String] {
    do throws(FileError) {
      let kind = try file.kind(of: path)
      let words = "\(path): \(kind.map { "\($0)" } ?? "nothing")"
      if kind == .group {
        return try file.members(of: path.isEmpty ? "/" : path).reduce([words]) { words, name in
          words + outcomes(file, below: "\(path)/\(name)")
        }
      }
      guard kind == .dataset else { return [words] }
      let form = try file.form(of: path)
      switch form.type {
      case .float:
        return ["\(words) \(form) \(try file.read(path, as: Float.self))"]
      case .integer:
        return ["\(words) \(form) \(try file.read(path, as: Int64.self))"]
      case .text, .other:
        return ["\(words) \(form) \(try file.readTexts(path))"]
      }
    } catch {
      return [error.description]
    }
  }

  /// The way of systems that know no confinement.
  @Test func theProcessItselfReadsTheSame() throws {
    let confined = outcomes(try open())
    #expect(confined.count > 20)
    let here = try HDF5File(image: image, path: "foreign.h5", isConfined: false)
    #expect(outcomes(here) == confined)
    // Both at once, and after the file that was opened last has gone.
    let second = try HDF5File(image: image, path: "foreign.h5", isConfined: false)
    #expect(outcomes(second) == confined && outcomes(here) == confined)
    let error = #expect(throws: FileError.self) {
      _ = try HDF5File(image: image.dropLast(9), path: "foreign.h5", isConfined: false)
    }
    #expect(
      error?.description
        == "foreign.h5: expected an HDF5 file, found truncated file: eof = 27739, sblock->base_addr = 0, stored_eof = 27748; the file is cut short or damaged"
    )
  }
}
