import NeuralNetwork

/// How the learning rate changes over the course of training.
public struct Schedule: Equatable, Sendable {
  /// What a factor of the learning rate follows.
  public typealias Course = any ScheduleCourse

  /// The course after the warm-up.
  public var course: Course
  /// Epochs, whole or not, over which the rate first rises linearly from near 0.
  public var warmup: Double

  /// Creates a schedule.
  public init(_ course: some ScheduleCourse = ConstantRate(), warmup: Double = 0) {
    self.course = course
    self.warmup = warmup
  }

  /// The factor of the rate at a step.
  ///
  /// - Parameters:
  ///   - step: the step, counted from 0; beyond the last step of the length the last factor holds.
  ///   - stepsPerEpoch: the steps of an epoch.
  ///   - epochs: the length of the run, fixed at its start.
  ///   - history: the finished epochs, which ``PlateauDecay`` looks at.
  ///   - monitor: what it goes by there.
  public func factor(
    step: Int, stepsPerEpoch: Int, epochs: Int, history: [EpochRecord] = [],
    monitor: Monitor = .automatic
  ) -> Double {
    let total = stepsPerEpoch * epochs
    let step = min(step, total - 1)
    let warmupSteps = min(Int((warmup * Double(stepsPerEpoch)).rounded()), total)
    if step < warmupSteps { return Double(step + 1) / Double(warmupSteps + 1) }
    return course.factor(
      at: SchedulePosition(
        step: step - warmupSteps, steps: total - warmupSteps, stepsPerEpoch: stepsPerEpoch,
        history: history, monitor: monitor))
  }

  /// Whether both have the same course, with the same values, and the same warm-up.
  public static func == (a: Schedule, b: Schedule) -> Bool {
    a.course.text == b.course.text && a.warmup == b.warmup
  }
}

/// A course that the factor of the learning rate can take after the warm-up.
///
/// Its text is its kind, or `kind:key=value,key=value`.
public protocol ScheduleCourse: Configurable, Hashable {
  /// Whether the last factor of the schedule's length holds in the epochs after it.
  var holdsAfterLength: Bool { get }
  /// Whether it depends on validation.
  var needsValidation: Bool { get }

  /// The factor of the learning rate at a step.
  func factor(at place: SchedulePosition) -> Double
}

/// How far a run has come, for its schedule.
public struct SchedulePosition {
  /// The step after the warm-up, counted from 0.
  public let step: Int
  /// The steps after the warm-up in all.
  public let steps: Int
  /// The steps of an epoch.
  public let stepsPerEpoch: Int
  /// The finished epochs.
  public let history: [EpochRecord]
  /// What says which of them is better.
  public let monitor: Monitor

  /// The epochs after the warm-up that are over, and a part of the one under way.
  public var epochs: Double { Double(step) / Double(stepsPerEpoch) }
  /// 0 at the first step after the warm-up, 1 at the last one.
  public var progress: Double { Double(step) / Double(max(steps - 1, 1)) }
}

extension ScheduleCourse {
  /// `true` unless a course says otherwise.
  public var holdsAfterLength: Bool { true }
  /// `false` unless a course says otherwise.
  public var needsValidation: Bool { false }

  /// The text that ``Schedule/course(_:)`` reads.
  public var text: String {
    let pairs = pairs(isWhole: true)
    return pairs.isEmpty ? kind : "\(kind):\(pairs)"
  }
}

extension Schedule {
  /// The courses that a model file and a flag can name.
  package static let courses: [any ScheduleCourse.Type] = [
    ConstantRate.self, StepDecay.self, ExponentialDecay.self, CosineDecay.self, CosineRestarts.self,
    PlateauDecay.self, OneCycle.self,
  ]

  /// The texts of the courses with the values they have where none are stated.
  public static var forms: [String] { courses.map { shortened($0.prototype.text) } }

  /// Reads a course: its kind, or `kind:key=value,key=value`.
  ///
  /// - Throws: a ``SettingError`` for an unknown kind or key, or a value that is no number.
  public static func course(_ text: String) throws(SettingError) -> Course {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let type = courses.first(where: { $0.kind == parts[0] }) else {
      throw SettingError(
        "schedule", expected: "one of \(forms.joined(separator: ", "))", found: text,
        hint: courses.map { $0.kind }.closest(to: String(parts[0])))
    }
    return try type.make(pairs: parts.count > 1 ? parts[1] : "", of: "schedule")
  }
}
