import Addresses

/// One value for each family of addresses.
struct PerFamily<Value> {
  var ipv4: Value
  var ipv6: Value

  init(_ value: Value) {
    ipv4 = value
    ipv6 = value
  }

  subscript(family: IPFamily) -> Value {
    get { family == .ipv4 ? ipv4 : ipv6 }
    _modify {
      switch family {
      case .ipv4: yield &ipv4
      case .ipv6: yield &ipv6
      }
    }
  }
}

extension PerFamily: Sendable where Value: Sendable {}
extension PerFamily: Equatable where Value: Equatable {}
