import Addresses
import Diagnostics
import Documents
import Foundation
import KubernetesManifests
import PolicyList
import PolicyModel
import TestSupport
import Testing

@Suite("list, held to another analyser's expectations", .bounded)
struct OtherAnalyserTests {
  /// One directory: manifests, and what is expected of them.
  struct Case {
    let name: String
    let cluster: Cluster
    let names: [String]
    /// For each pair of names the traffic.
    let expected: [Pair: String]
    let exposed: [[String]]
    let unprotected: Set<[String]>
    /// The owner of each pod, in that analyser's words, by `namespace/name`.
    let owners: [String: String]

    struct Pair: Hashable {
      let from: String
      let to: String
    }

    static func read(_ file: String) throws -> [Case] {
      let data = try Data(contentsOf: URL(filePath: Fixtures.path("peers/np-guard/\(file)")))
      let entries = try #require(try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
      return try entries.map { try Case($0) }
    }

    private init(_ entry: [String: Any]) throws {
      name = try #require(entry["name"] as? String)
      let items = try #require(entry["items"] as? [[String: Any]])
      let list: [String: Any] = ["apiVersion": "v1", "kind": "List", "items": items]
      let data = try JSONSerialization.data(withJSONObject: list)
      let reading = ManifestReader().read([ManifestSource(name: "\(name).json", bytes: [UInt8](data))])
      let errors = reading.diagnostics.filter { $0.severity == .error }
      #expect(errors.isEmpty, "\(name): \(errors.map(\.message))")
      cluster = Cluster.resolve(reading.contents, subjects: .podsAndWorkloads).cluster
      var owners: [String: String] = [:]
      for item in items where item["kind"] as? String == "Pod" {
        let metadata = item["metadata"] as? [String: Any] ?? [:]
        let namespace = metadata["namespace"] as? String ?? "default"
        let pod = metadata["name"] as? String ?? ""
        // A static pod belongs to its node, and is one of its own.
        let owner = (metadata["ownerReferences"] as? [[String: Any]])?.first {
          $0["kind"] as? String != "Node"
        }
        let (kind, title) = (owner?["kind"] as? String ?? "Pod", owner?["name"] as? String ?? pod)
        owners["\(namespace)/\(pod)"] = "\(namespace)/\(title)[\(kind)]"
      }
      self.owners = owners
      names = entry["names"] as? [String] ?? []
      var expected: [Pair: String] = [:]
      for line in entry["expected"] as? [[Any]] ?? [] {
        let (from, to) = (line[0] as? [Int] ?? [], line[1] as? [Int] ?? [])
        for sender in from {
          for receiver in to {
            expected[Pair(from: names[sender], to: names[receiver])] = line[2] as? String ?? ""
          }
        }
      }
      self.expected = expected
      exposed = entry["exposed"] as? [[String]] ?? []
      unprotected = Set(entry["unprotected"] as? [[String]] ?? [])
    }

    /// The pods of each owner, as indices of `Cluster.pods`.
    var podsOfOwner: [String: [Int]] {
      Dictionary(grouping: cluster.pods.indices) { owners[cluster.pods[$0].displayName] ?? "" }
    }
  }

  static func words(_ traffic: TrafficSet) -> String { traffic.otherAnalyserWords }

  /// Traffic with ports by name, such as `TCP http,local-dns`.
  static func words(_ traffic: TrafficSet, _ names: [String]) -> String {
    if names.isEmpty { return words(traffic) }
    let named = names.map { $0.replacing("\"", with: "").replacing("TCP ", with: "") }
    let numbers = traffic.isEmpty ? [] : [words(traffic).replacing("TCP ", with: "")]
    return "TCP " + (numbers + named).joined(separator: ",")
  }

  @Test("the connections between workloads, and with addresses outside, of 105 directories", .long)
  func connections() throws {
    let cases = try Case.read("list.json")
    #expect(cases.count == 105)
    var compared = 0
    for one in cases {
      let reading = ListExactnessTests.Reading(ConnectionLister(one.cluster).list())
      func allowed(_ from: IPAddress, _ to: IPAddress) -> String {
        Self.words(reading.lines(from, to).first?.traffic ?? .nothing)
      }
      let pods = one.podsOfOwner
      for (from, senders) in pods {
        for (to, receivers) in pods where from != to {
          let wanted = one.expected[Case.Pair(from: from, to: to)] ?? "No Connections"
          for sender in senders {
            for receiver in receivers {
              let found = allowed(
                one.cluster.pods[sender].addresses[0], one.cluster.pods[receiver].addresses[0])
              if found != wanted { Issue.record("\(one.name): \(from) → \(to): \(found), not \(wanted)") }
              compared += 1
            }
          }
        }
      }
      let ranges = one.names.filter { $0.hasSuffix("[External]") }
      for range in ranges {
        let bounds = range.dropLast("[External]".count).split(separator: "-").compactMap {
          IPAddress(String($0))
        }
        for (owner, members) in pods {
          let own = one.cluster.pods[members[0]].addresses[0]
          // Ranges of different lines may overlap: of those with this workload the one with this range counts.
          for (pair, isSender) in [
            (Case.Pair(from: owner, to: range), true), (Case.Pair(from: range, to: owner), false),
          ] {
            guard let wanted = one.expected[pair] else { continue }
            for bound in bounds {
              let found = isSender ? allowed(own, bound) : allowed(bound, own)
              if found != wanted { Issue.record("\(one.name): \(pair): \(found), not \(wanted)") }
              compared += 1
            }
          }
        }
      }
    }
    #expect(compared > 60_000)
  }

