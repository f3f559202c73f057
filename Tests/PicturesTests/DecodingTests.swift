import CPictures
import Pictures
import TestSupport
import Testing

/// PNG and JPEG come to the pixels that other programs have for them.
@Suite struct DecodingTests {
  @Test func everyFixtureIsThere() {
    #expect(Fixture.pngs.count == 35 && Fixture.jpegs.count == 16)
  }

  @Test(arguments: Fixture.pngs)
  func everyKindOfPNG(_ fixture: Fixture) throws {
    let expected = fixture.picture
    for isConfined in [true, false] {
      let found = try Picture.decode(fixture.bytes, name: "p", isConfined: isConfined)
      #expect(found == expected)
    }
  }

  @Test(arguments: Fixture.jpegs.filter { $0.name != "CMYK" })
  func everyKindOfJPEG(_ fixture: Fixture) throws {
    let expected = fixture.picture
    for isConfined in [true, false] {
      let found = try Picture.decode(fixture.bytes, name: "p", isConfined: isConfined)
      try #require(found.height == expected.height && found.width == expected.width)
      try #require(found.channels == expected.channels)
      // libjpeg's versions differ by a level or two where colours are converted or enlarged.
      let worst = zip(found.pixels, expected.pixels).map { abs(Int($0) - Int($1)) }.max()
      #expect((worst ?? 255) <= 3)
    }
  }

  @Test func theFormatIsTheBytesAndNotTheName() throws {
    let folder = try TemporaryFolder()
    let fixture = try #require(Fixture.named("colour type 0, 8 bits"))
    let path = try folder.write("photo.jpg", fixture.bytes)
    #expect(try Picture(contentsOf: path) == fixture.picture)
  }

  /// What cannot be decoded is told in one line, confined or not.
  private func check(
    _ bytes: [UInt8], says line: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for isConfined in [true, false] {
      let said = complaint { try Picture.decode(bytes, name: "p", isConfined: isConfined) }
      #expect(said == line, sourceLocation: sourceLocation)
    }
  }

  @Test func filesThatAreCutShort() throws {
    let png = try #require(Fixture.named("colour type 2, 8 bits")).bytes
    let jpeg = try #require(Fixture.named("colour")).bytes
    for count in [8, 20, 40, png.count - 20, png.count - 12, png.count - 1] {
      check(
        Array(png.prefix(count)),
        says: "p: expected a PNG picture, found one that is cut short; the file is damaged")
    }
    for count in [3, 100, jpeg.count - 60, jpeg.count - 2] {
      check(
        Array(jpeg.prefix(count)),
        says: "p: expected a JPEG picture, found one that is cut short; the file is damaged")
    }
  }

  @Test func filesThatAreDamaged() throws {
    var png = try #require(Fixture.named("colour type 2, 8 bits")).bytes
    png[29] ^= 255
    check(
      png,
      says: "p: expected a PNG picture, found one that libpng refuses: IHDR: CRC error; the file is"
        + " damaged")
    png[12] = 0
    check(
      png,
      says: "p: expected a PNG picture, found one that libpng refuses: no IHDR chunk at the start;"
        + " the file is damaged")
    check(
      [0xFF, 0xD8, 0xFF, 0xD9],
      says: "p: expected a JPEG picture, found one that libjpeg refuses: no frame header; the file"
        + " is damaged")
  }

  @Test func picturesOfPrinting() throws {
    check(
      try #require(Fixture.named("CMYK")).bytes,
      says: "p: expected a JPEG picture in grey or RGB, found one in CMYK, the colours of printing;"
        + " save it in RGB")
  }

  @Test func picturesThatAreTooLarge() throws {
    func png(_ width: [UInt8], _ height: [UInt8]) throws -> [UInt8] {
      var bytes = try #require(Fixture.named("colour type 0, 8 bits")).bytes
      bytes.replaceSubrange(16..<24, with: width + height)
      return bytes
    }
    let start =
      "p: expected a picture of at most 100 megapixels, each edge at most 65535 pixels, found one of"
    check(
      try png([0, 0, 0x40, 0], [0, 0, 0x40, 0]),
      says: "\(start) 16384 by 16384 pixels; scale it down")
    check(
      try png([0, 1, 0, 0], [0, 0, 0, 1]), says: "\(start) 65536 by 1 pixels; scale it down")
    // Within the bounds, but no file so small can hold it: no memory is set aside.
    check(
      try png([0, 0, 0x20, 0], [0, 0, 0x20, 0]),
      says: "p: expected a PNG picture, found one that libpng refuses: IHDR: CRC error; the file is"
        + " damaged")
  }
}
