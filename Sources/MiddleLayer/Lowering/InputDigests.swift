import Addresses
import Digest
public import PolicyModel

/// Digests of what a ruleset was made from, by meaning: the order of files, documents, keys and pods changes
/// nothing, nor do comments, fields that do not matter, or where a file lies.
public struct InputDigests: Sendable, Hashable {
  /// Of the policies, as 64 hexadecimal digits.
  public let policies: String
  /// Of namespaces and pods, likewise.
  public let inventory: String

  /// The digests of a cluster. O(n) in its size.
  public init(_ cluster: Cluster) {
    var policies = SHA256()
    for policy in cluster.policies { policies.update(policy.canonicalText) }
    self.policies = policies.finalize()
    var inventory = SHA256()
    for (name, labels) in cluster.namespaces.sorted(by: { $0.key < $1.key }) {
      inventory.update("namespace \(name) \(labels.canonicalText)\n")
    }
    var bytes: [UInt8] = []
    // Pods of one workload stand side by side and have the same labels.
    var (labels, labelText) = (Labels(), [UInt8]())
    for pod in cluster.pods.indices {
      if cluster.pods[pod].labels != labels {
        labels = cluster.pods[pod].labels
        labelText = Array(labels.canonicalText.utf8)
      }
      cluster.pods[pod].appendCanonicalText(to: &bytes, labelText)
      guard bytes.count > 1 << 16 else { continue }
      inventory.update(bytes)
      bytes.removeAll(keepingCapacity: true)
    }
    inventory.update(bytes)
    self.inventory = inventory.finalize()
  }
}

extension Labels {
  fileprivate var canonicalText: String { pairs.map { "\($0.key)=\($0.value)" }.joined(separator: ",") }
}

extension Pod {
  /// `Pod default/web-1 app=web,tier=front [10.0.0.1] node-1 [http=TCP/80]`, into bytes because there are many pods.
  fileprivate func appendCanonicalText(to bytes: inout [UInt8], _ labelText: [UInt8]) {
    bytes.put(kind)
    bytes.put(" ")
    bytes.put(namespace)
    bytes.put("/")
    bytes.put(name)
    bytes.put(" ")
    bytes.append(contentsOf: labelText)
    bytes.put(" [")
    for (place, address) in addresses.enumerated() {
      if place > 0 { bytes.put(",") }
      bytes.put(address.description)
    }
    bytes.put("] ")
    bytes.put(node ?? "-")
    bytes.put(" [")
    for (place, port) in namedPorts.enumerated() {
      if place > 0 { bytes.put(",") }
      bytes.put(port.name)
      bytes.put("=")
      bytes.put(port.transport.rawValue)
      bytes.put("/")
      bytes.put(String(port.number))
    }
    bytes.put("]\n")
  }
}

extension [UInt8] {
  fileprivate mutating func put(_ text: String) {
    var text = text
    text.withUTF8 { append(contentsOf: $0) }
  }
}

extension Policy {
  /// The policy in one fixed spelling. Parts that only some kinds of policies have are left out where they
  /// are empty.
  fileprivate var canonicalText: String {
    let types = directions.map(\.rawValue).joined(separator: ",")
    var text = "policy \(id) \(subjects.pods) \(types)\n"
    if id.kind != .networkPolicy {
      let kind = id.kind.rawValue
      text += " \(kind.prefix(1).lowercased())\(kind.dropFirst()) \(tier.name) \(priority)\n"
    }
    if case .matching(let namespaces) = subjects.namespaces { text += " namespaces \(namespaces)\n" }
    for direction in directions {
      for rule in rules(direction) ?? [] { text += " \(direction.rawValue) \(rule.canonicalText)\n" }
    }
    return text
  }
}

extension PolicyRule {
  fileprivate var canonicalText: String {
    let peers: String =
      switch peers {
      case .everything: "any peer"
      case .anyOf(let list): list.map(\.canonicalText).joined(separator: " | ")
      }
    let ports: String =
      switch ports {
      case .everything: "any port"
      case .anyOf(let list): list.map(\.canonicalText).joined(separator: " | ")
      }
    return (action == .accept ? "" : "\(action) ; ") + "\(peers) ; \(ports)"
  }
}

extension Peer {
  fileprivate var canonicalText: String {
    switch kind {
    case .ipBlock(let block): "block \(block.summary)"
    case .pods(.own, let selector): "pods \(selector)"
    case .pods(.matching(let namespaces), let selector): "namespaces \(namespaces) pods \(selector)"
    }
  }
}

extension PolicyPort {
  fileprivate var canonicalText: String {
    switch ports {
    case .all: transport.rawValue
    case .range(let range): "\(transport.rawValue) \(range.lower)-\(range.upper)"
    case .named(let name): "\(transport.rawValue) \(name)"
    }
  }
}
