import Pictures
import TestSupport
import Testing

/// What is no picture that is read is called by its name.
@Suite struct OtherFormatTests {
  @Test(arguments: [
    ([0, 0, 0, 24, 0x66, 0x74, 0x79, 0x70, 0x68, 0x65, 0x69, 0x63], "a HEIC file"),
    ([0, 0, 0, 24, 0x66, 0x74, 0x79, 0x70, 0x61, 0x76, 0x69, 0x66], "an AVIF file"),
    (Array("RIFF\u{10}\0\0\0WEBPVP8 ".utf8), "a WebP file"),
    (Array("GIF89a".utf8), "a GIF file"),
    ([0x49, 0x49, 0x2A, 0, 8, 0, 0, 0], "a TIFF file"),
    ([0x4D, 0x4D, 0, 0x2A, 0, 0, 0, 8], "a TIFF file"),
    (Array("BM6".utf8), "a BMP file"),
    (Array("P4 1 1 ".utf8), "a PBM file"),
    (Array("%PDF-1.7".utf8), "a PDF file"),
  ])
  func pictures(bytes: [UInt8], name: String) {
    #expect(
      complaint { try Picture(decoding: bytes, name: "photo") }
        == "photo: expected a PNG, JPEG or PGM picture, found \(name); save it as PNG or JPEG")
  }

  @Test(arguments: [
    ([], "an empty file"), ([0x89, 0x48, 0x44, 0x46, 0x0D], "an HDF5 file"),
    ([0, 0, 8, 3, 0, 0], "an IDX file"), ([0x1F, 0x8B, 8], "a gzip file"),
    (Array("hello".utf8), "a file of another kind"), ([0x89], "a file of another kind"),
  ])
  func others(bytes: [UInt8], name: String) {
    #expect(
      complaint { try Picture(decoding: bytes, name: "photo") }
        == "photo: expected a PNG, JPEG or PGM picture, found \(name)")
  }

  @Test func noFileAndAFolder() throws {
    let folder = try TemporaryFolder()
    let missing = complaint { try Picture(contentsOf: folder("none.png")) }
    #expect(missing == "\(folder.path)/none.png: cannot open: no such file or directory")
    let directory = complaint { try Picture(contentsOf: folder.path) }
    #expect(directory == "\(folder.path): expected a regular file, found a folder")
  }
}
