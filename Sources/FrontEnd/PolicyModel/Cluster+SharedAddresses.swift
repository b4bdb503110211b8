import Addresses
import Diagnostics

extension Cluster {
  /// Gives each address to one pod: of several the one with the best claim, which is a note. Equal claims make one pod of
  /// the addresses, with the others as its claimants, and a warning. O(n) in the pods where no address is claimed twice.
  static func settleAddresses(
    _ pods: inout [Pod], _ omitted: inout Omissions, _ diagnostics: inout [Diagnostic]
  ) {
    let several = claimedSeveralTimes(pods)
    if several.isEmpty { return }
    var lost: [Int: Set<IPAddress>] = [:]
    var shared: [[Int]: [IPAddress]] = [:]
    var notes: [(address: IPAddress, pod: Pod, holder: Pod)] = []
    for (address, positions) in several.sorted(by: { $0.key < $1.key }) {
      let best = positions.map { pods[$0].claimPriority }.max()
      let holders = positions.filter { pods[$0].claimPriority == best }
      for position in positions where position != holders[0] || holders.count > 1 {
        lost[position, default: []].insert(address)
        if !holders.contains(position) { notes.append((address, pods[position], pods[holders[0]])) }
      }
      if holders.count > 1 {
        shared[holders, default: []].append(address)
        diagnostics.append(equalClaims(on: address, holders.map { pods[$0] }))
      }
    }
    diagnostics += lostClaims(notes)
    let joint = shared.map { holders, addresses in
      Pod(claimedBy: holders.map { pods[$0] }, addresses)
    }
    for (position, addresses) in lost { pods[position].addresses.removeAll(where: addresses.contains) }
    let named = Set(joint.flatMap(\.claimants).map(PodName.init))
    for position in lost.keys.sorted(by: >) where pods[position].addresses.isEmpty {
      if !named.contains(PodName(pods[position])) { omitted.addressTaken.append(pods[position].displayName) }
      pods.remove(at: position)
    }
    omitted.addressTaken.sort()
    if joint.isEmpty { return }
    pods = (pods + joint).sorted {
      ($0.namespace, $0.kind, $0.name) < ($1.namespace, $1.kind, $1.name)
    }
  }

  /// The addresses that more than one pod claims, with the places of these pods, ascending.
  private static func claimedSeveralTimes(_ pods: [Pod]) -> [IPAddress: [Int]] {
    var first: [IPAddress: Int] = [:]
    first.reserveCapacity(pods.count)
    var several: [IPAddress: [Int]] = [:]
    for position in pods.indices {
      // One address is what most pods have, and needs no set.
      let addresses = pods[position].addresses
      for address in addresses.count == 1 ? addresses : Array(Set(addresses)) {
        guard let other = first.updateValue(position, forKey: address) else { continue }
        several[address, default: [other]].append(position)
      }
    }
    return several
  }

  /// The warning that several pods have an equal claim to an address, two or more, ascending by name.
  static func equalClaims(on address: IPAddress, _ holders: [Pod]) -> Diagnostic {
    let last = holders[holders.count - 1]
    let others = holders.dropLast().map(\.displayName)
    return Diagnostic(
      .warning, id: "duplicate-address", at: last.origin.location, field: "status.podIPs",
      "address \(address) of pod \(last.displayName) is also that of \(others.count == 1 ? "pod" : "pods") \(others.joined(separator: ", ")): it may do only what each of them may",
      notes: holders.dropLast().map { .init("pod \($0.displayName)", at: $0.origin.location) })
  }

  /// One note about all addresses that a pod shows and another one has, by a better claim; with the first three.
  private static func lostClaims(_ lost: [(address: IPAddress, pod: Pod, holder: Pod)]) -> [Diagnostic] {
    guard let first = lost.first else { return [] }
    let shown = lost.prefix(3).map { claim in
      "\(claim.address) of \(claim.pod.displayName) (\(claim.holder.precedence(over: claim.pod)))"
    }
    let verb = lost.count == 1 ? "address is" : "addresses are"
    return [
      Diagnostic(
        .note, id: "address-taken", at: first.pod.origin.location, field: "status.podIPs",
        "\(lost.count) \(verb) taken to be another pod's, whose claim is better: \(shown.joined(separator: ", "))\(lost.count > 3 ? ", …" : "")"
      )
    ]
  }
}
