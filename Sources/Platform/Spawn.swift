/// What a file of a program that is started is.
package enum SpawnedFile {
  /// An open file of this process.
  case descriptor(Int32)
  /// Opened for the program, as `open` does with these flags and, for a new file, this mode.
  case path(String, flags: Int32, mode: mode_t = 0)
}

/// Starts a program in a group of its own, so that a signal that the terminal sends to all of this
/// process's group does not reach it, and returns its process number.
///
/// - Parameters:
///   - arguments: those after the program's name.
///   - environment: all of its variables, each as `NAME=value`.
///   - files: its descriptors, made in this order; of those of this process it keeps, besides, what is
///     not closed on `exec`.
package func spawn(
  _ program: String, _ arguments: [String], environment: [String],
  files: [(descriptor: Int32, file: SpawnedFile)]
) throws(SystemError) -> pid_t {
  #if canImport(Darwin)
    var actions: posix_spawn_file_actions_t?
    var attributes: posix_spawnattr_t?
  #else
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
  #endif
  try check(posix_spawn_file_actions_init(&actions))
  defer { posix_spawn_file_actions_destroy(&actions) }
  for (descriptor, file) in files {
    switch file {
    case .descriptor(let own):
      try check(posix_spawn_file_actions_adddup2(&actions, own, descriptor))
    case .path(let path, let flags, let mode):
      try check(posix_spawn_file_actions_addopen(&actions, descriptor, path, flags, mode))
    }
  }
  try check(posix_spawnattr_init(&attributes))
  defer { posix_spawnattr_destroy(&attributes) }
  try check(posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP)))
  try check(posix_spawnattr_setpgroup(&attributes, 0))

  let words = ([program] + arguments).map { strdup($0) }
  let variables = environment.map { strdup($0) }
  defer { for text in words + variables { free(text) } }
  var process = pid_t()
  try check(
    posix_spawn(&process, program, &actions, &attributes, words + [nil], variables + [nil]))
  return process
}

/// These calls return the number that others leave in `errno`.
private func check(_ code: Int32) throws(SystemError) {
  guard code == 0 else { throw SystemError(code: code) }
}
