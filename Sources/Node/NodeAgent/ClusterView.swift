public import Addresses
public import PolicyModel

/// A cluster as an agent sees it: what the API says of pods, and what the container runtime says of this node's.
///
/// It answers with the events that a `LiveCluster` takes. No two of its pods claim one address: the runtime's word wins,
/// then a pod that runs over one that does not, then the one that claimed the address last.
public struct ClusterView: Sendable {
  /// A pod as the API has it.
  public struct APIPod: Sendable, Hashable {
    /// The pod as it was read.
    public var pod: Pod
    /// The UID, and the mirror's where there is one; nothing for a pod whose UID does not matter.
    private let uids: [String]
    /// `metadata.uid` of the object.
    public var uid: String { uids.first ?? "" }
    /// The UID that the runtime knows a static pod by: the annotation `kubernetes.io/config.mirror`.
    public var mirror: String? { uids.count > 1 ? uids[1] : nil }

    /// Makes a pod of its parts.
    public init(pod: Pod, uid: String, mirror: String? = nil) {
      self.pod = pod
      uids = mirror.map { [uid, $0] } ?? (uid.isEmpty ? [] : [uid])
    }

    fileprivate func isMeant(by attachment: SandboxAttachment) -> Bool {
      pod.namespace == attachment.namespace && pod.name == attachment.name
        && (attachment.uid.isEmpty || uid == attachment.uid || mirror == attachment.uid)
    }
  }

  /// A pod's namespace and name. The pod that a new one of the same name replaced, and whose sandbox is still there, has
  /// its UID behind the name.
  public struct Key: Sendable, Hashable {
    /// The namespace of the pod.
    public let namespace: String
    /// The name, with a UID or without.
    public let name: String

    /// Makes a key of its parts.
    public init(_ namespace: String, _ name: String) {
      self.namespace = namespace
      self.name = name
    }
  }

  struct Entry: Sendable {
    var api: APIPod
    /// When its addresses were claimed: larger is later. The lowest bit is of `isToldAsItIs`: pods are many.
    var turn: UInt64
    /// Attachments that mean it.
    var attachments: Set<String> = []
    /// True where its last event was of the pod as the API has it.
    var isToldAsItIs: Bool {
      get { turn & 1 == 1 }
      set { turn = turn & ~1 | (newValue ? 1 : 0) }
    }
  }

  /// The node that the agent is for; nil: all pods are subjects, and the runtime places no pod.
  public let node: String?
  private var entries = PodEntries()
  /// The numbers of the entries that claim each address.
  private var claims = AddressNumbers()
  private var attachments: [String: SandboxAttachment] = [:]
  /// The pod that each attachment means.
  private var places: [String: Key] = [:]
  /// The last events of pods that were not told as the API has them now.
  private var told: [Key: Pod] = [:]
  private var turn: UInt64 = 0
  /// The number of times that an address was claimed by two pods that both run.
  public private(set) var conflicts = 0

  /// A view of nothing.
  public init(node: String?) { self.node = node }

  /// The number of pods that the API has reported.
  public var podCount: Int { entries.count }

  /// The pods as policies are to see them, in no order.
  public var pods: [Pod] {
    var pods = Array(told.values)
    pods.reserveCapacity(told.count + entries.count)
    for entry in entries.values where entry.isToldAsItIs { pods.append(entry.api.pod) }
    return pods
  }

  /// A pod as the API has it.
  public func pod(namespace: String, name: String) -> APIPod? { entries[Key(namespace, name)]?.api }

  /// The pods that have an address, or an equal claim to it, as `namespace/name`; nil where none is known to.
  public func name(of address: IPAddress) -> String? {
    let names = claimants(address).filter { keeps($0, address) }.map { "\($0.namespace)/\($0.name)" }
    return names.isEmpty ? nil : names.sorted().joined(separator: " or ")
  }

  /// The attachments, by identifier.
  public var attached: [SandboxAttachment] { attachments.values.sorted { $0.id < $1.id } }

  // MARK: The API

  /// A pod is there, or is now like this.
  public mutating func put(_ pod: APIPod) -> [ClusterEvent] {
    var touched: Set<Key> = []
    put(pod, &touched)
    return settle(&touched)
  }

  /// A pod's object is gone. While its sandbox is there, its policies stay in force.
  public mutating func remove(namespace: String, name: String) -> [ClusterEvent] {
    var touched: Set<Key> = []
    remove(Key(namespace, name), &touched)
    return settle(&touched)
  }

