public import Diagnostics
import Documents
import KubernetesManifests
public import PolicyModel

/// An object that the API server sent, as the model has it.
public enum ReadObject: Sendable {
  /// A pod, finished or not.
  case pod(Pod)
  /// A namespace with its labels.
  case namespace(Namespace)
  /// A node with its blocks.
  case node(Node)
  /// A NetworkPolicy that is valid.
  case policy(Policy)
  /// A policy of the cluster with parts that are not understood, which are closed; why.
  case closed(Policy, [Diagnostic])
  /// An object of which a part is left out, such as an address that is none; why.
  indirect case partial(ReadObject, [Diagnostic])
  /// An object that cannot be read, and why.
  case unreadable([Diagnostic])
}

/// Reads objects of one resource by the rules of manifests.
public struct APIObjectReader: Sendable {
  private let opening: [UInt8]
  private let closing = Array("]}".utf8)
  private let kind: String
  private let shared = SharedParts()

  /// A reader of a resource's objects.
  public init(_ resource: APIResource) {
    kind = resource.kind
    opening = Array(
      #"{"apiVersion":"\#(resource.apiVersion)","kind":"\#(resource.kind)List","items":["#.utf8)
  }

  /// Reads an object, with its kind or without.
  public func read(_ object: APIObject) -> ReadObject {
    read(object.json, name: object.header.map { "\(kind) \($0.key)" } ?? "\(kind) without a name")
  }

  /// Reads objects that came together, one result an object. Pods are read as one list: it costs a fifth of single readings.
  public func read(_ objects: [APIObject]) -> [ReadObject] {
    guard kind == "Pod", objects.count > 1 else { return objects.map { read($0) } }
    var results: [ReadObject] = []
    results.reserveCapacity(objects.count)
    var rest = objects[...]
    while !rest.isEmpty {
      var size = 0
      let part = rest.prefix {
        size += $0.json.count
        return size <= Self.listSize
      }
      // An object may be larger than a list.
      let taken = part.isEmpty ? rest.prefix(1) : part
      rest = rest.dropFirst(taken.count)
      results += pods(taken).map { $0.map { .pod($0) } } ?? taken.map { read($0) }
    }
    return results
  }

  /// So many bytes are read as one list: with their tokens they stay in a processor's cache, and in memory that is kept for the
  /// next list.
  private static let listSize = 44 << 10

  /// Pods as one list; nil where anything is wrong with one of them.
  private func pods(_ objects: ArraySlice<APIObject>) -> [Pod]? {
    var bytes = opening
    bytes.reserveCapacity(objects.reduce(opening.count + closing.count) { $0 + $1.json.count + 1 })
    for (place, object) in objects.enumerated() {
      if place > 0 { bytes.append(UInt8(ascii: ",")) }
      bytes += object.json
    }
    bytes += closing
    let reading = ManifestReader().read([ManifestSource(name: kind, bytes: bytes)])
    let pods = reading.contents.pods
    guard pods.count == objects.count,
      !reading.diagnostics.contains(where: { $0.severity == .error || Self.leavesOut($0) }),
      zip(pods, objects).allSatisfy({ pod, object in
        object.key.map { $0.name == pod.name && $0.namespace == pod.namespace } ?? false
      })
    else { return nil }
    return pods.map(shared.trimmed)
  }

  private func read(_ json: [UInt8], name: String) -> ReadObject {
    // An item of a list may lack its kind: the list says it.
    let source = ManifestSource(name: name, bytes: opening + json + closing)
    let reading = ManifestReader().read([source])
    let (contents, diagnostics) = (reading.contents, reading.diagnostics)
    let errors = diagnostics.filter { $0.severity == .error }
    if !errors.isEmpty { return .unreadable(errors) }
    let partial = diagnostics.filter(Self.leavesOut)
    func whole(_ object: ReadObject) -> ReadObject { partial.isEmpty ? object : .partial(object, partial) }
    if let pod = contents.pods.first { return whole(.pod(shared.trimmed(pod))) }
    if let policy = contents.policies.first {
      let closed = diagnostics.filter { $0.id == "closed-policy" }
      return closed.isEmpty ? .policy(policy) : .closed(policy, closed)
    }
    if let namespace = contents.namespaces.first { return .namespace(namespace) }
    if let node = contents.nodes.first { return whole(.node(node)) }
    return .unreadable(diagnostics)
  }

  /// True for a finding that a part of a pod or a node is left out.
  private static func leavesOut(_ finding: Diagnostic) -> Bool {
    finding.id == "invalid-address" || finding.id == "invalid-cidr"
  }

  /// A policy that closes what one that cannot be read selects: its pods, or its whole namespace where its selector
  /// cannot be read either. Nil where it has no name.
  public func closingPolicy(_ object: APIObject) -> Policy? {
    guard let key = object.header?.key else { return nil }
    let selector = object.json.withUnsafeBufferPointer { bytes -> [UInt8]? in
      var walk = JSONWalk(bytes)
      guard walk.take("{") else { return nil }
      while let key = walk.nextKey() {
        if walk.matches(key, "spec") {
          guard walk.take("{") else { return nil }
          while let key = walk.nextKey() {
            guard let value = walk.value() else { return nil }
            if walk.matches(key, "podSelector") { return Array(bytes[value]) }
          }
          return nil
        }
        guard walk.value() != nil else { return nil }
      }
      return nil
    }
    for candidate in [selector, Array("{}".utf8)] {
      guard let candidate else { continue }
      let head =
        #"{"metadata":{"namespace":"\#(key.namespace)","name":"\#(key.name)"},"spec":{"podSelector":"#
      let tail = #","policyTypes":["Ingress","Egress"]}}"#
      if case .policy(let policy) = read(
        Array(head.utf8) + candidate + Array(tail.utf8), name: "NetworkPolicy \(key)")
      {
        return policy
      }
    }
    return nil
  }
}
