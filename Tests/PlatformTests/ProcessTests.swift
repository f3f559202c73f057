import Platform
import Testing

/// What the system says of processes and of the machine.
@Suite struct ProcessTests {
  #if os(Linux)
    @Test func theParentOfThisProcessIsFound() {
      #expect(parentOfProcess(getpid()) == getppid())
      #expect(parentOfProcess(-1) == nil)
    }

    @Test func theMachineHasABootID() {
      #expect(bootID.count > 30)
    }
  #endif
}
