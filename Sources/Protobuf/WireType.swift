/// How a field's value is laid out in a message: the low three bits of what precedes it.
package enum WireType: UInt8 {
  case varint = 0
  case fixed64 = 1
  case lengthDelimited = 2
  case fixed32 = 5
}
