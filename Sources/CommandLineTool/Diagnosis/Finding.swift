/// What one look at the machine or the installation has found.
struct Finding: Encodable, Equatable {
  enum State: String, Encodable {
    /// As it should be.
    case ok
    /// Worth knowing; nothing is lacking.
    case note
    /// Something that is not there, and that not everybody needs.
    case missing
    /// Something that is needed and does not work.
    case failed
  }

  let subject: String
  let state: State
  let text: String
  /// The command that mends it, or brings what is missing.
  let remedy: String?

  init(_ subject: String, _ state: State, _ text: String, remedy: String? = nil) {
    (self.subject, self.state, self.text, self.remedy) = (subject, state, text, remedy)
  }

  /// That something is as it should be.
  init(_ subject: String, _ text: String) { self.init(subject, .ok, text) }
}
