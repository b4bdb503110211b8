package import Documents
public import PolicyModel

/// A kind of policy objects as documents write it: its type, and the decoder that ends in a policy of the model.
public struct PolicyFormat: Sendable {
  /// An object of the kind, read whole.
  package struct Object {
    /// The value of `apiVersion`.
    package let apiVersion: String
    /// The members, in the order in which they were written.
    package let members: [SourceNode.Member]
    /// The byte where the object begins.
    package let offset: Int
    /// True where a server has accepted the object.
    package let isFromServer: Bool
  }

  /// The decoder of a kind: takes an object, reports what is wrong with it, and gives the policy that it means, and the object
  /// as it was written where it is a NetworkPolicy. Nil where not even the name is known.
  package typealias Decode =
    @Sendable (Object, inout PolicyDecoder) -> (policy: Policy?, written: NetworkPolicy?)

  /// The kind of the policies.
  public let kind: PolicyKind
  /// The versions that are understood, all of one group, the usual one first.
  public let apiVersions: [String]
  /// Plurals and short names of the kind in lower case, which people write in its place.
  let otherNames: [String]
  /// True for a kind that another one has taken the place of.
  let isEarlier: Bool
  let decode: Decode

  /// A kind of policy objects.
  ///
  /// - Parameters:
  ///   - kind: the word of `kind`.
  ///   - apiVersions: the versions that are understood, all of one group, the usual one first; at least one.
  ///   - otherNames: plurals and short names in lower case.
  ///   - isEarlier: true for a kind that another one has taken the place of.
  ///   - decode: the decoder.
  package init(
    _ kind: PolicyKind, _ apiVersions: [String], otherNames: [String] = [], isEarlier: Bool = false,
    decode: @escaping Decode
  ) {
    self.kind = kind
    self.apiVersions = apiVersions
    self.otherNames = otherNames
    self.isEarlier = isEarlier
    self.decode = decode
  }

  /// The group of the versions.
  var group: String { ObjectType(apiVersion: apiVersions[0], kind: nil).group }

  /// NetworkPolicy of Kubernetes.
  static let networkPolicy = PolicyFormat(
    .networkPolicy, ["networking.k8s.io/v1"], otherNames: ["netpol", "netpols", "networkpolicies"]
  ) { object, decoder in
    let written = decoder.policy(object.members, at: object.offset)
    return (written?.policy, written)
  }
}

extension [PolicyFormat] {
  /// The kinds of Kubernetes, which are read everywhere: a row for each.
  public static let kubernetes: [PolicyFormat] = [
    .networkPolicy, .clusterNetworkPolicy, .adminNetworkPolicy, .baselineAdminNetworkPolicy,
  ]

  /// The format of a type: of several of one name that of its group, else the first, whose group may be misspelt. Nil where
  /// there is none of this name.
  func format(of type: ObjectType) -> PolicyFormat? {
    guard let kind = type.kind else { return nil }
    let named = filter { $0.kind.rawValue == kind }
    return named.first { $0.group == type.group } ?? named.first
  }
}
