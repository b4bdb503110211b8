public import Addresses
public import Diagnostics
public import PolicyModel
import Reachability

/// What somebody wants to be true of a cluster's policies.
public struct AccessExpectation: Sendable {
  /// Whether connections must pass or must not.
  public enum Verdict: String, Sendable {
    /// They must pass.
    case allow
    /// They must not.
    case deny
  }

  /// How many ends of a group are meant.
  public enum Quantifier: String, Sendable {
    /// Every one.
    case all
    /// At least one.
    case some
  }

  /// Pods, or addresses outside, that an expectation speaks of.
  public struct Group: Sendable {
    /// How many of them.
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

    /// Every pod.
    public init() {}
  }

  /// What it is called.
  public let name: String
  /// Where it was written.
  public let location: SourceLocation
  /// Whether connections must pass.
  public let verdict: Verdict
  /// Who sends.
  public let source: Group
  /// Who receives.
  public let destination: Group
  /// Protocols and ports: all of them must be allowed, none may be.
  public let traffic: TrafficSet
}
