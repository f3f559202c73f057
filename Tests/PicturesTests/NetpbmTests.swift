import Pictures
import TestSupport
import Testing

/// PGM and PPM, and every number in them.
@Suite struct NetpbmTests {
  private func read(_ text: String, _ bytes: [UInt8] = []) throws -> Picture {
    try Picture(decoding: Array(text.utf8) + bytes, name: "p.pgm")
  }

  @Test func allFour() throws {
    #expect(
      try read("P2\n# a comment\n3 2 # another\n4\n0 1 2\n3 4 0\n")
        == Picture(height: 2, width: 3, pixels: [0, 64, 128, 191, 255, 0]))
    #expect(
      try read("P3 1 2 255 1 2 3 255 128 0")
        == Picture(height: 2, width: 1, channels: 3, pixels: [1, 2, 3, 255, 128, 0]))
    #expect(
      try read("P5\n2 2\n255\n", [0, 10, 32, 255])
        == Picture(height: 2, width: 2, pixels: [0, 10, 32, 255]))
    #expect(
      try read("P6 1 1 65535\n", [0xFF, 0xFF, 0x80, 0x00, 0, 1])
        == Picture(height: 1, width: 1, channels: 3, pixels: [255, 128, 0]))
  }

  @Test func aSecondPictureIsNotRead() throws {
    #expect(
      try read("P5 1 1 255 ", [7] + Array("P5 1 1 255 ".utf8) + [9])
        == Picture(height: 1, width: 1, pixels: [7]))
  }

  @Test(arguments: [
    ("P2", "width: expected a number, found the end of the file; the file is cut short"),
    ("P2 -1 2 255", #"width: expected a number after white space, found "-1""#),
    ("P23 1 255 0 0 0", #"width: expected a number after white space, found "3""#),
    ("P2 0 2 255", "width: expected 1 to 4294967295, found 0"),
    ("P2 1 2x 255", #"height: expected a number after white space, found "2x""#),
    ("P2 99999999999 1 255", #"width: expected a number after white space, found "99999999999""#),
    ("P2 1 1 65536 0", "brightest value: expected 1 to 65535, found 65536"),
    ("P2 1 1 0 0", "brightest value: expected 1 to 65535, found 0"),
    ("P2 2 1 9 7 10", "value 1 of 2: expected 0 to 9, found 10"),
    (
      "P2 2 2 9 1 2",
      "pixels: expected at least 7 bytes for 4 values, found 4; the file is cut short"
    ),
    (
      "P2 2 1 9    1",
      "value 1 of 2: expected a number, found the end of the file; the file is cut short"
    ),
    (
      "P5 2 2 255 abc",
      "pixels: expected at least 4 bytes for 4 values, found 3; the file is cut short"
    ),
    (
      "P5 1 1 255", "pixels: expected at least 1 bytes for 1 values, found 0; the file is cut short"
    ),
    ("P5 1 1 97 b", "value 0 of 1: expected 0 to 97, found 98"),
    ("P5 1 1 255#", "pixels: expected white space before them, found a comment"),
    (
      "P6 65535 65535 255 ",
      "expected a picture of at most 100 megapixels, each edge at most 65535 pixels, found one of"
        + " 65535 by 65535 pixels; scale it down"
    ),
    (
      "P5 4294967295 4294967295 255 ",
      "expected a picture of at most 100 megapixels, each edge at most 65535 pixels, found one of"
        + " 4294967295 by 4294967295 pixels; scale it down"
    ),
  ])
  func whatIsWrong(text: String, line: String) {
    #expect(complaint { try read(text) } == "p.pgm: \(line)")
  }
}
