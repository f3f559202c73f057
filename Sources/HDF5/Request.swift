import Files

/// What the process that reads a file can be asked.
enum Request: Equatable {
  /// Whether the file could be opened.
  case open
  /// What stands at a path.
  case kind(String)
  /// The names in a group.
  case members(String)
  /// The element type and shape of an array.
  case form(String)
  /// The elements of an array.
  case values(String, ElementType)
  /// The bytes of an array of texts.
  case texts(String)

  var message: Message {
    var message = Message()
    let (number, name, type): (Int, String, Int) =
      switch self {
      case .open: (0, "", 0)
      case .kind(let name): (1, name, 0)
      case .members(let name): (2, name, 0)
      case .form(let name): (3, name, 0)
      case .values(let name, let type): (4, name, type.rawValue)
      case .texts(let name): (5, name, 0)
      }
    message.put(number)
    message.put(name)
    message.put(type)
    return message
  }

  init?(_ message: Message) {
    var message = message
    guard let number = message.takeNumber(), let name = message.takeText(),
      let type = message.takeNumber()
    else { return nil }
    switch number {
    case 0: self = .open
    case 1: self = .kind(name)
    case 2: self = .members(name)
    case 3: self = .form(name)
    case 4:
      guard let type = ElementType(rawValue: type) else { return nil }
      self = .values(name, type)
    case 5: self = .texts(name)
    default: return nil
    }
  }
}

extension ArrayForm {
  /// Puts the form at the end of a message.
  func put(in message: inout Message) {
    let (number, bytes, isSigned): (Int, Int, Bool) =
      switch type {
      case .float(let bytes): (0, bytes, true)
      case .integer(let bytes, let isSigned): (1, bytes, isSigned)
      case .text(let bytes): (2, bytes ?? -1, false)
      case .other: (3, 0, false)
      }
    message.put(number)
    message.put(bytes)
    message.put(isSigned ? 1 : 0)
    message.put(elementSize)
    message.put(shape?.count ?? -1)
    for extent in shape ?? [] { message.put(extent) }
  }

  /// Takes a form from a message; `nil` where it is none, or is too large for any memory.
  init?(_ message: inout Message) {
    guard let number = message.takeNumber(), let bytes = message.takeNumber(),
      let isSigned = message.takeNumber(), let elementSize = message.takeNumber(),
      let rank = message.takeNumber(), rank <= 64, elementSize > 0
    else { return nil }
    switch number {
    case 0: type = .float(bytes: bytes)
    case 1: type = .integer(bytes: bytes, isSigned: isSigned != 0)
    case 2: type = .text(bytes: bytes < 0 ? nil : bytes)
    default: type = .other
    }
    self.elementSize = elementSize
    shape = nil
    if rank >= 0 {
      var extents: [Int] = []
      for _ in 0..<rank {
        guard let extent = message.takeNumber(), extent >= 0 else { return nil }
        extents.append(extent)
      }
      shape = extents
    }
    if case .text(let length?) = type, length != elementSize { return nil }
    guard byteCount != nil, Self.product(shape ?? [0], times: 8) != nil else { return nil }
  }
}
