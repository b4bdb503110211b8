import Addresses
import PolicyModel

extension EndpointReference {
  /// As it would be typed.
  public var words: String {
    switch self {
    case .pod(let namespace, let name): "\(namespace)/\(name)"
    case .workload(let namespace, let kind, let name): "\(namespace)/\(kind)/\(name)"
    case .ofKind(let kind, let name, let namespace): "\(namespace)/\(kind)/\(name)"
    case .named(let name, let namespace): "\(namespace)/\(name)"
    case .address(let address): address.description
    case .block(let block): block.description
    case .service(let namespace, let name): (namespace.map { $0 + "/" } ?? "") + "service/" + name
    case .selector(let namespace, let selector): (namespace.map { $0 + "/" } ?? "") + selector.description
    }
  }
}
