import ImageData
import Protobuf

/// What TensorBoard reads: `tensorboard.Event` of its event.proto.
struct Event {
  /// What it says.
  enum What {
    /// How the file is laid out; the first event of each.
    case version
    /// That the run starts, or starts again, and makes the step of this event and those after it anew.
    case start
    /// Numbers, histograms and pictures at this step.
    case summary([SummaryValue])
  }

  let what: What
  let step: Int

  /// An event at a step of the run, which is the number of steps that are done.
  init(_ what: What, step: Int = 0) { (self.what, self.step) = (what, step) }

  /// The message.
  ///
  /// - Parameter wallTime: seconds since 1970.
  func bytes(wallTime: Double) -> [UInt8] {
    var event = ProtobufWriter()
    event.double(1, wallTime)
    event.int(2, Int64(step))
    switch what {
    case .version: event.string(3, "brain.Event:2")
    case .start: event.message(7) { log in log.varint(1, 1) }
    case .summary(let values):
      event.message(5) { summary in
        for value in values { summary.message(1, value.write) }
      }
    }
    return event.bytes
  }
}

/// A value under a name: `Summary.Value` of summary.proto.
struct SummaryValue {
  enum Content {
    case number(Float)
    case histogram(Histogram)
    /// A picture, and the PNG file that holds it.
    case picture(PNGImage, png: [UInt8])
  }

  /// The name; TensorBoard draws those together that begin alike, up to a slash.
  let tag: String
  let content: Content

  init(_ tag: String, _ content: Content) { (self.tag, self.content) = (tag, content) }

  func write(_ message: inout ProtobufWriter) {
    message.string(1, tag)
    switch content {
    case .number(let value): message.float(2, value)
    case .histogram(let histogram):
      message.message(5) { proto in
        proto.double(1, histogram.least)
        proto.double(2, histogram.largest)
        proto.double(3, histogram.counts.reduce(0, +))
        proto.double(4, histogram.sum)
        proto.double(5, histogram.squares)
        proto.doubles(6, histogram.limits)
        proto.doubles(7, histogram.counts)
      }
    case .picture(let image, let png):
      message.message(4) { proto in
        proto.int(1, Int64(image.height))
        proto.int(2, Int64(image.width))
        proto.int(3, Int64(image.channels))
        proto.bytes(4, png)
      }
    }
  }
}
