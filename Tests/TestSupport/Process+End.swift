public import Foundation
import Synchronization
import Glibc

extension Process {
  /// Waits for the end of a process that runs, and returns its exit status; 128 and the signal's number where a signal
  /// ended it.
  ///
  /// Foundation learns of an end by a socket that the process closes. Another process that is started at the same moment
  /// can inherit that socket, and `waitUntilExit` waits for it too, which may be for ever. The kernel is asked instead.
  public func statusAtEnd() -> Int32 {
    var found = siginfo_t()
    while waitid(P_PID, id_t(processIdentifier), &found, WEXITED | WNOWAIT) != 0 {
      guard errno == EINTR else {
        // Foundation was told, and has taken the status.
        waitUntilExit()
        return terminationReason == .exit ? terminationStatus : 128 + terminationStatus
      }
    }
    // Where Foundation is told, as it should be soon, processes that this one left behind have ended too. In a test process in which it
    // missed one end it misses those that follow: they are not waited for as long again.
    let isToldLate = Self.hasMissedAnEnd.withLock { $0 }
    for _ in 0..<(isToldLate ? 10 : 1000) where isRunning { Thread.sleep(forTimeInterval: 0.01) }
    if isRunning { Self.hasMissedAnEnd.withLock { $0 = true } }
    let status = found._sifields._sigchld.si_status
    return found.si_code == CLD_EXITED ? status : 128 + status
  }

  private static let hasMissedAnEnd = Mutex(false)
}
