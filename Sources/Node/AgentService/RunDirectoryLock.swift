import Glibc
import SystemPackage

/// The word that one agent has a run directory: another one would take its sockets away, so that no pod starts once that ends.
///
/// It is a `flock`, which ends with its process, however that dies.
final class RunDirectoryLock: Sendable {
  private let file: FileDescriptor

  /// Takes a directory; nil where another agent has it.
  ///
  /// - Throws: that the lock's file cannot be made.
  init?(_ directory: String) throws {
    let file = try FileDescriptor.open(
      FilePath("\(directory)/agent.lock"), .readWrite, options: [.create, .closeOnExec, .noFollow],
      permissions: .ownerReadWrite)
    guard flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 else {
      try? file.close()
      return nil
    }
    self.file = file
  }

  /// Lets it go. To be called once.
  func letGo() { try? file.close() }
}
