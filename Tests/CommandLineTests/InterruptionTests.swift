import Files
import Foundation
import Platform
import TestSupport
import Testing

/// What stops a run that another command has started, and when.
@Suite struct InterruptionTests {
  /// Starts a long run as a sweep does, lets it train for a moment, and returns its exit code after
  /// what is done to it; 0 where it goes on.
  private func end(
    _ place: Workplace, _ body: (_ process: pid_t, _ connection: Int32) -> Void
  ) throws -> Int32 {
    let connection = try connectedSockets()
    let process = try spawn(
      Program.path(of: "minicnn"),
      [
        "train", "--model=\(place("small.yaml"))", "--data=\(place("data"))", "--epochs=200000",
        "--threads=1", "--checkpoint=\(place("a.weights.h5"))",
      ], environment: environmentEntries + ["MINICNN_SUPERVISOR=3"],
      files: [
        (3, .descriptor(connection.1)), (0, .path("/dev/null", flags: O_RDONLY)),
        (1, .path("/dev/null", flags: O_WRONLY)),
        (2, .path(place("messages.txt"), flags: O_WRONLY | O_CREAT, mode: 0o600)),
      ])
    close(connection.1)
    place.waitForText(in: "messages.txt")
    usleep(100_000)
    body(process, connection.0)
    var status: Int32 = 0
    for _ in 0..<3000 {
      if waitpid(process, &status, WNOHANG) == process { return (status >> 8) & 0xFF }
      usleep(10_000)
    }
    kill(process, SIGKILL)
    waitpid(process, nil, 0)
    return 0
  }

  /// Whoever passes a signal on and is then killed has asked once.
  @Test func anEndAfterASignalDoesNotCutTheSaveShort() throws {
    let place = try Workplace(images: 6000)
    let status = try end(place) { process, connection in
      kill(process, SIGTERM)
      close(connection)
    }
    #expect(status == 143)
    #expect(WholeFile.exists(place("a.weights.h5")))
  }

  @Test(
    .enabled(if: !ignoresSignal(SIGHUP)), arguments: [SIGHUP, SIGINT, SIGQUIT, SIGTERM])
  func aSignalThatAParentHasBlockedIsHeard(number: Int32) throws {
    let place = try Workplace(images: 6000)
    var signals = sigset_t()
    var before = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, number)
    pthread_sigmask(SIG_BLOCK, &signals, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    var own: Int32 = -1
    let status = try end(place) { process, connection in
      own = connection
      kill(process, number)
    }
    close(own)
    #expect(status == 128 + number)
    #expect(WholeFile.exists(place("a.weights.h5")))
  }
}
