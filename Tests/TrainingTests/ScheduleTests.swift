import Foundation
import NeuralNetwork
import TestSupport
import Testing
import Training

@Suite struct ScheduleTests {
  struct File: Decodable {
    struct Case: Decodable {
      let schedule: String
      let steps_per_epoch: Int
      let epochs: Int
      let warmup: Double
      let steps: [Int]
      let factors: [Double]
    }
    let cases: [Case]
  }

  @Test func coursesAgreeWithKeras() throws {
    let path = "Tests/NeuralNetworkTests/Fixtures/schedules.json"
    let data = try Data(contentsOf: URL(fileURLWithPath: Repository.path(path)))
    for one in try JSONDecoder().decode(File.self, from: data).cases {
      var schedule = Schedule(warmup: one.warmup)
      schedule.course = try Schedule.course(one.schedule)
      for (step, factor) in zip(one.steps, one.factors) {
        let found = schedule.factor(
          step: step, stepsPerEpoch: one.steps_per_epoch, epochs: one.epochs)
        #expect(abs(found - factor) < 1e-8, "\(one.schedule), step \(step)")
      }
    }
  }

  @Test func stepsHalveTheRate() throws {
    let schedule = Schedule(.step(every: 2, factor: 0.5))
    let factors = (0..<6).map { schedule.factor(step: $0 * 10, stepsPerEpoch: 10, epochs: 6) }
    #expect(factors == [1, 1, 0.5, 0.5, 0.25, 0.25])
  }

  @Test func oneCycleRisesAndFalls() {
    let schedule = Schedule(.oneCycle(rise: 0.3))
    func factor(_ step: Int) -> Double {
      schedule.factor(step: step, stepsPerEpoch: 101, epochs: 1)
    }
    #expect(abs(factor(0) - 0.04) < 1e-12)
    #expect(abs(factor(30) - 1) < 1e-12)
    #expect(abs(factor(100) - 4e-6) < 1e-12)
    #expect(factor(15) > factor(14) && factor(60) < factor(59))
  }

  @Test func cosinesRestartAfterGrowingPeriods() {
    let schedule = Schedule(.cosineRestarts(period: 1, growth: 2, final: 0))
    func factor(_ step: Int) -> Double {
      schedule.factor(step: step, stepsPerEpoch: 10, epochs: 7)
    }
    for start in [0, 10, 30] { #expect(abs(factor(start) - 1) < 1e-9, "step \(start)") }
    for middle in [5, 20, 50] { #expect(abs(factor(middle) - 0.5) < 1e-9, "step \(middle)") }
    #expect(factor(9) < 0.03 && factor(29) < 0.01 && factor(69) < 0.01)
    let even = Schedule(.cosineRestarts(period: 2, growth: 1, final: 0))
    #expect((0..<3).map { even.factor(step: $0 * 20, stepsPerEpoch: 10, epochs: 6) } == [1, 1, 1])
  }

  @Test func aRestartComesAtItsStepWhateverTheRounding() {
    // A tenth of an epoch is a step; sums of tenths are not exact.
    let even = Schedule(.cosineRestarts(period: 0.1, growth: 1, final: 0))
    for step in 0..<100 {
      #expect(
        abs(even.factor(step: step, stepsPerEpoch: 10, epochs: 10) - 1) < 1e-9, "step \(step)")
    }
    let long = Schedule(.cosineRestarts(period: 0.7, growth: 1, final: 0))
    for restart in 0..<100 {
      #expect(
        abs(long.factor(step: restart * 7, stepsPerEpoch: 10, epochs: 100) - 1) < 1e-9,
        "restart \(restart)")
    }
  }

  @Test func aGrowthOfHardlyOneIsNoLessExact() {
    let excess = 1.0000001 - 1
    let schedule = Schedule(.cosineRestarts(period: 2, growth: 1 + excess, final: 0))
    for epoch in [1, 7, 21, 999] {
      // Behind n whole periods of 2, 2 (1 + excess), 2 (1 + excess)² and so on; to second order.
      let n = Double(epoch / 2)
      let start = 2 * (n + excess * n * (n - 1) / 2)
      let place = (Double(epoch) - start) / (2 * (1 + n * excess))
      let factor = schedule.factor(step: epoch * 10, stepsPerEpoch: 10, epochs: 1000)
      #expect(abs(factor - (1 + cos(Double.pi * place)) / 2) < 1e-6, "epoch \(epoch)")
    }
  }

  @Test func plateausLowerTheRate() {
    let schedule = Schedule(.plateau(factor: 0.5, patience: 2))
    let accuracies = [0.5, 0.6, 0.6, 0.6, 0.55, 0.7, 0.6, 0.6, 0.6, 0.6]
    let history = accuracies.enumerated().map {
      EpochRecord(
        epoch: $0 + 1, loss: 1, accuracy: 0.5, validationLoss: 1, validationAccuracy: $1,
        learningRate: 1, seconds: 1)
    }
    let factors = (0...history.count).map {
      schedule.factor(
        step: $0 * 10, stepsPerEpoch: 10, epochs: 20, history: Array(history.prefix($0)))
    }
    #expect(factors == [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.125])
  }

  @Test func afterTheEndTheLastFactorHolds() {
    let schedule = Schedule(.cosine(final: 0.1))
    #expect(schedule.factor(step: 1000, stepsPerEpoch: 10, epochs: 3) == 0.1)
  }

  @Test(arguments: Schedule.forms)
  func textsAreReadBack(form: String) throws {
    let course = try Schedule.course(form)
    #expect(try Schedule.course(course.text).text == course.text)
    #expect(shortened(course.text) == form)
  }

  @Test func aKeyStatedTwiceIsNamed() {
    #expect(
      throws: SettingError("schedule", expected: "each key once", found: "period twice")
    ) { _ = try Schedule.course("cosine_restarts:period=1,period=2") }
  }

  @Test func anUnknownCourseIsNamed() {
    #expect(
      throws: SettingError(
        "schedule", expected: "one of \(Schedule.forms.joined(separator: ", "))",
        found: "cosinus", hint: "did you mean \"cosine\"?")
    ) { _ = try Schedule.course("cosinus") }
  }
}
