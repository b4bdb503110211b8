/// Times in the conversation with an API server. Tests take shorter ones.
public struct ServerTiming: Sendable {
  /// The longest time that a connection may be without a byte: a server sends a bookmark about once a minute, so a connection that
  /// is silent for longer is dead.
  public var idleLimit: Duration
  /// The longest time that a connection may take to be made.
  public var connectLimit: Duration
  /// The seconds after which the server is asked to end a watch, drawn anew for each.
  public var watchSeconds: ClosedRange<Int>
  /// The wait after a first failure. It doubles with each failure that follows.
  public var firstWait: Duration
  /// The longest wait between two tries, unless the server asks for a longer one.
  public var longestWait: Duration
  /// The wait before a kind that the server lacks is asked for again.
  public var absentWait: Duration
  /// The longest wait before the first request, so that a thousand agents do not ask in the same second.
  public var startJitter: Duration
  /// The number of objects in a page of a list, for servers that do not send a list as a watch.
  public var pageSize: Int

  /// Times as they are right for a cluster.
  public init(
    idleLimit: Duration = .seconds(90), connectLimit: Duration = .seconds(10),
    watchSeconds: ClosedRange<Int> = 300...600, firstWait: Duration = .milliseconds(500),
    longestWait: Duration = .seconds(30), absentWait: Duration = .seconds(60), startJitter: Duration = .zero,
    pageSize: Int = 500
  ) {
    self.idleLimit = idleLimit
    self.connectLimit = connectLimit
    self.watchSeconds = watchSeconds
    self.firstWait = firstWait
    self.longestWait = longestWait
    self.absentWait = absentWait
    self.startJitter = startJitter
    self.pageSize = pageSize
  }

  /// The wait before a try.
  ///
  /// - Parameters:
  ///   - failures: how many tries failed in a row, at least 1.
  ///   - asked: what the server asked for, which is the least then.
  /// - Returns: half of the doubled wait and a random part of the other half, so that agents do not try in step.
  func wait(afterFailures failures: Int, asked: Duration?) -> Duration {
    let doubled = min(firstWait * (1 << min(max(failures, 1) - 1, 20)), longestWait)
    let own = doubled / 2 * (1 + Double.random(in: 0...1))
    guard let asked else { return own }
    return asked * (1 + Double.random(in: 0...0.25)) + own / 4
  }

  /// A random part of a wait.
  static func part(of wait: Duration) -> Duration { wait * Double.random(in: 0...1) }
}
