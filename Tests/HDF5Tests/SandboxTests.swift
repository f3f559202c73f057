import CSandbox
import Foundation
import Testing

#if os(Linux)
  /// What a process that is kept apart can do and what it cannot.
  @Suite struct SandboxTests {
    /// Starts one; the value of `errno` and the step that failed.
    private func start(
      _ child: inout csandbox_child, memory: Int = 1 << 24, seconds: UInt32 = 1,
      _ serve: @escaping @convention(c) (UnsafeMutableRawPointer?, Int32) -> Void
    ) -> (code: Int32, step: String) {
      var step: UnsafePointer<CChar>?
      let limits = csandbox_limits(memory: memory, seconds: seconds)
      let code = csandbox_start(&child, limits, nil, serve, nil, &step)
      return (code, step.map { String(cString: $0) } ?? "no step")
    }

    /// Starts one, and returns the bytes it sends, at most `count`, and the signal that ended it.
    private func run(
      memory: Int = 1 << 24, seconds: UInt32 = 1, count: Int = 1,
      _ serve: @escaping @convention(c) (UnsafeMutableRawPointer?, Int32) -> Void
    ) -> (bytes: [UInt8], signal: Int32) {
      var child = csandbox_child()
      #expect(start(&child, memory: memory, seconds: seconds, serve) == (0, ""))
      var bytes = [UInt8](repeating: 0, count: count)
      let isWhole =
        csandbox_receive(child.connection, &bytes, count, csandbox_deadline(50_000)) != 0
      let signal = csandbox_signal(child)
      csandbox_stop(child)
      return (isWhole ? bytes : [], signal)
    }

    @Test func itAnswersAndEnds() {
      let outcome = run(count: 3) { _, connection in
        _ = csandbox_send(connection, [7, 8, 9] as [UInt8], 3, -1)
      }
      #expect(outcome.bytes == [7, 8, 9] && outcome.signal == 0)
    }

    @Test func noFileCanBeOpenedAndNoProcessStarted() {
      let outcome = run(count: 4) { _, connection in
        let opened = open("/dev/null", O_RDONLY)
        let code = UInt8(truncatingIfNeeded: errno)
        let killed = kill(1, 0)
        // Standard error of the parent is no longer there.
        let written = write(2, "x", 1)
        _ = csandbox_send(
          connection,
          [
            UInt8(opened < 0 ? 1 : 0), code, UInt8(killed < 0 ? 1 : 0), UInt8(written < 0 ? 1 : 0),
          ], 4, -1)
      }
      #expect(outcome.bytes == [1, UInt8(EPERM), 1, 1])
    }

    @Test func whatThisMachineAllowsIsTried() {
      var step: UnsafePointer<CChar>?
      #expect(csandbox_probe(&step) == 0)
      #expect(step.map { String(cString: $0) } == "")
    }

    @Test func memoryIsBounded() {
      let outcome = run(count: 2) { _, connection in
        // Mapped and not allocated, as a compiler may leave out what nobody uses.
        let fits = [1 << 22, 1 << 31].map { count in
          mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED
        }
        _ = csandbox_send(connection, fits.map { $0 ? 1 : 0 } as [UInt8], 2, -1)
      }
      #expect(outcome.bytes == [1, 0])
    }

    @Test func timeIsBounded() {
      let start = ContinuousClock.now
      let outcome = run { _, _ in
        while getpid() != 0 {}
      }
      #expect(outcome.bytes == [])
      #expect(outcome.signal == SIGXCPU)
      #expect(ContinuousClock.now - start < .seconds(55))
    }

    @Test func aCrashStaysThere() {
      let outcome = run { _, _ in
        UnsafeMutablePointer<Int>(bitPattern: 8)?.pointee = 1
      }
      #expect(outcome.bytes == [] && outcome.signal == SIGSEGV)
    }

    @Test func aBusyOneIsStopped() {
      var child = csandbox_child()
      let outcome = start(&child, seconds: 9) { _, connection in
        var byte: UInt8 = 0
        _ = csandbox_receive(connection, &byte, 1, -1)
      }
      #expect(outcome == (0, ""))
      var byte: UInt8 = 0
      // It says nothing.
      #expect(csandbox_receive(child.connection, &byte, 1, csandbox_deadline(20)) == 0)
      #expect(csandbox_signal(child) == 0 && csandbox_stop(child) == SIGKILL)
      #expect(waitpid(child.process, nil, 0) == -1)
    }

    @Test func oneThatIsKilledHasNotUsedItsTime() {
      var child = csandbox_child()
      #expect(
        start(&child, seconds: 9) { _, connection in
          var byte: UInt8 = 0
          _ = csandbox_receive(connection, &byte, 1, -1)
        } == (0, ""))
      kill(child.process, SIGKILL)
      #expect(csandbox_signal(child) == SIGKILL && csandbox_stop(child) == SIGKILL)
    }

    /// However often it says something, an answer has one deadline.
    @Test func oneThatDripsIsNotHeardToTheEnd() {
      var child = csandbox_child()
      #expect(
        start(&child, seconds: 9) { _, connection in
          var byte: UInt8 = 1
          while csandbox_send(connection, &byte, 1, -1) != 0 {
            let pause = csandbox_deadline(5)
            while csandbox_deadline(0) < pause {}
          }
        } == (0, ""))
      let begun = ContinuousClock.now
      var bytes = [UInt8](repeating: 0, count: 1 << 20)
      #expect(csandbox_receive(child.connection, &bytes, bytes.count, csandbox_deadline(200)) == 0)
      #expect(bytes[0] == 1 && ContinuousClock.now - begun < .seconds(5))
      #expect(csandbox_stop(child) == SIGKILL)
    }

    @Test func oneThatStopsReadingIsNotWaitedFor() {
      var child = csandbox_child()
      #expect(
        start(&child, seconds: 30) { _, connection in
          var byte: UInt8 = 0
          _ = csandbox_receive(connection, &byte, 1, -1)
          while getpid() != 0 {}
        } == (0, ""))
      let begun = ContinuousClock.now
      let bytes = [UInt8](repeating: 7, count: 1 << 24)
      #expect(csandbox_send(child.connection, bytes, bytes.count, csandbox_deadline(200)) == 0)
      #expect(ContinuousClock.now - begun < .seconds(5))
      #expect(csandbox_stop(child) == SIGKILL)
    }

    @Test func noFileStaysOpenAndNothingElseIsReadOrSent() {
      let outcome = run(count: 2) { _, connection in
        // Descriptors would be left, but none is open and none can be made.
        let isOpen = (0..<1024 as Range<Int32>).contains { file in
          var byte: UInt8 = 0
          return file != connection && read(file, &byte, 1) >= 0
        }
        _ = csandbox_send(
          connection, [isOpen ? 1 : 0, dup(connection) < 0 ? 1 : 0] as [UInt8], 2, -1)
      }
      #expect(outcome.bytes == [0, 1])
    }

    @Test func handlersOfTheProgramDoNotRunThere() {
      // Whatever the program does where its terminal is closed, the copy does not do it.
      signal(SIGUSR2) { _ in _exit(3) }
      defer { signal(SIGUSR2, SIG_DFL) }
      var child = csandbox_child()
      let outcome = start(&child, seconds: 9) { _, connection in
        var byte: UInt8 = 0
        _ = csandbox_receive(connection, &byte, 1, -1)
        _ = csandbox_send(connection, [byte + 1], 1, -1)
      }
      #expect(outcome == (0, ""))
      kill(child.process, SIGUSR2)
      var byte: UInt8 = 7
      #expect(csandbox_send(child.connection, &byte, 1, -1) != 0)
      #expect(csandbox_receive(child.connection, &byte, 1, csandbox_deadline(50_000)) != 0)
      // It may have come to its own end before it is stopped.
      let status = csandbox_stop(child)
      #expect(byte == 8 && (status == 0 || status == SIGKILL))
    }

    /// Linux would send a death signal of the parent where this thread ends.
    @Test func itOutlivesTheThreadThatStartedIt() async {
      let child = await withCheckedContinuation { continuation in
        Thread.detachNewThread {
          var child = csandbox_child()
          let outcome = start(&child, seconds: 9) { _, connection in
            var byte: UInt8 = 0
            _ = csandbox_receive(connection, &byte, 1, -1)
            _ = csandbox_send(connection, [byte + 1], 1, -1)
          }
          #expect(outcome == (0, ""))
          continuation.resume(returning: child)
        }
      }
      try? await Task.sleep(for: .milliseconds(200))
      var byte: UInt8 = 7
      #expect(csandbox_send(child.connection, &byte, 1, -1) != 0)
      #expect(csandbox_receive(child.connection, &byte, 1, csandbox_deadline(50_000)) != 0)
      #expect(byte == 8)
      csandbox_stop(child)
    }

    @Test func oneThatCannotBeConfinedDoesNotRun() {
      var child = csandbox_child()
      let outcome = start(&child, memory: -1) { _, connection in
        _ = csandbox_send(connection, [1] as [UInt8], 1, -1)
      }
      #expect(outcome == (EOVERFLOW, "limit its memory"))
      #expect(child.process == 0 && csandbox_stop(child) == 0)
    }
  }
#endif
