/// Whether a name comes before another as people order them: numbers in them by their value, so that 2
/// comes before 10, and everything else by its bytes.
package func isInNaturalOrder(_ first: String, _ second: String) -> Bool {
  var (a, b) = (Array(first.utf8)[...], Array(second.utf8)[...])
  while let x = a.first, let y = b.first {
    guard isDigit(x), isDigit(y) else {
      if x != y { return x < y }
      a.removeFirst()
      b.removeFirst()
      continue
    }
    let (m, n) = (takeNumber(&a), takeNumber(&b))
    if m.count != n.count { return m.count < n.count }
    if m != n { return m.lexicographicallyPrecedes(n) }
  }
  if a.isEmpty != b.isEmpty { return a.isEmpty }
  // Of numbers that are equal, the one with fewer zeros before it.
  return first.utf8.count != second.utf8.count
    ? first.utf8.count < second.utf8.count
    : first.utf8.lexicographicallyPrecedes(second.utf8)
}

private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

/// Takes the digits at the start of some bytes, and returns them without leading zeros.
private func takeNumber(_ bytes: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
  let digits = bytes.prefix(while: isDigit)
  bytes = bytes.dropFirst(digits.count)
  return digits.drop { $0 == 0x30 }
}
