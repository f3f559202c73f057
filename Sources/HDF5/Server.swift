import Files

/// The side of the conversation that reads the file, in the process that is kept apart.
enum Server {
  /// What the process is started with.
  final class Errand {
    let image: [UInt8]
    let path: String

    init(image: [UInt8], path: String) {
      self.image = image
      self.path = path
    }
  }

  /// Answers requests until there are no more.
  static func serve(_ errand: Errand, connection: Int32) {
    let channel = Channel(connection: connection)
    do throws(FileError) {
      let reader = try Reader(image: errand.image, path: errand.path)
      while let message = channel.receive(limit: Channel.mostBytes) {
        guard let request = Request(Message(message)) else { return }
        guard channel.send(answer(request, reader)) else { return }
      }
    } catch {
      // The first request is whether the file could be opened.
      _ = channel.receive(limit: Channel.mostBytes)
      _ = channel.send(failure(error))
    }
  }

  /// An answer: 0 and what was asked for, or 1 and an error.
  static func answer(_ request: Request, _ reader: borrowing Reader) -> Message {
    var answer = Message()
    answer.put(0)
    do throws(FileError) {
      switch request {
      case .open: break
      case .kind(let name): answer.put(try reader.kind(of: name)?.rawValue ?? -1)
      case .members(let name):
        let names = try reader.members(of: name)
        answer.put(names.count)
        for name in names { answer.put(name) }
      case .form(let name): try reader.form(of: name).put(in: &answer)
      case .values(let name, let type): answer.append(try reader.values(of: name, as: type))
      case .texts(let name): answer.append(try reader.texts(of: name))
      }
    } catch {
      return failure(error)
    }
    return answer
  }

  private static func failure(_ error: FileError) -> Message {
    var answer = Message()
    answer.put(1)
    answer.put(error)
    return answer
  }
}
