import Checkpoints
import Foundation
import ImageData
import NeuralNetwork
import Runs
import TestSupport
import Testing
import Training

@testable import Reports

/// The pages as a browser draws them: nothing overflows, nothing is asked for, every text can be read.
@Suite(.serialized) struct PageTests {
  static let names = [
    "0", "<script>window.isBroken = true</script>", "\"><img src=x onerror=\"isBroken = true\">",
    "3",
    "a name that is longer than anyone would call a class of images, in one word: "
      + String(repeating: "m", count: 60), "5", "&amp;", "'7'",
    "\u{600}</SCRIPT>\u{600}<img src=x onerror='isBroken = true'>", "9",
  ]

  private static func digits() throws -> ImageSet {
    try DataFolder(Repository.path("Datasets/mnist")).load(.test)
  }

  private static func checkpoint(_ name: String) throws -> Checkpoint {
    try Checkpoint(contentsOf: Repository.path("Models/\(name).weights.h5"))
  }

  private static func see(_ name: String = "digits-fast", names: [String] = Self.names) throws
    -> String
  {
    let digits = try digits()
    return try SeePage(
      checkpoint(name).network, name: name, classNames: names,
      picture: .init(digits, index: 7), bank: digits
    ).html()
  }

  private static func report(names: [String] = Self.names) throws -> String {
    var checkpoint = try checkpoint("digits-fast")
    checkpoint.classNames = names
    let data = try LabelledData(digits().prefix(2000))
    return try RunReport(
      checkpoint, file: "digits-fast.weights.h5", network: checkpoint.network, on: data,
      command: "minicnn train --model 'a model.yaml'"
    ).html()
  }

  @Test(arguments: Browser.Window.all)
  func seeCanBeRead(window: Browser.Window) throws {
    let page = try Self.see()
    let plain = try Browser.faults(of: page, in: window)
    #expect(plain == [])
    let everything = """
      state.arrived = 0; redraw(); select(3, 1234); byId('right').click(); byId('activation').value = 'sigmoid';
      byId('activation').dispatchEvent(new Event('change')); select(2, 999)
      """
    let changed = try Browser.faults(of: page, in: window, after: everything)
    #expect(changed == [])
  }

  @Test(arguments: Browser.Window.all)
  func reportCanBeRead(window: Browser.Window) throws {
    let page = try Self.report()
    let plain = try Browser.faults(of: page, in: window)
    #expect(plain == [])
    let opened = "document.querySelector('[popover]').showPopover()"
    let open = try Browser.faults(of: page, in: window, after: opened)
    #expect(open == [])
  }

  /// The pictures of docs/lab.md, as the laboratory draws them.
  @Test(arguments: ["pooling", "activation", "flatten", "regularization"])
  func picturesOfTheLaboratoryCanBeRead(name: String) throws {
    let picture = try String(
      contentsOfFile: Repository.path("docs/lab/\(name).svg"), encoding: .utf8)
    for window in Browser.Window.all where window.width > 1000 {
      // What is behind its texts is a rectangle of the drawing, which the check does not see.
      let page = "<!doctype html><body style='background: var(--card)'>\(picture)</body>"
      let faults = try Browser.faults(of: page, in: window)
      #expect(faults == [], "\(window)")
    }
  }

  @Test func namesOfClassesAreNoMarkup() throws {
    for page in [try Self.see(), try Self.report()] {
      #expect(try Browser.value(of: "window.isBroken", in: page, waits: true) == "undefined")
    }
  }

  @Test func pagesAskForNothing() throws {
    for page in [try Self.see(names: []), try Self.report(names: (0..<10).map(String.init))] {
      let page = page.replacing("http://www.w3.org/2000/svg", with: "")
      #expect(!page.contains("http://") && !page.contains("https://"))
      #expect(!page.contains("@import") && !page.contains("<link"))
    }
  }

  @Test func theSamePageTwice() throws {
    #expect(try Self.see() == Self.see())
    #expect(try Self.report() == Self.report())
  }

  @Test func sizesAreBounded() throws {
    #expect(try Self.see().utf8.count <= 2_000_000)
    #expect(try Self.report().utf8.count <= 3_000_000)
    // A network that knows nothing makes mistakes of every kind, here with images that are noise.
    let shape: Shape = [96, 96, 3]
    let network = try Network(
      ModelSpec("noise", input: shape, layers: [GlobalAvgPool2D(), Dense(units: 20)]), seed: 1)
    var random = CounterRandom(seed: 1, .test)
    let noise = try ImageSet(
      pixels: (0..<500 * shape.count).map { _ in UInt8(random.below(256)) },
      labels: (0..<500).map { UInt8($0 % 20) }, height: 96, width: 96, channels: 3)
    let settings = TrainingSettings()
    let trainer = try Trainer(
      TrainingState(network: network, settings: settings), settings: settings, data: noise)
    let report = RunReport(
      try Checkpoint(trainer), file: "file", network: network, on: try LabelledData(noise))
    #expect(report.mistakes.count > 400)
    #expect(try report.html().utf8.count <= 3_000_000)
  }

  @Test func aReportTakesLessThanTwoSeconds() throws {
    let checkpoint = try Self.checkpoint("digits-fast"), digits = try LabelledData(Self.digits())
    let times = (0..<3).map { _ in
      let time = ContinuousClock().measure {
        _ = try? RunReport(
          checkpoint, file: "file", network: checkpoint.network, on: digits
        ).html()
      }
      return time / .seconds(1)
    }
    #expect(times.min() ?? 9 < 2, "\(times)")
  }

  @Test func redrawsThirtyTimesASecond() throws {
    let page = try Self.see()
    let rates = try (0..<3).map { _ in
      Double(try Browser.value(of: "redrawsPerSecond(40)", in: page)) ?? 0
    }
    #expect(rates.max() ?? 0 >= 30, "\(rates)")
  }
}
