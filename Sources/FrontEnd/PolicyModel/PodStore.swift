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
  /// The pods that claim an address, nearly always one.
  private enum Claimants: Sendable {
    case one(Int)
    /// Two or more, in no order.
    case several([Int])
  }

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

  private var numbers: [PodName: Int] = [:]
  private var entries: [Entry?] = []
  /// By their claimants, ascending.
  private var joints: [[PodName]: Joint] = [:]
  private var free: [Int] = []
  private var claims = AddressTable<Claimants>()

  /// The pods, by namespace and name.
  var all: [Pod] {
    numbers.sorted { $0.key < $1.key }.compactMap { entries[$0.value]?.pod }
  }

  /// The addresses that a pod shows; none for one that is not there.
  func addresses(of name: PodName) -> [IPAddress] {
    numbers[name].flatMap { entries[$0]?.pod.addresses } ?? []
  }

  /// The endpoints: pods on the pod network with the addresses that are their own, by namespace and name.
  var endpoints: [Pod] {
    let alone = numbers.sorted { $0.key < $1.key }.compactMap { entries[$0.value]?.endpoint }
    if joints.isEmpty { return alone }
    return (alone + joints.values.map(\.pod)).sorted { PodName($0) < PodName($1) }
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
    var touched: Set<IPAddress> = []
    for (name, pod) in wanted {
      let known = numbers[name]
      if known.flatMap({ entries[$0]?.pod }) == pod { continue }
      let number = known ?? newNumber(name)
      former.updateValue(entries[number], forKey: number)
      touched.formUnion(entries[number]?.pod.claimed ?? [])
      touched.formUnion(pod?.claimed ?? [])
    }
    if former.isEmpty { return Change() }
    let before = touched.flatMap { holders(of: $0) }
    for number in former.keys { release(number) }
    for (name, pod) in wanted {
      guard let number = numbers[name], former.index(forKey: number) != nil else { continue }
      entries[number] = pod.map { Entry(pod: $0) }
      for address in pod?.claimed ?? [] { claim(address, number) }
    }
    let concerned = Set(former.keys).union(before).union(touched.flatMap { holders(of: $0) })
    var change = Change()
    change.endpoints =
      concerned.compactMap { settle($0, former[$0]) } + settleJoints(touched, &change.warnings)
    change.endpoints.sort { $0.id < $1.id }
    removeNumbers(of: wanted)
    return change
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
      let claimants = key.compactMap { self.numbers[$0].flatMap { entries[$0]?.pod } }
      guard claimants.count == key.count else { continue }
      let numbers = key.compactMap { self.numbers[$0] }
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

  private mutating func newNumber(_ name: PodName) -> Int {
    let number = newNumber()
    numbers[name] = number
    return number
  }

  /// Numbers of pods that are not there can be given to others.
  private mutating func removeNumbers(of names: [PodName: Pod?]) {
    for name in names.keys {
      guard let number = numbers[name], entries[number] == nil else { continue }
      numbers[name] = nil
      free.append(number)
    }
  }

  // MARK: Claims

  private mutating func claim(_ address: IPAddress, _ number: Int) {
    switch claims[address] {
    case nil: claims[address] = .one(number)
    case .one(let other): claims[address] = .several([other, number])
    case .several(let others): claims[address] = .several(others + [number])
    }
  }

  private mutating func release(_ number: Int) {
    for address in entries[number]?.pod.claimed ?? [] {
      switch claims[address] {
      case .several(let all):
        let rest = all.filter { $0 != number }
        claims[address] = rest.count == 1 ? .one(rest[0]) : .several(rest)
      default: claims[address] = nil
      }
    }
  }

  /// True where a pod alone has the best claim to an address.
  private func isHeld(_ address: IPAddress, by number: Int) -> Bool {
    if case .one(let other) = claims[address] { return other == number }
    return holders(of: address) == [number]
  }

  /// The pods with the best claim to an address, ascending by name; several where their claims are equal.
  private func holders(of address: IPAddress) -> [Int] {
    switch claims[address] {
    case nil: return []
    case .one(let number): return [number]
    case .several(let numbers):
      let pods = numbers.compactMap { number in entries[number].map { (number: number, pod: $0.pod) } }
      let best = pods.map(\.pod.claimPriority).max()
      return pods.filter { $0.pod.claimPriority == best }
        .sorted { PodName($0.pod) < PodName($1.pod) }.map(\.number)
    }
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
