import PolicyModel

/// `apiVersion` and `kind` of an object.
struct ObjectType: Sendable, Hashable {
  var apiVersion: String?
  var kind: String?

  /// True where the object only shares the name of a kind that is known here: `Job` of `batch.volcano.sh`,
  /// `Node` of `longhorn.io`, `NetworkPolicy` of `crd.projectcalico.org`. It means nothing here, like any
  /// other kind of its group.
  ///
  /// A policy is foreign only where its group is clearly another project's: a misspelt group is refused with its
  /// version. So are the versions of `extensions`, where some of the known kinds once lived.
  func isOfForeignGroup(_ formats: [PolicyFormat]) -> Bool {
    guard let kind, let apiVersion, !apiVersion.isEmpty,
      let known = Kind(kind, of: self, formats) ?? Kind.entries(ofList: self, formats)
    else { return false }
    switch known {
    case .policy(let format): return group != format.group && PolicyGroups.isOfOtherProject(group)
    case .inventory(let known):
      return group != Self.group(of: known.apiVersions[0]) && group != "extensions"
    }
  }

  /// The kind, where it is one that is read: nil for an unknown kind and for one of another group.
  func readableKind(_ formats: [PolicyFormat]) -> Kind? {
    isOfForeignGroup(formats) ? nil : kind.flatMap { Kind($0, of: self, formats) }
  }

  /// The type with what it leaves out taken from another.
  func completed(by other: ObjectType?) -> ObjectType {
    ObjectType(apiVersion: apiVersion ?? other?.apiVersion, kind: kind ?? other?.kind)
  }

  /// The group of `apiVersion`; empty for the core group, and where there is no version.
  var group: String { apiVersion.map { String(Self.group(of: $0)) } ?? "" }

  /// The type of the entries of a list of this type that do not say theirs, as the API server leaves it out: `Pod` of
  /// `v1` for `PodList` of `v1`. Nil where the entries must say it.
  func ofEntries(_ formats: [PolicyFormat]) -> ObjectType? {
    // kpt's list is named like a typed one.
    guard let kind, kind.hasSuffix("List"), kind.count > 4, kind != "ResourceList" else { return nil }
    let entry = String(kind.dropLast(4))
    let known = Kind.entries(ofList: self, formats)
    return ObjectType(apiVersion: apiVersion ?? known?.apiVersions[0], kind: entry)
  }

  /// True where objects of this type are meant to filter packets, by the name that such kinds have in every
  /// project known: `ClusterNetworkPolicy`, `AdminNetworkPolicy`, `CiliumNetworkPolicy`,
  /// `GlobalNetworkPolicy`, `MultiNetworkPolicy` ….
  var isOfOtherPolicies: Bool {
    guard let kind else { return false }
    return kind.hasSuffix("NetworkPolicy") || kind.hasSuffix("NetworkPolicyList")
  }

  private static func group(of apiVersion: String) -> Substring {
    apiVersion.utf8.firstIndex(of: UInt8(ascii: "/")).map { apiVersion[..<$0] } ?? ""
  }
}

/// A kind that means something here.
enum Kind: Sendable {
  /// A kind of policies, which are read strictly and whole.
  case policy(PolicyFormat)
  /// A kind of the inventory, or a list.
  case inventory(InventoryKind)

  /// The kind of this name; of policies the one of the type's group where several projects have the name.
  @inline(__always)
  init?(_ name: String, of type: ObjectType, _ formats: [PolicyFormat]) {
    if let kind = InventoryKind(rawValue: name) {
      self = .inventory(kind)
    } else if let format = formats.format(of: ObjectType(apiVersion: type.apiVersion, kind: name)) {
      self = .policy(format)
    } else {
      return nil
    }
  }

  /// The word that objects have for `kind`.
  var name: String {
    switch self {
    case .policy(let format): format.kind.rawValue
    case .inventory(let kind): kind.rawValue
    }
  }

  /// The versions that are understood, the usual one first.
  var apiVersions: [String] {
    switch self {
    case .policy(let format): format.apiVersions
    case .inventory(let kind): kind.apiVersions
    }
  }

  /// True for a list of objects of any kind.
  var isList: Bool { if case .inventory(.list) = self { true } else { false } }

  /// True for kinds of policies.
  var isPolicy: Bool { if case .policy = self { true } else { false } }

  /// The kind with its article, for messages.
  var withArticle: String { (name.hasPrefix("A") ? "an " : "a ") + name }

  /// The kind of the entries of a typed list: `Pod` for `PodList`.
  static func entries(ofList type: ObjectType, _ formats: [PolicyFormat]) -> Kind? {
    guard let list = type.kind, list.hasSuffix("List") else { return nil }
    let entry = Kind(String(list.dropLast(4)), of: type, formats)
    return entry?.isList == true ? nil : entry
  }
}
