import PolicyModel
import Wording

/// The API groups whose objects filter packets: an object of theirs that is not understood must not be passed over.
enum PolicyGroups {
  /// The kinds of each group of Kubernetes and of the network policy API: those that are read, and those of any version that
  /// are not.
  static let kinds: [String: [String]] = {
    let others = ["Ingress", "IngressClass", "IPAddress", "ServiceCIDR", "ClusterCIDR"]
    let read = Dictionary(grouping: [PolicyFormat].kubernetes, by: \.group)
    return read.mapValues { $0.map(\.kind.rawValue) }.merging(
      ["networking.k8s.io": others], uniquingKeysWith: +)
  }()

  /// Plurals and short names that kubectl takes for a kind, and that people write in its place; all in lower case.
  private static let otherNames: [String: String] = {
    let read = [PolicyFormat].kubernetes.flatMap { format in
      format.otherNames.map { ($0, format.kind.rawValue) }
    }
    return Dictionary(read + [("ing", "Ingress"), ("ingresses", "Ingress")]) { first, _ in first }
  }()

  /// The message for an object that is of a group of network policies, or as good as, but of no kind of it, and for one
  /// whose kind is nearly one that reviews look at; nil for any other object.
  static func unknownKind(_ type: ObjectType, _ formats: [PolicyFormat]) -> String? {
    guard let kind = type.kind, let apiVersion = type.apiVersion else { return nil }
    let group = type.group
    if let known = kinds[group] {
      if known.contains(kind) || kind == "List" { return nil }
      if kind.hasSuffix("List"), known.contains(String(kind.dropLast(4))) { return nil }
      // Known here, but not in this group: its version is refused.
      if kind == PolicyKind.networkPolicy.rawValue { return nil }
      return message(kind, apiVersion, nearest(to: kind, among: known + kinds.values.joined().sorted()))
    }
    guard Kind(kind, of: type, formats) == nil, Kind.entries(ofList: type, formats) == nil else { return nil }
    if let meant = closedGroups[group].flatMap({ nearest(to: kind, among: $0) }) {
      return message(kind, apiVersion, meant)
    }
    // The group is misspelt too, or left out.
    guard !isOfOtherProject(group), nearest(to: kind, among: ["NetworkPolicy"]) != nil else { return nil }
    return message(kind, apiVersion, "NetworkPolicy")
  }

  /// The kinds that reviews look at in groups whose kinds are Kubernetes' own only. What is nearly one of them is refused:
  /// passed over, its pods would be missing from a review.
  private static let closedGroups: [String: [String]] = [
    "": ["Pod", "Namespace", "Node", "ReplicationController", "Service"],
    "apps": ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"],
    "batch": ["Job", "CronJob"],
  ]

  private static func message(_ kind: String, _ apiVersion: String, _ nearest: String?) -> String {
    "Invalid value: \(ForeignText(kind).quoted): no such kind in version \(ForeignText(apiVersion).quoted)"
      + (nearest.map { ": did you mean \($0)?" } ?? "")
  }

  private static func nearest(to kind: String, among known: [String]) -> String? {
    let letters = kind.lowercased().filter { $0.isLetter || $0.isNumber }
    return otherNames[letters] ?? Spelling.nearest(to: letters, among: known)
  }

  /// True where a group is clearly not one of Kubernetes', nor one of them misspelt: `crd.projectcalico.org`.
  static func isOfOtherProject(_ group: String) -> Bool {
    if kinds[group] != nil { return false }
    let group = group.lowercased()
    guard group.contains("."), Spelling.nearest(to: group, among: kinds.keys.sorted()) == nil else {
      return false
    }
    return !["k8s.io", "kubernetes.io"].contains { group == $0 || group.hasSuffix("." + $0) }
  }
}
