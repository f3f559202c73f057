import CHDF5
import FalseAnswers
import Files
import Testing

@testable import HDF5

#if os(Linux)
  /// What a reading process that a file has taken over can do to the one that asks: nothing but make it
  /// throw, or believe something that a file might say.
  @Suite struct FalseAnswersTests {
    private let nonsense = FileError(
      .invalid, file: "a.h5", expected: "an HDF5 file",
      found: "content that confuses the HDF5 library", hint: "the file is damaged")
    private let silence = FileError(
      .invalid, file: "a.h5", expected: "an HDF5 file",
      found: "content that the HDF5 library gives no answer to", hint: "the file is damaged")

    /// A file of 100,000 bytes, as far as anybody knows.
    private func open(
      _ call: (UnsafeMutablePointer<OpaquePointer?>, UnsafeMutablePointer<chdf5_error>)
        -> chdf5_code
    ) throws -> HDF5File {
      var file: OpaquePointer?
      try FileError.check(.invalid, file: "a.h5") { call(&file, $0) }
      return HDF5File(taking: try #require(file), path: "a.h5", size: 100_000)
    }

    /// Asks for all that there is to be asked of an array, whatever is said to stand there.
    private func look(_ file: borrowing HDF5File, at name: String) throws(FileError) {
      _ = try file.kind(of: name)
      _ = try file.texts(of: name, attribute: "name")
      let form = try file.form(of: name)
      #expect(form.name != "" && form.byteCount >= 0)
      switch form.type {
      case .float: _ = try file.read(name, as: Float.self, limit: 4096)
      case .integer(_, isSigned: true): _ = try file.read(name, as: Int64.self, limit: 4096)
      case .integer: _ = try file.read(name, as: UInt64.self, limit: 4096)
      default: _ = try file.readTexts(name, limit: 1 << 15)
      }
    }

    @Test func anyAnswerIsReadOrRefused() throws {
      var count = 0
      var complaints: Set<String> = []
      for seed in 0..<1000 as Range<UInt64> {
        do {
          let file = try open { false_answers_open(seed, $0, $1) }
          for name in ["/a", "/b", "/c"] {
            try look(file, at: name)
            count += 1
          }
          _ = try file.members(of: "/")
        } catch let error as FileError {
          complaints.insert(error.found)
        }
      }
      // Few arrays are read, as one answer that is none ends it, and others are refused in many ways.
      #expect(count > 0)
      #expect(complaints.count > 10 && complaints.contains(nonsense.found))
    }

    @Test(arguments: [CHDF5_FLOATS, CHDF5_SIGNED, CHDF5_UNSIGNED, CHDF5_TEXTS])
    func anElementLargerThanAnyFileCanSayIsNone(elements: chdf5_elements) throws {
      for (size, isSound) in [(UInt64(UInt32.max), true), (1 << 32, false), (1 << 60, false)] {
        var form = chdf5_form()
        form.elements = elements
        form.element_size = size
        let file = try open { false_answers_open_form(&form, $0, $1) }
        let error = #expect(throws: FileError.self) { try file.form(of: "/a") }
        guard isSound else {
          #expect(error == nonsense)
          continue
        }
        #expect(
          error
            == FileError(
              .invalid, file: "a.h5", place: "/a",
              expected: "no more than a file of 100000 bytes can hold", found: ArrayForm(form).name)
        )
      }
    }

    @Test func theAnswerToAnEarlierQuestionIsNotTaken() throws {
      let file = try open { false_answers_open_late($0, $1) }
      for _ in 0..<3 {
        #expect(throws: silence) { try file.kind(of: "/a") }
        #expect(throws: silence) { try file.members(of: "/") }
      }
    }

    @Test func anAnswerThatNeverEndsIsNotWaitedFor() throws {
      let file = try open { false_answers_open_dripping($0, $1) }
      let begun = ContinuousClock.now
      #expect(throws: silence) { try file.members(of: "/") }
      #expect(ContinuousClock.now - begun < .seconds(9))
    }

    @Test func nothingIsAskedAfterNonsense() throws {
      var form = chdf5_form()
      form.elements = CHDF5_FLOATS
      form.element_size = 4
      let file = try open { false_answers_open_form(&form, $0, $1) }
      #expect(try file.form(of: "/a").type == .float(bytes: 4))
      #expect(throws: nonsense) { try file.kind(of: "/a") }
      #expect(throws: nonsense) { try file.form(of: "/a") }
    }
  }
#endif
