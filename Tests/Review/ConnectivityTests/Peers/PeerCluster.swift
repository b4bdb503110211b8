import Addresses
import Foundation
import PolicyModel
import Reachability
import Connectivity
import TestSupport

/// A cluster that another analyser is asked about as well: what it cannot know is taken out of it.
struct PeerCluster {
  let name: String
  let contents: ManifestContents
  let ends: [VerdictMatrix.End]

  /// A random cluster without what network-config-analyzer does not know: pods that are finished, on the host network
  /// or without an IPv4 address; it looks at none of these.
  init(seed: UInt64) {
    let random = RandomCluster(seed: seed).contents
    var contents = random
    contents.pods = random.pods.compactMap { pod in
      var pod = pod
      pod.addresses = pod.addresses.filter { $0.family == .ipv4 }
      return pod.addresses.isEmpty || pod.isFinished || pod.hostNetwork ? nil : pod
    }
    var generator = SeededGenerator(seed: seed ^ 0xfeed)
    self.init("cluster \(seed)", contents, &generator)
  }

  /// One of the guide's policies.
  init(guide name: String) {
    let input = ReviewInput(fixtures: ["guide/\(name)", "guide/inventory.yaml"])
    var contents = input.contents
    for index in contents.pods.indices { contents.pods[index].addresses.removeAll { $0.family == .ipv6 } }
    var generator = SeededGenerator(seed: 0)
    self.init("guide/\(name)", contents, &generator)
  }

  /// A cluster with its pods, and some addresses outside at which a block begins or ends, for ends.
  init(_ name: String, _ contents: ManifestContents, _ generator: inout SeededGenerator) {
    self.name = name
    self.contents = contents
    let pods = contents.pods.flatMap { pod in
      pod.addresses.prefix(1).map { VerdictMatrix.End(pod: pod.displayName, address: $0) }
    }
    let taken = Set(pods.map(\.address))
    var corners: Set<IPAddress> = []
    for peer in contents.policies.flatMap({ ($0.ingress ?? []) + ($0.egress ?? []) }).flatMap({
      $0.peers.entries
    }) {
      guard case .ipBlock(let block) = peer.kind, block.cidr.family == .ipv4 else { continue }
      for interval in ([block.cidr] + block.except).map(\.interval) {
        for bits in [
          interval.lower, interval.upper, interval.lower &- 1, interval.upper + 1,
        ]
        where bits <= IPFamily.ipv4.maximum { corners.insert(IPAddress(.ipv4, bits: bits)) }
      }
    }
    let outside = generator.some(corners.subtracting(taken).sorted(), most: 10)
    ends =
      pods
      + (outside.isEmpty ? [IPAddress(.ipv4, bits: 0xc633_6401)] : outside)
      .map { VerdictMatrix.End(pod: nil, address: $0) }
  }

  /// What netpolc says, about the policies as they are written or as changed to what another reads.
  func matrix(reading: AnalyzerReading) -> VerdictMatrix {
    var contents = contents
    let addresses = contents.pods.flatMap(\.addresses)
    contents.policies = contents.policies.map { reading.changed($0, podAddresses: addresses) }
    let specification = Specification(Cluster.resolve(contents).cluster)
    return VerdictMatrix(name, ends) {
      specification.store.traffic(specification.allowed(from: $0.address, to: $1.address))
    }
  }

  /// What network-config-analyzer says.
  func analyzed() throws -> VerdictMatrix {
    let folder = FileManager.default.temporaryDirectory.appending(path: "peers-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var paths: [String] = []
    for (file, objects) in [
      ("policies.json", contents.policies.map(\.object)),
      ("inventory.json", contents.namespaces.map(\.object) + contents.pods.map(\.object)),
    ] {
      let list: [String: Any] = ["apiVersion": "v1", "kind": "List", "items": objects]
      let path = folder.appending(path: file)
      try JSONSerialization.data(withJSONObject: list, options: [.sortedKeys, .withoutEscapingSlashes])
        .write(to: path)
      paths.append(path.path(percentEncoded: false))
    }
    let verdicts = try AnalyzerVerdicts(policies: paths[0], inventory: paths[1])
    return VerdictMatrix(name, ends, verdicts.traffic)
  }
}

// MARK: - The objects as manifests

extension Labels {
  fileprivate var object: [String: String] {
    Dictionary(uniqueKeysWithValues: pairs.map { ($0.key, $0.value) })
  }
}

extension Namespace {
  fileprivate var object: [String: Any] {
    ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": name, "labels": labels.object]]
  }
}

extension Pod {
  fileprivate var object: [String: Any] {
    let ports: [[String: Any]] = namedPorts.map {
      ["name": $0.name, "protocol": $0.transport.rawValue, "containerPort": Int($0.number)]
    }
    return [
      "apiVersion": "v1", "kind": "Pod",
      "metadata": ["name": name, "namespace": namespace, "labels": labels.object],
      "spec": ["containers": [["name": "main", "image": "example.org/main", "ports": ports]]],
      "status": ["phase": phase.rawValue, "podIPs": addresses.map { ["ip": "\($0)"] }],
    ]
  }
}

extension LabelSelector {
  fileprivate var object: [String: Any] {
    if requirements.isEmpty { return [:] }
    return [
      "matchExpressions": requirements.map { requirement -> [String: Any] in
        let operation: [String: Any] = ["key": requirement.key, "operator": requirement.relation.rawValue]
        return requirement.values.isEmpty
          ? operation : operation.merging(["values": requirement.values]) { $1 }
      }
    ]
  }
}

extension Policy {
  fileprivate var object: [String: Any] {
    var spec: [String: Any] = [
      "podSelector": subjects.pods.object, "policyTypes": directions.map(\.rawValue),
    ]
    if let ingress { spec["ingress"] = ingress.map { $0.object("from") } }
    if let egress { spec["egress"] = egress.map { $0.object("to") } }
    return [
      "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
      "metadata": ["name": id.name, "namespace": id.namespace ?? ""], "spec": spec,
    ]
  }
}

extension PolicyRule {
  fileprivate func object(_ peersKey: String) -> [String: Any] {
    var object: [String: Any] = [:]
    if case .anyOf(let entries) = peers { object[peersKey] = entries.map(\.object) }
    if case .anyOf(let entries) = ports { object["ports"] = entries.map(\.object) }
    return object
  }
}

extension Peer {
  fileprivate var object: [String: Any] {
    switch kind {
    case .ipBlock(let block):
      return ["ipBlock": ["cidr": "\(block.cidr)", "except": block.except.map { "\($0)" }] as [String: Any]]
    case .pods(.own, let selector): return ["podSelector": selector.object]
    case .pods(.matching(let namespaces), let selector):
      return ["namespaceSelector": namespaces.object, "podSelector": selector.object]
    }
  }
}

extension PolicyPort {
  fileprivate var object: [String: Any] {
    switch ports {
    case .all: ["protocol": transport.rawValue]
    case .named(let name): ["protocol": transport.rawValue, "port": name]
    case .range(let range):
      range.isSingle
        ? ["protocol": transport.rawValue, "port": Int(range.lower)]
        : ["protocol": transport.rawValue, "port": Int(range.lower), "endPort": Int(range.upper)]
    }
  }
}
