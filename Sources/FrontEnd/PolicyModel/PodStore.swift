import Addresses
import Diagnostics

/// A pod's name in its cluster.
struct PodName: Hashable, Comparable, Sendable {
  let namespace: String
  let name: String

  init(namespace: String, name: String) {
    self.namespace = namespace
    self.name = name
  }

  init(_ pod: Pod) { self.init(namespace: pod.namespace, name: pod.name) }

  static func < (left: PodName, right: PodName) -> Bool {
    left.namespace == right.namespace ? left.name < right.name : left.namespace < right.namespace
  }
}

/// The pods of a live cluster, and who claims which address.
struct PodStore: Sendable {
  private struct Entry: Sendable {
    var pod: Pod
    /// The addresses that are the pod's own, in its own order; none for one that is no endpoint.
    var addresses: [IPAddress] = []

    /// The pod as policies see it.
    var endpoint: Pod? {
      if addresses.isEmpty { return nil }
      // A pod that is changed has a content of its own.
      if addresses == pod.addresses { return pod }
      var pod = pod
      pod.addresses = addresses
      return pod
    }
  }

  /// The one pod that stands for the addresses that several have an equal claim to.
  private struct Joint: Sendable {
    let number: Int
    var pod: Pod
  }

  private var numbers = PodNumbers()
  private var entries = PartedArray<Entry?>()
  /// By their claimants, ascending.
  private var joints: [[PodName]: Joint] = [:]
  private var free: [Int] = []
  /// The numbers of the pods that claim each address.
  private var claims = AddressNumbers()

  /// The number of pods.
  var count: Int { numbers.count }

  /// The pods, by namespace and name.
  var all: [Pod] { Pod.sortedByName(entries.compactMap { $0?.pod }) }

  /// The pods, in no order.
  var inNoOrder: some Sequence<Pod> { entries.lazy.compactMap { $0?.pod } }

  /// The pod of a name; nil where there is none.
  func pod(_ name: PodName) -> Pod? { number(of: name).flatMap { entries[$0]?.pod } }

  /// The addresses that a pod shows; none for one that is not there.
  func addresses(of name: PodName) -> [IPAddress] {
    number(of: name).flatMap { entries[$0]?.pod.addresses } ?? []
  }

  /// The endpoints: pods on the pod network with the addresses that are their own, by namespace and name.
  var endpoints: [Pod] {
    Pod.sortedByName(entries.compactMap { $0?.endpoint } + joints.values.map(\.pod))
  }

  private func number(of name: PodName) -> Int? {
    numbers.number(name.namespace, name.name) { number in
      entries[number].map { $0.pod.name == name.name && $0.pod.namespace == name.namespace } ?? false
    }
  }

  /// The endpoints that are others now, and the warnings about them.
  struct Change {
    /// The endpoints that changed, by number.
    var endpoints: [LiveCluster.Change.Endpoint] = []
    /// About addresses that several pods have an equal claim to.
    var warnings: [Diagnostic] = []
  }

  /// Makes pods what they are to be, nil for gone ones.
  mutating func apply(_ wanted: [PodName: Pod?]) -> Change {
    var former: [Int: Entry?] = [:]
    var next: [(number: Int, name: PodName, pod: Pod?)] = []
    var touched: Set<IPAddress> = []
    var unrivalled: [Int] = []
    for (name, pod) in wanted {
      let known = number(of: name)
      if known.flatMap({ entries[$0]?.pod }) == pod { continue }
      let number = known ?? newNumber()
      if known == nil, let pod, insertUnrivalled(number, name, pod) {
        unrivalled.append(number)
        continue
      }
      next.append((number, name, pod))
      former.updateValue(entries[number], forKey: number)
      touched.formUnion(entries[number]?.pod.claimed ?? [])
      touched.formUnion(pod?.claimed ?? [])
    }
    var change = Change()
    guard !former.isEmpty else {
      change.endpoints = unrivalled.sorted().compactMap(newcomer)
      return change
    }
    let before = touched.flatMap { holders(of: $0) }
    for number in former.keys { release(number) }
    for (number, name, pod) in next {
      if entries[number] == nil { numbers.insert(number, name.namespace, name.name) }
      if pod == nil { numbers.remove(number, name.namespace, name.name) }
      entries[number] = pod.map { Entry(pod: $0) }
      for address in pod?.claimed ?? [] { claims.insert(number, address) }
    }
    let concerned = Set(former.keys).union(before).union(touched.flatMap { holders(of: $0) })
    // Pods that came with these events and have got a rival since.
    for number in unrivalled where concerned.contains(number) { former.updateValue(nil, forKey: number) }
    change.endpoints =
      concerned.compactMap { settle($0, former[$0]) } + settleJoints(touched, &change.warnings)
      + unrivalled.filter { !concerned.contains($0) }.compactMap(newcomer)
    change.endpoints.sort { $0.id < $1.id }
    // Numbers of pods that are not there can be given to others.
    for (number, _, pod) in next where pod == nil { free.append(number) }
    return change
  }

