import ArgumentParser
import Files
import MiniCNN

/// Predicts the classes of images.
struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Predicts what pictures show, and draws what the network saw of them.",
    discussion: """
      EXAMPLES
        minicnn predict digits-fast photo.jpg
        minicnn predict digits-fast scans/ 'more/7.png'
        minicnn predict digits-fast number.jpg --many --json
        minicnn predict lenet5 --images t10k-images-idx3-ubyte.gz --index 0 7
        minicnn predict lenet5 --images t10k-images-idx3-ubyte.gz --csv out.csv

      Pictures are PNG, JPEG (turned as its EXIF orientation says), PGM or PPM files, folders of them, \
      or - for standard input. A network that takes grey images gets them as MNIST's are: the paper is \
      levelled, the digit found, fitted into 20 of 28 pixels and centred by its mass, white on black. \
      One that takes colours gets the middle of the picture. With --as-is all of the picture is only \
      scaled to the network's size, white where it is white. What looks wrong is said on standard \
      error. A file that cannot be read is named there; the others are read, and the exit code is that \
      of the first error.

      Of --images, images named with --index are drawn; without --index all are predicted, a line each.

      --csv writes a submission in place of all that: the header ImageId,Label and a row for each image, \
      numbered from 1 in an IDX file, called by its file's name where it is a picture. It is written when \
      every image has a class, and not at all otherwise.

      JSON: predictions, a list. For each picture: file, class, probability, probabilities, prepared \
      (method, box (left, top, width, height), scale, polarity, paper, strokeWidth, thickening), \
      warnings (name, text); with --many, file and digits, a list of these; error in place of them \
      where it cannot be read. For each image of --images: index, class, probability, \
      probabilities; outputs in place of the last two where those of the model stand for no \
      probabilities. There is no class where the model was \
      trained on numbers, or the picture has nothing in it.
      """)

  @OptionGroup var source: ModelSourceArgument
  @Argument(
    help: ArgumentHelp(
      "Pictures of yours: files, folders, or - for standard input.", valueName: "picture"),
    completion: .picture)
  var pictures: [String] = []
  @Flag(help: "Take pictures as they are, only scaled.") var asIs = false
  @Flag(help: "Read several digits in each picture, from left to right.") var many = false
  @Option(
    help: ArgumentHelp("An IDX file of images, instead of pictures.", valueName: "file"),
    completion: .idx)
  var images: String?
  @Option(parsing: .upToNextOption, help: "The numbers of images, counted from 0.")
  var index: [Int] = []
  @OptionGroup var submission: SubmissionFlags
  @OptionGroup var weightsFlag: WeightsFlag
  @OptionGroup var viewsOption: ViewsOption
  @OptionGroup var threadsOption: ThreadsOption
  @OptionGroup var jsonFlag: JSONFlag

  func validate() throws {
    guard pictures.isEmpty == (images != nil) else {
      throw ValidationError(
        images == nil
          ? "name pictures after the checkpoint, or a file of images with --images"
          : "--images names a file of images; use it or pictures, not both")
    }
    if !index.isEmpty, images == nil { throw ValidationError("--index goes with --images") }
    if asIs || many, images != nil {
      throw ValidationError("--\(many ? "many" : "as-is") goes with pictures, not with --images")
    }
    if asIs && many {
      throw ValidationError("--many looks for digits, and --as-is for none; use one of them")
    }
    try submission.check(hasJSON: jsonFlag.json, many: many)
  }

  func run() throws {
    let source = try source.read()
    let model = try source.model(weightsFlag)
    let table = try submission.table(
      of: source, reading: pictures + (images.map { [$0] } ?? []))
    let classifier = Classifier(
      model.network, loss: model.loss, views: try viewsOption.views(for: model.network),
      threads: threadsOption.threads)
    if let images { return try predict(images, classifier, source, table) }
    try read(classifier, source, table)
  }

  // Images of a data set

  private func predict(
    _ images: String, _ classifier: Classifier, _ source: ModelSource, _ table: Submission?
  ) throws {
    let set = try ImageSet(images: images)
    try set.checkShape(source.model.network)
    for number in index where !(0..<set.count).contains(number) {
      throw Failure(
        .usage,
        "--index: expected 0 to \(set.count - 1), the last image of \(images), found \(number)")
    }
    let numbers = index.isEmpty ? Array(0..<set.count) : index
    let predictions: [Classifier.Prediction]
    do throws(NumericFault) {
      predictions = try classifier.predict(set, numbers)
    } catch {
      throw FileError(
        .invalid, file: images, place: error.sample.map { "image \($0)" },
        expected: "finite numbers", found: "one that is not")
    }
    let found = zip(numbers, predictions).map { number, prediction in
      PredictionOutput(prediction, index: number, names: source.names)
    }
    if var table {
      for (number, prediction) in zip(numbers, found) { table.add(number, prediction.class ?? "") }
      return try table.write()
    }
    if jsonFlag.json { return try JSONOutput.print(["predictions": found]) }
    for (number, prediction) in zip(numbers, found) {
      Terminal.result("image \(number): \(prediction.text)")
      if !index.isEmpty { Terminal.result(ImageDrawing.of(number, in: set)) }
    }
  }

  // Pictures

  private func read(
    _ classifier: Classifier, _ source: ModelSource, _ table: Submission?
  ) throws {
    var table = table
    guard let preparation = PicturePreparation(input: source.model.network.inputShape) else {
      throw Failure(
        .data,
        "\(source.file): \(source.model.network.spec.name) takes \(source.model.network.inputShape); a picture has 1"
          + " or 3 channels")
    }
    let reader = PictureReader(
      classifier, preparation, method: asIs ? .asIs : many ? .manyDigits : .oneDigit)
    var outputs: [PictureOutput] = []
    var firstError: FileError?
    func fail(_ error: FileError) {
      Terminal.message("error: \(error)")
      firstError = firstError ?? error
      outputs.append(PictureOutput(file: error.file, error: error.description))
    }
    for path in pictures {
      do throws(FileError) {
        for file in try Picture.files(inFolder: path) ?? [path] {
          do throws(FileError) {
            let picture =
              file == "-"
              ? try Picture(descriptor: 0, name: "standard input") : try Picture(contentsOf: file)
            let found = try output(
              file == "-" ? "standard input" : file, picture, reader, source)
            try table?.add(found)
            outputs.append(found)
          } catch {
            fail(error)
          }
        }
      } catch {
        fail(error)
      }
    }
    if jsonFlag.json { try JSONOutput.print(["predictions": outputs]) }
    if firstError == nil { try table?.write() }
    if let firstError { throw ExitCode(Failure.Code(firstError.kind).rawValue) }
  }

  /// What is read in a picture; prints it as well, where a person reads it.
  private func output(
    _ name: String, _ picture: Picture, _ reader: PictureReader, _ source: ModelSource
  ) throws(FileError) -> PictureOutput {
    let readings: [PictureReader.Reading]
    do throws(NumericFault) {
      readings = try reader.read(picture)
    } catch {
      throw FileError(.invalid, file: name, found: "\(error)")
    }
    let found = readings.map { ReadingOutput($0, names: source.names) }
    if submission.csv != nil {
      for output in found { warn(name.onOneLine, output) }
    } else if !jsonFlag.json {
      show(name.onOneLine, found, readings)
    }
    return many
      ? PictureOutput(file: name, digits: found) : PictureOutput(file: name, reading: found.first)
  }

  private func show(
    _ name: String, _ found: [ReadingOutput], _ readings: [PictureReader.Reading]
  ) {
    if many {
      let classes = found.compactMap { $0.prediction?.class?.onOneLine }.joined(separator: " ")
      Terminal.result("\(name): \(found.isEmpty ? "nothing found" : classes)")
    }
    for (number, (output, reading)) in zip(found, readings).enumerated() {
      let title = many ? "\(name), \(number + 1)" : name
      Terminal.result("\(title): \(output.text)")
      warn(title, output)
      Terminal.result(reading.prepared.changes.text)
      let picture = reading.prepared
      Terminal.result(
        ImageDrawing.of(
          picture.pixels, height: picture.height, width: picture.width,
          channels: picture.channels))
    }
  }

  private func warn(_ title: String, _ output: ReadingOutput) {
    for warning in output.warnings { Terminal.message("warning: \(title): \(warning.text)") }
  }
}
