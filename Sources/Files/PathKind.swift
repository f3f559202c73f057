import Platform

/// What a path leads to, as an error calls it.
enum PathKind: String {
  case regular = "a regular file"
  case folder = "a folder"
  case symbolicLink = "a symbolic link"
  case pipe = "a pipe"
  case socket = "a socket"
  case device = "a device"

  init(mode: mode_t) {
    self =
      switch mode & S_IFMT {
      case S_IFREG: .regular
      case S_IFDIR: .folder
      case S_IFLNK: .symbolicLink
      case S_IFIFO: .pipe
      case S_IFSOCK: .socket
      default: .device
      }
  }
}
