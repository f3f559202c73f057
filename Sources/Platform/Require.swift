/// Ends the program, with a message that release builds print too, where a caller breaks a contract.
///
/// `precondition` drops its message in a release build, and a caller of a library would see nothing
/// but an illegal instruction.
///
/// - Parameter message: what was expected and what was found, both with their numbers; made only
///   where it is printed.
@inlinable @inline(__always)
package func require(
  _ condition: @autoclosure () -> Bool, _ message: @autoclosure () -> String,
  file: StaticString = #fileID, line: UInt = #line
) {
  if !condition() { fatalError(message(), file: file, line: line) }
}
