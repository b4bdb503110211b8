public import Addresses
public import PolicyModel
import Ruleset
import TableLayout

/// The pods that a rule refers to.
public struct PodQuery: Hashable, Sendable {
  /// The namespaces of the pods.
  public enum Scope: Hashable, Sendable {
    /// One, by name.
    case namespace(String)
    /// Those whose labels match.
    case matching(LabelSelector)
  }

  /// The namespaces of the pods.
  public var scope: Scope
  /// The selected pods of these namespaces.
  public var selector: LabelSelector
  /// Only pods with an address in one of these blocks, and of that pod these addresses only; nil: any address.
  public var within: [IPBlock]?
  /// Only pods whose port of this name and protocol has this number.
  public var port: NamedPort?

  /// Every pod of the cluster.
  public static let anyPod = PodQuery(scope: .matching(LabelSelector()), selector: LabelSelector())
}

extension PodQuery {
  /// The set of the query's pods.
  public func description(_ family: IPFamily) -> SetRegistry.Description {
    SetRegistry.Description(
      prefix: SetName.podPrefix(family), hint: hint, identity: summary, key: [family.dataType],
      remark: summary)
  }

  /// The addresses of `within`; nil: any.
  public var blocks: [IPFamily: IntervalSet<UInt128>]? {
    within.map { blocks in
      Dictionary(uniqueKeysWithValues: IPFamily.allCases.map { ($0, IPBlock.addresses(of: blocks, $0)) })
    }
  }

  /// The query in words: for remarks, and as the identity of its set.
  public var summary: String {
    var text =
      switch scope {
      case .namespace(let name): "pods of namespace \(name)"
      case .matching(let namespaces) where namespaces.isEverything: "pods of every namespace"
      case .matching(let namespaces): "pods of namespaces with \(namespaces)"
      }
    if !selector.isEverything { text += " with \(selector)" }
    if let within { text += " in \(within.map(\.summary).joined(separator: ", "))" }
    if let port { text += " whose port \(port.name) is \(port.transport.rawValue) \(port.number)" }
    return text
  }

  /// A few words for the name of the set.
  var hint: String {
    var words: [String] = []
    switch scope {
    case .namespace(let name): words.append(name)
    case .matching(let namespaces): words.append(namespaces.isEverything ? "all" : namespaces.hint)
    }
    if !selector.isEverything { words.append(selector.hint) }
    if let port { words.append(port.name) }
    return words.joined(separator: "/")
  }
}

extension LabelSelector {
  /// A few words for a name: `version.v2`. The digest behind it distinguishes what the words leave out.
  fileprivate var hint: String {
    requirements.map { requirement in
      let key = requirement.key.split(separator: "/").last.map(String.init) ?? requirement.key
      let values = requirement.values.joined(separator: ".")
      return switch requirement.relation {
      case .isIn: "\(key).\(values)"
      case .notIn: "\(key).not.\(values)"
      case .exists: key
      case .doesNotExist: "no.\(key)"
      }
    }.joined(separator: ".")
  }
}

extension IPBlock {
  /// The union of blocks of a family, each without its own excepts and no other's.
  static func addresses(of blocks: [IPBlock], _ family: IPFamily) -> IntervalSet<UInt128> {
    var intervals: [Interval<UInt128>] = []
    for block in blocks where block.cidr.family == family {
      let holes = IntervalSet(block.except.filter { $0.family == family }.map(\.interval))
      intervals += IntervalSet(block.cidr.interval).subtracting(holes).intervals
    }
    return IntervalSet(intervals)
  }

  /// `172.17.0.0/16 except 172.17.1.0/24`.
  public var summary: String {
    except.isEmpty ? "\(cidr)" : "\(cidr) except \(except.map(\.description).joined(separator: " "))"
  }
}
