import Files
import TestSupport
import Testing

@testable import HDF5

@Suite struct MessageTests {
  @Test func requestsArriveAsTheyWereSent() {
    let requests: [Request] = [
      .open, .kind("/a"), .members("/ä"), .form(""), .values("/b/c", .uint8), .texts("x"),
    ]
    for request in requests {
      #expect(Request(request.message) == request)
    }
  }

  @Test func errorsArriveAsTheyWereSent() {
    let error = FileError(.invalid, file: "here", place: "a\nb", found: "x", hint: "é")
    var message = Message()
    message.put(error)
    #expect(message.takeError(file: "here") == error)
    #expect(message.bytes.isEmpty)
    var long = Message()
    long.put(FileError(.inputOutput, file: "", found: String(repeating: "y", count: 1 << 20)))
    #expect(
      long.takeError(file: "f")
        == FileError(.inputOutput, file: "f", found: String(repeating: "y", count: 400)))
  }

  @Test func formsArriveAsTheyWereSent() throws {
    var message = Message()
    message.put(1)
    message.put(8)
    message.put(1)
    message.put(8)
    message.put(2)
    message.put(3)
    message.put(4)
    var again = Message()
    var copy = message
    let form = try #require(ArrayForm(&copy))
    form.put(in: &again)
    #expect(form.type == .integer(bytes: 8, isSigned: true) && form.shape == [3, 4])
    #expect(again == message)
  }

  /// Whatever a process sends that has lost its mind ends in `nil`, never in a trap.
  @Test func nonsenseIsRefused() {
    var random = SplitMix64(state: 6)
    for round in 0..<20_000 {
      var bytes = (0..<Int.random(in: 0..<80, using: &random)).map { _ in
        Bool.random(using: &random) ? UInt8.random(in: 0...255, using: &random) : 0
      }
      if round % 3 == 0 { bytes += [UInt8](repeating: 255, count: 8) }
      var message = Message(bytes)
      switch round % 4 {
      case 0: _ = message.takeError(file: "f")
      case 1: _ = ArrayForm(&message)
      case 2: _ = Request(message)
      default: _ = message.takeOptionalText()
      }
    }
  }

  @Test(arguments: [
    [0, 4, 1, 4, 2, -1, 4], [0, 4, 1, 4, 65], [0, 4, 1, 0, 0], [0, 4, 1, 4, 2, 1 << 40, 1 << 40],
    [2, 7, 1, 5, 1, 1], [0, 4, 1, 4, 2, 1],
  ])
  func anImpossibleFormIsRefused(numbers: [Int]) {
    var message = Message()
    for number in numbers { message.put(number) }
    #expect(ArrayForm(&message) == nil)
  }
}
