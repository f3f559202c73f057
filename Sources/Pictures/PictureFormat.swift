import Files

/// The formats of pictures that are read.
enum PictureFormat {
  case png
  case jpeg
  /// PGM and PPM, in binary or as text.
  case netpbm

  /// Looks at the first bytes.
  ///
  /// - Throws: a ``FileError`` that names the format where it is one that is known and not read.
  init(of bytes: [UInt8], name: String) throws(FileError) {
    func begins(_ start: [UInt8]) -> Bool { bytes.starts(with: start) }
    if begins([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      self = .png
    } else if begins([0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else if ["P2", "P3", "P5", "P6"].contains(where: { begins(Array($0.utf8)) }) {
      self = .netpbm
    } else {
      let other = Self.others.first { bytes.dropFirst($0.place).starts(with: $0.start) }
      throw FileError(
        .invalid, file: name, expected: "a PNG, JPEG or PGM picture",
        found: bytes.isEmpty ? "an empty file" : other?.name ?? "a file of another kind",
        hint: other?.isPicture == true ? "save it as PNG or JPEG" : nil)
    }
  }

  private struct Other {
    let name: String
    let start: [UInt8]
    let place: Int
    let isPicture: Bool

    init(_ name: String, _ start: [UInt8], at place: Int = 0, isPicture: Bool = true) {
      (self.name, self.start, self.place, self.isPicture) = (name, start, place, isPicture)
    }

    init(_ name: String, _ start: String, at place: Int = 0, isPicture: Bool = true) {
      self.init(name, Array(start.utf8), at: place, isPicture: isPicture)
    }
  }

  /// What else there is, the longer beginnings first.
  private static let others: [Other] =
    ["heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"].map {
      Other("a HEIC file", "ftyp\($0)", at: 4)
    } + [
      Other("an AVIF file", "ftypavif", at: 4), Other("an AVIF file", "ftypavis", at: 4),
      Other("a JPEG XL file", [0, 0, 0, 12, 0x4A, 0x58, 0x4C, 0x20]),
      Other("a JPEG 2000 file", [0, 0, 0, 12, 0x6A, 0x50, 0x20, 0x20]),
      Other("a WebP file", "WEBP", at: 8), Other("a GIF file", "GIF8"),
      Other("a TIFF file", [0x49, 0x49, 0x2A, 0]), Other("a TIFF file", [0x4D, 0x4D, 0, 0x2A]),
      Other("a PBM file", "P1"), Other("a PBM file", "P4"), Other("a PAM file", "P7"),
      Other("an SVG file", "<svg"), Other("a PDF file", "%PDF"), Other("a BMP file", "BM"),
      Other("a JPEG XL file", [0xFF, 0x0A]),
      Other("an HDF5 file", [0x89, 0x48, 0x44, 0x46], isPicture: false),
      Other("a gzip file", [0x1F, 0x8B], isPicture: false),
      Other("a zip file", [0x50, 0x4B, 3, 4], isPicture: false),
      Other("an IDX file", [0, 0, 8], isPicture: false),
    ]
}
