import Addresses
import NodeCompiler

/// The addresses of pods to which no route led when the table was made, so that packets with these sources are not checked.
struct UncheckedAddresses {
  private let addresses: [IPAddress]
  private var due = ContinuousClock.now + .seconds(60)

  /// Addresses that were found without a route just now; none unless given.
  init(_ addresses: [IPAddress] = []) { self.addresses = addresses }

  /// True where a route leads to one of them by now. Looks at most once a minute.
  mutating func haveRoute() -> Bool {
    guard !addresses.isEmpty, due <= .now else { return false }
    due = .now + .seconds(60)
    return PodRoutes.lead(toAnyOf: addresses)
  }
}
