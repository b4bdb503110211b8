/// The denied connections of a log.
public struct ExplainedLog: Sendable {
  /// The connections, those with the most lines first.
  public let denials: [LoggedDenial]
  /// Lines of netpolc that do not describe a whole packet.
  public let damaged: Int
  /// Lines that are not netpolc's.
  public let foreign: Int

  /// A log's connections, and the lines without one.
  public init(_ denials: [LoggedDenial], damaged: Int, foreign: Int) {
    self.denials = denials.sorted {
      $0.lines == $1.lines ? $0.key < $1.key : $0.lines > $1.lines
    }
    self.damaged = damaged
    self.foreign = foreign
  }

  /// True where these policies deny a connection of the log.
  public var deniesAny: Bool { denials.contains(where: \.isDenied) }
}