  /// A full list of pods: what it lacks is gone.
  ///
  /// - Parameters:
  ///   - pods: all pods, as the API has them.
  ///   - isTold: false where the events are not asked for, as before everything is known: there may be a hundred thousand.
  /// - Returns: the events.
  public mutating func replace(_ pods: [APIPod], isTold: Bool = true) -> [ClusterEvent] {
    var touched: Set<Key> = []
    if entries.count > 0 {
      var listed: Set<Int> = []
      for pod in pods {
        if let number = entries.number(of: Key(pod.pod.namespace, pod.pod.name)) { listed.insert(number) }
      }
      for key in entries.keys(where: { !listed.contains($0) }) where !isGhost(key) { remove(key, &touched) }
    }
    entries.reserveCapacity(pods.count)
    for family in IPFamily.allCases {
      claims.reserveCapacity(
        pods.reduce(0) { $0 + $1.pod.addresses.count { $0.family == family } }, family)
    }
    for pod in pods {
      if !isTold, putUnrivalled(pod) { continue }
      put(pod, &touched)
      // Where no event is asked for, each pod may be settled more than once.
      if !isTold, touched.count > 1_000 {
        _ = settle(&touched, isTold: false)
        touched = []
      }
    }
    return settle(&touched, isTold: isTold)
  }

  /// Takes a pod that was not there where no pod claims its addresses, and no event is asked for: it is as the API has it.
  ///
  /// - Returns: true where it is taken.
  private mutating func putUnrivalled(_ pod: APIPod) -> Bool {
    let key = Key(pod.pod.namespace, pod.pod.name)
    guard entries.number(of: key) == nil, told.isEmpty || told[key] == nil,
      pod.pod.addresses.allSatisfy({ claims.first($0, where: { _ in true }) == nil })
    else { return false }
    turn += 2
    var entry = Entry(api: pod, turn: turn)
    entry.isToldAsItIs = true
    let number = entries.insert(entry, key)
    for address in pod.pod.addresses { claims.insert(number, address) }
    return true
  }

  private mutating func put(_ pod: APIPod, _ touched: inout Set<Key>) {
    let key = Key(pod.pod.namespace, pod.pod.name)
    turn += 2
    var entry = Entry(api: pod, turn: turn)
    if let former = entries[key] {
      if former.api == pod { return }
      keepTold(key)
      if former.api.uid != pod.uid, !former.attachments.isEmpty {
        becomeGhost(key, &touched)
      } else {
        if former.api.uid == pod.uid { entry.attachments = former.attachments }
        if former.api.pod.addresses == pod.pod.addresses { entry.turn = former.turn & ~1 }
        release(key, &touched)
      }
    }
    entries[key] = entry
    for address in pod.pod.addresses { claim(address, key, &touched) }
    touched.insert(key)
  }

  private mutating func remove(_ key: Key, _ touched: inout Set<Key>) {
    guard let entry = entries[key] else { return }
    if !entry.attachments.isEmpty { return becomeGhost(key, &touched) }
    keepTold(key)
    release(key, &touched)
    entries[key] = nil
    touched.insert(key)
  }

  /// The object is gone or another has its name, but the sandbox is there.
  private mutating func becomeGhost(_ key: Key, _ touched: inout Set<Key>) {
    keepTold(key)
    guard var entry = entries[key] else { return }
    let ghost = Key(key.namespace, "\(key.name)~\(entry.api.uid)")
    let held = entry.attachments.flatMap { attachments[$0]?.addresses ?? [] }
    for address in entry.api.pod.addresses + held {
      unclaim(address, key)
    }
    entries[key] = nil
    keepTold(ghost)
    if let former = entries[ghost] {
      entry.attachments.formUnion(former.attachments)
      release(ghost, &touched)
    }
    entries[ghost] = entry
    for id in entry.attachments { places[id] = ghost }
    for address in entry.api.pod.addresses + held { claim(address, ghost, &touched) }
    touched.formUnion([key, ghost])
  }

  private func isGhost(_ key: Key) -> Bool { key.name.contains("~") }

  // MARK: The runtime

  /// A sandbox has addresses.
  ///
  /// - Returns: the events; nil where the pod's object is not known yet: then nothing is different.
  public mutating func attach(_ attachment: SandboxAttachment) -> [ClusterEvent]? {
    let key = Key(attachment.namespace, attachment.name)
    guard let entry = entries[key], entry.api.isMeant(by: attachment) else { return nil }
    var touched: Set<Key> = [key]
    if attachments[attachment.id] != attachment { forget(attachment.id, &touched) }
    attachments[attachment.id] = attachment
    places[attachment.id] = key
    entries[key]?.attachments.insert(attachment.id)
    for address in attachment.addresses {
      for other in attachments.values where other.id != attachment.id && other.addresses.contains(address) {
        // The runtime gave the address away: the DEL before was lost.
        forget(other.id, &touched)
      }
      claim(address, key, &touched)
    }
    return settle(&touched)
  }

  /// A sandbox goes.
  public mutating func detach(_ id: String) -> [ClusterEvent] {
    var touched: Set<Key> = []
    forget(id, &touched)
    return settle(&touched)
  }

