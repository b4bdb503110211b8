import Addresses

extension Profile {
  /// The profile of a pod that is not there: nothing is allowed, and no policy has to do with it.
  public static let absent = Profile(
    policies: [], isIsolated: false, ipv4: .nothing(.ipv4), ipv6: .nothing(.ipv6))
}
