import PolicyModel

/// The other ends that policies name which can select the node's own pods, kept from slice to slice.
struct PolicyNamings: Sendable {
  private var known: [Int: PolicyNaming] = [:]
  private var ofNamespaces: [String: [Int]] = [:]
  private var ofCluster: [Int]?
  /// The namings that name a pod.
  private var namers: [NamedPod: [Int]] = [:]
  /// The next number: none is used again.
  private var next = 0

  /// A naming by its number.
  subscript(number: Int) -> PolicyNaming {
    guard let naming = known[number] else { preconditionFailure("no naming has number \(number)") }
    return naming
  }

  /// True where the policies of a namespace are known.
  func knows(_ namespace: String) -> Bool { ofNamespaces[namespace] != nil }

  /// True where the policies that select namespaces by their labels are known.
  var knowsCluster: Bool { ofCluster != nil }

  /// The number of namespaces whose policies are known.
  var count: Int { ofNamespaces.count }

  /// The namings of the policies in a namespace.
  func ofNamespace(_ name: String) -> [Int] { ofNamespaces[name] ?? [] }

  /// The namings of the policies that select namespaces by their labels.
  var clusterWide: [Int] { ofCluster ?? [] }

  /// Notes the policies in a namespace.
  mutating func note(_ policies: some Sequence<Policy>, ofNamespace name: String) {
    ofNamespaces[name] = enter(policies)
  }

  /// Notes the policies that select namespaces by their labels.
  mutating func noteClusterWide(_ policies: some Sequence<Policy>) { ofCluster = enter(policies) }

  private mutating func enter(_ policies: some Sequence<Policy>) -> [Int] {
    namers = [:]
    return policies.map { policy in
      defer { next += 1 }
      known[next] = PolicyNaming(policy)
      return next
    }
  }

  /// Forgets the policies in a namespace.
  mutating func forget(ofNamespace name: String) {
    for number in ofNamespaces.removeValue(forKey: name) ?? [] { known[number] = nil }
    namers = [:]
  }

  /// Forgets the policies that select namespaces by their labels.
  mutating func forgetClusterWide() {
    for number in ofCluster ?? [] { known[number] = nil }
    (ofCluster, namers) = (nil, [:])
  }

  /// Forgets the policies of all namespaces and of the cluster.
  mutating func forgetAll() { (known, ofNamespaces, ofCluster, namers) = ([:], [:], nil, [:]) }

  /// The namings that name a pod as an other end.
  mutating func naming(_ pod: NamedPod) -> [Int] {
    if let known = namers[pod] { return known }
    var found: [Int] = []
    for (namespace, numbers) in ofNamespaces {
      found += numbers.filter { self[$0].names(pod, from: namespace) }
    }
    found += clusterWide.filter { self[$0].names(pod, from: nil) }
    if namers.count > 4_096 { namers = [:] }
    namers[pod] = found
    return found
  }
}