  /// Only these sandboxes are left.
  public mutating func keepAttachments(_ ids: Set<String>) -> [ClusterEvent] {
    var touched: Set<Key> = []
    for id in attachments.keys where !ids.contains(id) { forget(id, &touched) }
    return settle(&touched)
  }

  /// True where a pod's addresses are its own, as CHECK asks.
  public func holds(_ attachment: SandboxAttachment) -> Bool {
    guard let known = attachments[attachment.id], known.namespace == attachment.namespace,
      known.name == attachment.name
    else { return false }
    return Set(known.addresses).isSuperset(of: attachment.addresses)
  }

  private mutating func forget(_ id: String, _ touched: inout Set<Key>) {
    guard let attachment = attachments.removeValue(forKey: id) else { return }
    if let key = places.removeValue(forKey: id), let entry = entries[key] {
      entries[key]?.attachments.remove(id)
      touched.insert(key)
      for address in attachment.addresses {
        touched.formUnion(claimants(address))
        if !entry.api.pod.addresses.contains(address) { unclaim(address, key) }
      }
      if isGhost(key), entries[key]?.attachments.isEmpty == true {
        keepTold(key)
        release(key, &touched)
        entries[key] = nil
      }
    }
  }

  // MARK: Addresses

  private mutating func claim(_ address: IPAddress, _ key: Key, _ touched: inout Set<Key>) {
    touched.formUnion(claimants(address))
    if let number = entries.number(of: key) { claims.insert(number, address) }
  }

  private mutating func unclaim(_ address: IPAddress, _ key: Key) {
    if let number = entries.number(of: key) { claims.remove(number, address) }
  }

  /// The pods that claim an address: nearly always one.
  private func claimants(_ address: IPAddress) -> [Key] { claims.numbers(address).compactMap(entries.key) }

  private mutating func release(_ key: Key, _ touched: inout Set<Key>) {
    guard let entry = entries[key] else { return }
    let held = entry.attachments.flatMap { attachments[$0]?.addresses ?? [] }
    for address in entry.api.pod.addresses where !held.contains(address) {
      unclaim(address, key)
      touched.formUnion(claimants(address))
    }
  }

  /// True where no pod has a better claim to an address. Several pods with an equal claim each keep it.
  private func keeps(_ key: Key, _ address: IPAddress) -> Bool {
    let number = entries.number(of: key)
    if claims.first(address, where: { $0 != number }) == nil { return true }
    let own = rank(key, address)
    return claimants(address).allSatisfy { rank($0, address) <= own }
  }

  private func rank(_ key: Key, _ address: IPAddress) -> (Int, UInt64) {
    guard let entry = entries[key] else { return (-1, 0) }
    if entry.attachments.contains(where: { attachments[$0]?.addresses.contains(address) == true }) {
      return (9, entry.turn & ~1)
    }
    let pod = entry.api.pod
    if pod.hostNetwork || pod.isFinished { return (0, 0) }
    return (1 + pod.claimPriority, 0)
  }

  /// The pod as policies are to see it; nil where there is none.
  private func effective(_ key: Key) -> Pod? {
    guard let entry = entries[key] else { return nil }
    var pod = entry.api.pod
    // A pod that is changed has a content of its own.
    if pod.name != key.name { pod.name = key.name }
    if entry.attachments.isEmpty {
      if !pod.addresses.allSatisfy({ keeps(key, $0) }) {
        pod.addresses = pod.addresses.filter { keeps(key, $0) }
      }
      return pod
    }
    // The sandbox is there and has these addresses, whatever the object says of its end.
    var addresses: [IPAddress] = []
    for id in entry.attachments.sorted() {
      for address in attachments[id]?.addresses ?? [] where !addresses.contains(address) {
        addresses.append(address)
      }
    }
    if addresses != pod.addresses { pod.addresses = addresses }
    pod.phase = .running
    pod.deleting = false
    pod.hostNetwork = false
    if let node { pod.node = node }
    return pod
  }

  /// Keeps the last event of a pod whose entry is to change.
  private mutating func keepTold(_ key: Key) {
    guard let entry = entries[key], entry.isToldAsItIs else { return }
    told[key] = entry.api.pod
    entries[key]?.isToldAsItIs = false
  }

  private mutating func settle(_ touched: inout Set<Key>, isTold: Bool = true) -> [ClusterEvent] {
    var events: [ClusterEvent] = []
    for key in touched {
      keepTold(key)
      let pod = effective(key)
      let former = told.removeValue(forKey: key)
      if let pod {
        if entries[key]?.api.pod == pod {
          entries[key]?.isToldAsItIs = true
        } else {
          told[key] = pod
        }
      }
      guard pod != former, isTold else { continue }
      events.append(pod.map { .pod($0) } ?? .podRemoved(namespace: key.namespace, name: key.name))
    }
    return events
  }
}
