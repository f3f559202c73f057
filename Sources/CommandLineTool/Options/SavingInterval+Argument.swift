import ArgumentParser
import MiniCNN

extension SavingInterval: ExpressibleByArgument {
  /// Reads `500`, `30s`, `5m` or `1h`.
  public init?(argument: String) { self.init(argument) }
}
