/// The waits before repairs of a table that other programs change: none at first, and in a fight each longer than the one
/// before.
struct RepairPacing {
  /// The number of repairs in a minute that have no wait.
  static let prompt = 4
  /// The longest wait.
  static let longest = Duration.milliseconds(100) * (1 << 8)

  private var repairs: [ContinuousClock.Instant] = []

  /// The wait before a repair that is asked for at a time.
  mutating func wait(at time: ContinuousClock.Instant = .now) -> Duration {
    repairs = repairs.filter { $0 > time - .seconds(60) }
    let further = repairs.count - Self.prompt + 1
    return further <= 0 ? .zero : min(.milliseconds(100) * (1 << min(further, 8)), Self.longest)
  }

  /// Notes a repair.
  mutating func note(at time: ContinuousClock.Instant = .now) { repairs.append(time) }
}
