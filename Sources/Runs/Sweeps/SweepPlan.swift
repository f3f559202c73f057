import Files
import ImageData
import ModelFiles
import Training

/// All runs of a sweep, checked, and what they are made and scored with.
struct SweepPlan {
  /// One run.
  struct Run {
    let member: Sweep.Member
    let setup: SweepSetup
    /// The name of its files.
    let name: String
    /// The name of its model's file.
    let modelName: String
  }

  let spec: SweepSpec
  let runs: [Run]
  let training: LabelledData
  /// What the runs are scored by.
  let scoring: LabelledData
  /// Whether several models or settings are compared.
  let isChoice: Bool

  /// - Throws: a ``FileError`` that names the place in the sweep's file, or what is wrong with a model or
  ///   the data.
  init(_ spec: SweepSpec) throws {
    let setups = try spec.combinations.map { try SweepSetup($0, of: spec) }
    let data = DataFolder(spec.dataPath)
    let training = try LabelledData(data, split: .train)
    let test = spec.score == .test ? try LabelledData(data, split: .test) : nil
    let dataSHA256 = [training, test].compactMap { $0?.sha256 }.joined(separator: " ")
    var names: Set<String> = []
    var files: [String: Set<String>] = [:]
    for setup in setups {
      try setup.check(training: training, test: test)
      files[setup.model.spec.name, default: []].insert(setup.file)
      guard names.insert(setup.name(dataSHA256: dataSHA256)).inserted else {
        throw FileError(
          .invalid, file: spec.file,
          place: setup.label.isEmpty ? setup.file : "\(setup.file) \(setup.label)",
          found: "the same model and settings are stated twice")
      }
    }
    var runs: [Run] = []
    for setup in setups {
      let model = setup.model.spec.name
      let name = setup.name(dataSHA256: dataSHA256)
      for seed in spec.seeds {
        let member = Sweep.Member(
          number: runs.count + 1, count: setups.count * spec.seeds.count,
          model: files[model]?.count == 1 ? model : setup.file, settings: setup.label, seed: seed)
        runs.append(
          Run(member: member, setup: setup, name: "\(name)-\(seed)", modelName: name))
      }
    }
    (self.spec, self.runs, self.training, scoring) = (spec, runs, training, test ?? training)
    isChoice = setups.count > 1
  }

  /// The table of those of its runs that have records.
  func table(_ records: SweepRecords) -> SweepTable {
    var rows: [SweepRow] = []
    var runs = runs[...]
    while let first = runs.first {
      let row = runs.prefix { $0.setup.row == first.setup.row }
      runs = runs.dropFirst(row.count)
      let results = row.compactMap { records[$0.name] }
      guard !results.isEmpty else { continue }
      rows.append(
        SweepRow(
          model: first.member.model, settings: first.setup.row.label,
          hasFolds: spec.folds != nil, results: results))
    }
    return SweepTable(score: spec.score, rows: rows)
  }
}