  /// Takes a pod that was not there where no pod claims its addresses: all of them are its own, and nothing is settled.
  ///
  /// - Returns: true where it is taken.
  private mutating func insertUnrivalled(_ number: Int, _ name: PodName, _ pod: Pod) -> Bool {
    let claimed = pod.claimed
    guard claimed.allSatisfy({ claims.first($0, where: { _ in true }) == nil }) else { return false }
    numbers.insert(number, name.namespace, name.name)
    entries[number] = Entry(pod: pod, addresses: pod.isEndpoint ? pod.addresses : [])
    for address in claimed { claims.insert(number, address) }
    return true
  }

  /// The change that a pod makes that was not there before; nil where policies do not see it.
  private func newcomer(_ number: Int) -> LiveCluster.Change.Endpoint? {
    entries[number]?.endpoint.map { LiveCluster.Change.Endpoint(id: number, before: nil, after: $0) }
  }

  /// Gives an endpoint the addresses that are its own now; nil where that changes nothing for anybody.
  private mutating func settle(_ number: Int, _ former: Entry??) -> LiveCluster.Change.Endpoint? {
    let before = (former ?? entries[number])?.endpoint
    if let pod = entries[number]?.pod {
      let areOwn = pod.isEndpoint && pod.addresses.allSatisfy { isHeld($0, by: number) }
      let own =
        areOwn ? pod.addresses : pod.isEndpoint ? pod.addresses.filter { isHeld($0, by: number) } : []
      entries[number]?.addresses = own
    }
    let after = entries[number]?.endpoint
    return before == after ? nil : LiveCluster.Change.Endpoint(id: number, before: before, after: after)
  }

  /// Makes the pods of addresses with several holders what they are now.
  private mutating func settleJoints(
    _ touched: Set<IPAddress>, _ warnings: inout [Diagnostic]
  ) -> [LiveCluster.Change.Endpoint] {
    var wanted: [[PodName]: Pod?] = [:]
    for (key, joint) in joints where joint.pod.addresses.contains(where: touched.contains) {
      wanted.updateValue(nil, forKey: key)
    }
    for address in touched.sorted() {
      let numbers = holders(of: address)
      if numbers.count < 2 { continue }
      let holders = numbers.compactMap { entries[$0]?.pod }
      warnings.append(Cluster.equalClaims(on: address, holders))
      wanted.updateValue(nil, forKey: holders.map(PodName.init))
    }
    if wanted.isEmpty { return [] }
    for key in wanted.keys {
      let numbers = key.compactMap { number(of: $0) }
      let claimants = numbers.compactMap { entries[$0]?.pod }
      guard claimants.count == key.count else { continue }
      let shared = claimants[0].claimed.filter { holders(of: $0) == numbers }.sorted()
      if !shared.isEmpty { wanted.updateValue(Pod(claimedBy: claimants, shared), forKey: key) }
    }
    return wanted.sorted { $0.key.lexicographicallyPrecedes($1.key) }.compactMap { key, after in
      let before = joints[key]
      if before?.pod == after { return nil }
      let number = before?.number ?? newNumber()
      joints[key] = after.map { Joint(number: number, pod: $0) }
      if after == nil { free.append(number) }
      return LiveCluster.Change.Endpoint(id: number, before: before?.pod, after: after)
    }
  }

  private mutating func newNumber() -> Int {
    let number = free.popLast() ?? entries.count
    if number == entries.count { entries.append(nil) }
    return number
  }

  // MARK: Claims

  private mutating func release(_ number: Int) {
    for address in entries[number]?.pod.claimed ?? [] { claims.remove(number, address) }
  }

  /// True where a pod alone has the best claim to an address.
  private func isHeld(_ address: IPAddress, by number: Int) -> Bool {
    if claims.first(address, where: { $0 != number }) == nil {
      return claims.first(address, where: { _ in true }) != nil
    }
    return holders(of: address) == [number]
  }

  /// The pods with the best claim to an address, ascending by name; several where their claims are equal.
  private func holders(of address: IPAddress) -> [Int] {
    let numbers = claims.numbers(address)
    if numbers.count < 2 { return numbers }
    let pods = numbers.compactMap { number in entries[number].map { (number: number, pod: $0.pod) } }
    let best = pods.map(\.pod.claimPriority).max()
    return pods.filter { $0.pod.claimPriority == best }
      .sorted { PodName($0.pod) < PodName($1.pod) }.map(\.number)
  }
}

extension Pod {
  /// True where the pod is on the pod network, with an address it may claim.
  fileprivate var isEndpoint: Bool { !isFinished && !hostNetwork && !addresses.isEmpty }

  /// The addresses it claims, each once.
  fileprivate var claimed: [IPAddress] {
    isEndpoint ? (addresses.count == 1 ? addresses : Set(addresses).sorted()) : []
  }
}