  /// A peer of an exposure in that analyser's words.
  static func words(_ peer: Exposure.Peer) -> String {
    func selector(_ selector: LabelSelector) -> String {
      let plain = selector.requirements.filter { $0.relation == .isIn && $0.values.count == 1 }
        .map { "\($0.key)=\($0.values[0])" }
      let others = selector.requirements.filter { !($0.relation == .isIn && $0.values.count == 1) }
        .map { "\($0.key) \($0.relation.rawValue) \($0.values.joined(separator: " "))" }
      return (plain + others).sorted().joined(separator: ",")
    }
    func pods(_ pods: LabelSelector) -> String {
      pods.isEverything ? "[all pods]" : "[pod with \(selector(pods))]"
    }
    switch peer {
    case .everyPod: return "entire-cluster"
    case .inNamespace(let namespace, let labels): return "\(namespace)/\(pods(labels))"
    case .inNamespaces(let namespaces, let labels):
      if namespaces.isEverything { return "[all namespaces]/\(pods(labels))" }
      if case let own = namespaces.requirements, own.count == 1, own[0].key == Namespace.nameLabel,
        own[0].relation == .isIn, own[0].values.count == 1
      {
        return "\(own[0].values[0])/\(pods(labels))"
      }
      return "[namespace with \(selector(namespaces))]/\(pods(labels))"
    // That analyser means addresses outside by every block.
    case .atAddresses(let block): return "\(block.cidr)"
    }
  }

  /// The same words from those of the file, whose expressions are printed as Go prints structures.
  static func normal(_ words: String) -> String {
    var text = words
    for match in words.matches(of: #/\[(namespace|pod) with \{(.*?)\}\](?=/|$)/#) {
      var parts: [String] = []
      var rest = String(match.2)
      for one in rest.matches(of: #/\{Key:([^,]*),Operator:([A-Za-z]*),Values:\[([^\]]*)\],\}/#) {
        let values = one.3.split(separator: " ").sorted()
        parts.append(
          one.2 == "In" && values.count == 1
            ? "\(one.1)=\(values[0])" : "\(one.1) \(one.2) \(values.joined(separator: " "))")
        rest = rest.replacing(String(one.0), with: "")
      }
      parts += rest.split(separator: ",").filter { !$0.isEmpty }.map(String.init)
      text = text.replacing(
        String(match.0), with: "[\(match.1) with \(parts.sorted().joined(separator: ","))]")
    }
    return text
  }

  @Test("the exposure of 59 directories: every line is told, and nothing is told as open that is not", .long)
  func exposures() throws {
    let cases = try Case.read("exposure.json")
    #expect(cases.count == 59)
    var compared = 0
    for one in cases {
      let list = ConnectionLister(one.cluster).list(exposure: true)
      let exposures = list.exposures ?? []
      func lines(_ owner: String, _ direction: Direction) -> [Exposure] {
        let pods = one.podsOfOwner[owner] ?? []
        return exposures.filter { exposure in
          guard exposure.direction == direction,
            case .groups(let groups) = list.endpoints[exposure.endpoint].members
          else { return false }
          return groups.contains { list.groups[$0].pods.contains(where: pods.contains) }
        }
      }
      for line in one.exposed where !line[2].hasSuffix("[External]") {
        let own = lines(line[0], line[1] == "=>" ? .egress : .ingress)
        let wanted = Self.normal(line[2])
        let found = own.filter { Self.words($0.peer) == wanted }
        // Lines add up there, and include what wider lines say here.
        let wider = own.filter { Self.words($0.peer) != wanted }.reduce(TrafficSet.nothing) {
          $0.union($1.traffic)
        }
        let words = found.flatMap { one in
          [one.traffic, one.traffic.subtracting(wider)].map { Self.words($0, one.portNames) }
        }
        #expect(
          words.contains(line[3]),
          "\(one.name): \(line): found \(own.map { "\(Self.words($0.peer)) \(Self.words($0.traffic))" })")
        compared += 1
      }
      for owner in one.podsOfOwner.keys {
        for (word, direction) in [("Ingress", Direction.ingress), ("Egress", .egress)] {
          let isOpen = lines(owner, direction).contains { !$0.isIsolated }
          #expect(isOpen == one.unprotected.contains([owner, word]), "\(one.name): \(owner) \(word)")
        }
      }
    }
    #expect(compared > 200)
  }
}
