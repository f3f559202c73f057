import MiniCNN
import TestSupport
import Testing

@testable import CommandLineTool

/// The flags that are made from the table of settings.
@Suite struct TrainingFlagsTests {
  @Test(arguments: TrainingOptions.descriptions)
  func everySettingIsAFlag(about: SettingDescription) throws {
    let value =
      about.choices.first { $0 != about.off }
      ?? (about.innerKeys.isEmpty ? about.shortStandard : "shift=1")
    // A number that its bounds have room for, where the default is none or follows from others.
    let text =
      Double(value) == nil && about.choices.isEmpty && about.innerKeys.isEmpty ? "1" : value
    let words = about.isSwitch ? [about.flag] : ["\(about.flag)=\(text == "0" ? "0.5" : text)"]
    let flags = try TrainingFlags.parse(words)
    #expect(flags.stated.map(\.flag) == [about.flag])
    #expect(try TrainingFlags.parse([]).stated.isEmpty)
    if about.isSwitch {
      #expect(try flags.options()[about.key] == "true")
      let off = try TrainingFlags.parse([about.offFlag])
      #expect(try off.options()[about.key] == "false" && off.stated.map(\.flag) == [about.offFlag])
    } else if let text = about.off {
      let off = try TrainingFlags.parse([about.offFlag])
      #expect(try off.options()[about.key] == text)
      #expect(throws: (any Error).self) { try TrainingFlags.parse(words + [about.offFlag]) }
    } else {
      #expect(throws: (any Error).self) { try TrainingFlags.parse([about.offFlag]) }
    }
  }

  @Test func whatTheModelFileSwitchesOnIsSwitchedOff() throws {
    let file = try TrainingOptions([
      "optimizer": "sgd", "nesterov": "true", "momentum": "0.9", "patience": "3",
      "augmentation": "shift=2", "weight_average": "0.9", "clip_norm": "1", "l2": "0.1",
    ])
    let flags = try TrainingFlags.parse([
      "--no-nesterov", "--no-patience", "--no-augmentation", "--no-weight-average",
      "--no-clip-norm", "--no-l2",
    ])
    let settings = try flags.options().filled(from: file).resolve(defaultSeed: 1)
    #expect(settings.update.optimizer.isEqual(to: SGD(momentum: 0.9)))
    #expect(settings.patience == nil && settings.validationFraction == 0)
    #expect(settings.augmentation.isIdentity && settings.weightAverage == nil)
    #expect(settings.update.clipNorm == nil && settings.update.l2 == 0)
  }

  @Test func everySettingIsInTheHelp() throws {
    for words in [["help", "settings"], ["settings"]] {
      let text = try Program("minicnn").run(words, in: "/").output
      for about in TrainingOptions.descriptions + Augmentation.descriptions {
        #expect(text.contains("\(about.key): \(about.values)"), "\(about.key)")
      }
    }
    let help = try Program("minicnn").run(["help", "train"], in: "/").output
    for about in TrainingOptions.descriptions { #expect(help.contains("\n  \(about.flag)")) }
  }
}
