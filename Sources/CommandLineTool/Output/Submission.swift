import ArgumentParser
import Files
import MiniCNN
import Runs

/// Where a table of predictions goes, as competitions want it.
struct SubmissionFlags: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Write a table of the classes, a row for each image, and nothing else; - for standard output.",
      valueName: "file"),
    completion: .file(extensions: ["csv"]))
  var csv: String?
  @Option(
    help: ArgumentHelp("The two names in the first row.", valueName: "names"))
  var csvHeader = "ImageId,Label"
  @Option(help: ArgumentHelp("The number of an IDX file's first image.", valueName: "number"))
  var csvFirst = 1
  @Flag(help: "Replace the file of --csv.") var overwrite = false

  /// Throws where flags do not go together.
  func check(hasJSON: Bool, many: Bool) throws {
    guard csv != nil else {
      if overwrite { throw ValidationError("--overwrite goes with --csv") }
      if csvHeader != "ImageId,Label" { throw ValidationError("--csv-header goes with --csv") }
      if csvFirst != 1 { throw ValidationError("--csv-first goes with --csv") }
      return
    }
    if hasJSON { throw ValidationError("--csv and --json: use one of them") }
    if many {
      throw ValidationError("--csv has a row for each picture; --many finds several digits in one")
    }
    guard (-1 << 31...1 << 31).contains(csvFirst) else {
      throw ValidationError(
        "--csv-first: expected a number of at most 2147483648, found \(csvFirst)")
    }
    guard CSV.fields(csvHeader)?.count == 2, !csvHeader.unicodeScalars.contains(where: \.leavesLine)
    else {
      throw ValidationError(
        "--csv-header: expected two names with a comma between them, found \"\(csvHeader.onOneLine)\""
      )
    }
  }

  /// The table that is to be written; `nil` where none is.
  ///
  /// - Throws: before any work is done, where the file is there already, or cannot be written, or there are no
  ///   classes.
  func table(of source: ModelSource, reading inputs: [String]) throws -> Submission? {
    guard let csv else { return nil }
    guard !source.names.isEmpty else {
      throw Failure(
        .data, "\(source.file): the model gives numbers and no classes, of which --csv has a column"
      )
    }
    if csv != "-" {
      guard !([source.file] + inputs).contains(where: { isSameFile($0, csv) }) else {
        throw Failure(.usage, "\(csv): is what is read; name another file")
      }
      guard overwrite || !WholeFile.exists(csv) else {
        throw Failure(.usage, "\(csv): already exists; --overwrite replaces it")
      }
      try AtomicFile.verifyWritable(csv)
    }
    return Submission(path: csv, header: csvHeader, first: csvFirst)
  }
}

/// A table of predictions: what an image is called, and its class.
struct Submission {
  private let path: String
  private let first: Int
  private let header: String
  private var rows: [(id: String, class: String)] = []
  /// The paths of the pictures that rows are of.
  private var paths: [String] = []

  init(path: String, header: String, first: Int) {
    (self.path, self.header, self.first) = (path, header, first)
  }

  /// Adds an image by its number in a file, from 0.
  mutating func add(_ number: Int, _ name: String) {
    rows.append(("\(first + number)", name))
  }

  /// Adds a picture by its file's name, or by its path where two have the same name.
  ///
  /// - Throws: a `FileError` where nothing was found in it: a row without a class is none.
  mutating func add(_ output: PictureOutput) throws(FileError) {
    guard let name = output.reading?.prediction?.class else {
      throw FileError(
        .invalid, file: output.file, expected: "something to read", found: "nothing",
        hint: "--as-is takes pictures as they are")
    }
    let file = output.file.utf8.split(separator: UInt8(ascii: "/")).last.map {
      String(Substring($0))
    }
    rows.append((file ?? output.file, name))
    paths.append(output.file)
  }

  private func field(_ text: String) -> String {
    let isPlain = text.unicodeScalars.allSatisfy { $0 != "," && $0 != "\"" && !$0.leavesLine }
    return isPlain ? text : CSV.quoted(text)
  }

  private var lines: [String] {
    let areUnique = Set(rows.map { Array($0.id.utf8) }).count == rows.count
    let ids = paths.isEmpty || areUnique ? rows.map(\.id) : paths
    return [header] + zip(ids, rows).map { "\(field($0)),\(field($1.class))" }
  }

  /// Writes the table, of which a file then has all or nothing.
  func write() throws(FileError) {
    guard path != "-" else {
      for line in lines { Terminal.result(line) }
      return
    }
    try AtomicFile.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: path)
    Terminal.message("\(path): \(Format.count(rows.count, "row"))")
  }
}
