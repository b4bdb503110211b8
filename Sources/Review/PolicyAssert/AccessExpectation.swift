public import Addresses
public import Diagnostics
public import PolicyModel
import Reachability

/// A statement about a cluster's policies that must hold.
public struct AccessExpectation: Sendable {
  /// True where connections must pass or must not.
  public enum Verdict: String, Sendable {
    /// They must pass.
    case allow
    /// They must not.
    case deny
  }

  /// The number of a group's ends that a statement is about.
  public enum Quantifier: String, Sendable {
    /// Every end of the group.
    case all
    /// At least one.
    case some
  }

  /// Pods, or addresses outside, that an expectation speaks of.
  public struct Group: Sendable {
    /// The number of ends that the statement is about.
    public var quantifier: Quantifier = .all
    /// The one namespace, if one is named.
    public var namespace: String?
    /// Not the pods of this namespace.
    public var outsideNamespace: String?
    /// Namespaces by their labels.
    public var namespaceLabels: Labels = Labels()
    /// Pods by their labels.
    public var labels: Labels = Labels()
    /// Addresses instead of pods.
    public var block: CIDR?
    /// Pods to come too: any pod with the labels, whatever else it carries, in any namespace that is meant; with every
    /// address and every numbers behind port names that it may get.
    public var toCome = false
    /// Namespaces to come too: of a name that none has, with the labels, whatever else they carry. Only with `toCome`.
    public var namespacesToCome = false

    /// Creates a group of every pod.
    public init() {}
  }

  /// The name of the expectation.
  public let name: String
  /// Where it was written.
  public let location: SourceLocation
  /// True where connections must pass.
  public let verdict: Verdict
  /// The senders of the connection.
  public let source: Group
  /// The receivers of the connection.
  public let destination: Group
  /// Protocols and ports: all of them must be allowed, none may be.
  public let traffic: TrafficSet
}
