import Files
import Testing

@Suite struct FileErrorTests {
  @Test func aSentenceHasAllItsParts() {
    let error = FileError(
      .invalid, file: "train-images", place: "magic number",
      expected: "2051 (3-D unsigned bytes)", found: "2049 (1-D unsigned bytes)",
      hint: "is this the label file?")
    #expect(
      error.description
        == "train-images: magic number: expected 2051 (3-D unsigned bytes), found 2049 (1-D unsigned bytes); is this the label file?"
    )
  }

  @Test func whatTheSystemSaysIsPassedOn() {
    #expect(
      FileError.system(2, file: "a.idx", action: "open").description
        == "a.idx: cannot open: no such file or directory")
    #expect(FileError.system(2, file: "a.idx", action: "open").kind == .missing)
    #expect(FileError.system(13, file: "a.idx", action: "open").kind == .inputOutput)
  }

  @Test func whatAFileSaysCannotLeaveTheLine() {
    let error = FileError(
      .invalid, file: "a\u{2028}b", place: "line 1", expected: "one",
      found: "\"x\r\ny\u{1B}[2J\"", hint: "näme")
    #expect(error.description == "a?b: line 1: expected one, found \"x??y?[2J\"; näme")
  }
}
