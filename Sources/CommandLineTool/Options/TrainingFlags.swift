import ArgumentParser
import MiniCNN

/// The settings of a run, a flag for each key that a model file can state; what is left out comes
/// from the model file, then from defaults.
///
/// The flags follow from ``TrainingOptions/descriptions``: the parser looks at a type's properties
/// through its mirror and decodes them by name, so both are made from that table.
struct TrainingFlags: ParsableArguments, CustomReflectable {
  /// The texts of the flags that were stated, by key.
  private var texts: [String: String] = [:]
  /// What was stated and switched off.
  private var contradictions: [SettingDescription] = []

  init() {}

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    for about in TrainingOptions.descriptions {
      if about.isSwitch {
        let flag = try container.decode(Flag<Bool?>.self, forKey: Key(stringValue: about.key))
        texts[about.key] = flag.wrappedValue.map(\.text)
        continue
      }
      let option = try container.decode(Option<String?>.self, forKey: Key(stringValue: about.key))
      texts[about.key] = option.wrappedValue
      guard let off = about.off else { continue }
      let flag = try container.decode(Flag<Bool>.self, forKey: Key(stringValue: about.offKey))
      guard flag.wrappedValue else { continue }
      if texts.updateValue(off, forKey: about.key) != nil { contradictions.append(about) }
    }
  }

  func validate() throws {
    if let about = contradictions.first {
      throw ValidationError("\(about.flag), \(about.offFlag): expected one of them, found both")
    }
  }

  var customMirror: Mirror {
    var children: [Mirror.Child] = []
    for about in TrainingOptions.descriptions {
      let help = ArgumentHelp(stringLiteral: about.flagHelp)
      if about.isSwitch {
        children.append(
          (
            "_\(about.key)",
            Flag<Bool?>(
              name: .customLong(about.dashed), inversion: .prefixedNo, exclusivity: .exclusive,
              help: help)
          ))
        continue
      }
      children.append(
        (
          "_\(about.key)",
          Option<String?>(
            name: .customLong(about.dashed), help: help,
            completion: about.completion)
        ))
      if about.off != nil {
        let help = ArgumentHelp(
          "Do without \(about.key), whatever the model file says.", visibility: .hidden)
        children.append(
          (
            "_\(about.offKey)",
            Flag(wrappedValue: false, name: .customLong("no-\(about.dashed)"), help: help)
          ))
      }
    }
    return Mirror(self, children: children)
  }

  /// These flags as options; the gaps stay gaps.
  ///
  /// - Throws: a ``Failure`` that names the flag.
  func options() throws -> TrainingOptions {
    var options = TrainingOptions()
    for (key, text) in orderedTexts {
      do throws(SettingError) {
        try options.state(key, text)
      } catch {
        throw Failure(.usage, error.asTyped)
      }
    }
    return options
  }

  /// The flags that were stated, each with its value.
  var stated: [(flag: String, value: String?)] {
    TrainingOptions.descriptions.compactMap { about in
      guard let text = texts[about.key] else { return nil }
      if text == about.off { return (about.offFlag, nil) }
      return (about.flag, about.isSwitch ? nil : text)
    }
  }

  /// The flags that were stated and that a resumed run does not take.
  var refusedOnResume: [String] {
    let taken = TrainingOptions.descriptions.filter { $0.onResume == .extends }.map(\.flag)
    return stated.map(\.flag).filter { !taken.contains($0) }
  }

  private var orderedTexts: [(key: String, text: String)] {
    TrainingOptions.keys.compactMap { key in texts[key].map { (key, $0) } }
  }

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}

extension SettingDescription {
  /// The flag without its leading dashes.
  fileprivate var dashed: String { key.dashed }
  var flag: String { "--\(dashed)" }
  var offFlag: String { "--no-\(dashed)" }
  fileprivate var offKey: String { "no_\(key)" }

  /// The words that state a value, or what holds where nothing is stated.
  func words(_ text: String?) -> [String] {
    if isSwitch { return [(text ?? standard) == "true" ? flag : offFlag] }
    guard let text = text ?? off ?? standard else { return [] }
    return text == off ? [offFlag] : [flag, shortened(text)]
  }

  /// The help of the flag: what it is, for whom, and what holds without it and without a model file.
  fileprivate var flagHelp: String {
    var notes: [String] = []
    if !owners.isEmpty { notes.append("for \(owners.joined(separator: ", "))") }
    if !choices.isEmpty, !isSwitch, !isStructured { notes.append(values) }
    notes.append("default: \(isSwitch ? standardSwitch : shortStandard)")
    return help.prefix(1).uppercased() + help.dropFirst() + " (\(notes.joined(separator: "; ")))."
  }

  fileprivate var completion: CompletionKind? {
    switch key {
    case "metrics": .lookUp(.metrics)
    case "augmentation": .lookUp(.augmentation)
    default: choices.isEmpty ? nil : .list(choices)
    }
  }

  private var standardSwitch: String { standard == "true" ? flag : offFlag }
}

extension SettingError {
  /// The line for the user, which names the flag where the value was typed as one:
  /// `--batch-size: expected …`.
  var asTyped: String {
    let parts = setting.split(separator: ".", maxSplits: 1).map(String.init)
    let flag = "--\(parts[0].dashed)"
    guard CommandLine.arguments.contains(where: { $0 == flag || $0.hasPrefix("\(flag)=") }) else {
      return description
    }
    var error = self
    error.setting = ([flag] + parts.dropFirst()).joined(separator: ": ")
    return error.description
  }
}

extension String {
  fileprivate var dashed: String { String(map { $0 == "_" ? "-" : $0 }) }
}

extension TrainingSettings {
  /// Flags take precedence over the model file, and that over defaults; an error in the file names
  /// the file, one in a flag names the flag. Samples for validation alone take the place of a share that
  /// the file sets aside, not of one that a flag asks for.
  init(
    _ flags: TrainingOptions, model: TrainingOptions, file: String?, defaultSeed: UInt64,
    hasValidationSet: Bool = false
  ) throws {
    let model = hasValidationSet ? model.forValidationSet : model
    do throws(SettingError) {
      self = try flags.filled(from: model).resolve(
        defaultSeed: defaultSeed, hasValidationSet: hasValidationSet)
    } catch {
      do throws(SettingError) {
        _ = try model.resolve(defaultSeed: 0, hasValidationSet: hasValidationSet)
      } catch let inFile {
        if inFile == error { throw Failure(.data, "\(file ?? "model"): training: \(error)") }
      }
      throw error
    }
  }
}
