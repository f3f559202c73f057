/// The formats that trained models are exported to.
public enum ExportFormats {
  /// All of them, in the order in which help lists them.
  public static let all: [any ExportFormat] = [
    KerasFormat(), ONNXFormat(), SafeTensorsFormat(), CFormat(),
  ]

  /// The format that `--format` calls so; `nil` where there is none.
  public static func named(_ name: String) -> (any ExportFormat)? {
    all.first { type(of: $0).name == name }
  }

  /// The format whose files end as a path does; `nil` where there is none.
  public static func forFile(_ path: String) -> (any ExportFormat)? {
    all.first { type(of: $0).endings.contains(where: path.hasSuffix) }
  }
}
