import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A directory that goes away with its value.
final class TemporaryDirectory {
  /// Its path.
  let path: String

  /// A new, empty directory.
  init?() {
    let place = FileManager.default.temporaryDirectory.appending(path: "netpolc-tests-XXXXXX")
    var template = Array(place.path(percentEncoded: false).utf8CString)
    guard let made = mkdtemp(&template) else { return nil }
    path = String(cString: made)
  }

  deinit { _ = run("rm", "-rf", "--", path) }

  /// Writes a file, with the directories above it.
  func write(_ text: String, to name: String) {
    if let slash = name.lastIndex(of: "/") { _ = run("mkdir", "-p", "\(path)/\(name[..<slash])") }
    guard let file = fopen("\(path)/\(name)", "w") else { return }
    fputs(text, file)
    fclose(file)
  }

  /// Runs a program quietly; its exit status.
  @discardableResult
  func run(_ words: String...) -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
    arguments.append(nil)
    defer { for argument in arguments { free(argument) } }
    var process: pid_t = 0
    guard posix_spawnp(&process, words[0], &actions, nil, arguments, environ) == 0 else { return -1 }
    var status: Int32 = 0
    waitpid(process, &status, 0)
    return status
  }
}
