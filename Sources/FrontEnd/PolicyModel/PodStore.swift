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
      var pod = pod
      pod.addresses = addresses
      return pod
    }
  }

  private var numbers: [PodName: Int] = [:]
  private var entries: [Entry?] = []
  private var free: [Int] = []
  private var claims: [IPAddress: Claimants] = [:]

  /// The pods, by namespace and name.
  var all: [Pod] {
    numbers.sorted { $0.key < $1.key }.compactMap { entries[$0.value]?.pod }
  }

  /// The endpoints: pods on the pod network with the addresses that are their own, by namespace and name.
  var endpoints: [Pod] {
    numbers.sorted { $0.key < $1.key }.compactMap { entries[$0.value]?.endpoint }
  }

  /// Makes pods what they are to be, nil for gone ones.
  ///
  /// - Parameter wanted: the pods by name.
  /// - Returns: the endpoints that are others now, by number.
  /// - Throws: that two pods have an equal claim to one address; nothing is different then.
  mutating func apply(_ wanted: [PodName: Pod?])
    throws(LiveCluster.Contradiction) -> [LiveCluster.Change.Endpoint]
  {
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
    if former.isEmpty { return [] }
    let owners = touched.compactMap { owner(of: $0) }
    for number in former.keys { release(number) }
    for (name, pod) in wanted {
      guard let number = numbers[name], former[number] != nil else { continue }
      entries[number] = pod.map { Entry(pod: $0) }
      for address in pod?.claimed ?? [] { claim(address, number) }
    }
    var errors: [Diagnostic] = []
    for address in touched.sorted() { check(address, &errors) }
    if !errors.isEmpty {
      for number in former.keys { release(number) }
      for (number, entry) in former {
        entries[number] = entry
        for address in entry?.pod.claimed ?? [] { claim(address, number) }
      }
      removeNumbers(of: wanted)
      throw LiveCluster.Contradiction(errors)
    }
    let concerned = Set(former.keys).union(owners).union(touched.compactMap { owner(of: $0) })
    let changes = concerned.sorted().compactMap { settle($0, former[$0]) }
    removeNumbers(of: wanted)
    return changes
  }

  /// Gives an endpoint the addresses that are its own now; nil where that changes nothing for anybody.
  private mutating func settle(_ number: Int, _ former: Entry??) -> LiveCluster.Change.Endpoint? {
    let before = (former ?? entries[number])?.endpoint
    if let pod = entries[number]?.pod {
      let own = pod.isEndpoint ? pod.addresses.filter { owner(of: $0) == number } : []
      entries[number]?.addresses = own
    }
    let after = entries[number]?.endpoint
    return before == after ? nil : LiveCluster.Change.Endpoint(id: number, before: before, after: after)
  }

  private mutating func newNumber(_ name: PodName) -> Int {
    let number = free.popLast() ?? entries.count
    if number == entries.count { entries.append(nil) }
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

  private func owner(of address: IPAddress) -> Int? {
    switch claims[address] {
    case nil: nil
    case .one(let number): number
    case .several(let numbers): settled(numbers).owner
    }
  }

  private func check(_ address: IPAddress, _ errors: inout [Diagnostic]) {
    guard case .several(let numbers) = claims[address] else { return }
    for clash in settled(numbers).clashes {
      errors.append(Cluster.duplicate(address, of: clash.0, and: clash.1))
    }
  }

  /// As a compile from the beginning goes through the pods, by name.
  private func settled(_ numbers: [Int]) -> (owner: Int, clashes: [(Pod, Pod)]) {
    let pods = numbers.compactMap { number in entries[number].map { (number, $0.pod) } }
      .sorted { PodName($0.1) < PodName($1.1) }
    var owner = pods[0]
    var clashes: [(Pod, Pod)] = []
    for next in pods.dropFirst() {
      let (mine, theirs) = (Cluster.claim(next.1), Cluster.claim(owner.1))
      if mine == theirs { clashes.append((next.1, owner.1)) }
      if mine > theirs { owner = next }
    }
    return (owner.0, clashes)
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
