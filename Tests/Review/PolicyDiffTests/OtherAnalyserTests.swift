import Addresses
import Connectivity
import Diagnostics
import Foundation
import PolicyDiff
import PolicyModel
import TestSupport
import Testing

@Suite("diff, held to another analyser's expectations", .bounded)
struct OtherAnalyserTests {
  /// Two directories of manifests, and what is expected of their difference.
  private struct Pair {
    let name: String
    let clusters: [Cluster]
    let names: [String]
    let lines: [Line]

    struct Line {
      let senders: [Int]
      let receivers: [Int]
      let words: [String]
      let isAboutOne: Bool
    }

    init(_ entry: [String: Any]) throws {
      name = entry["name"] as? String ?? ""
      let both = try #require(entry["both"] as? [Any])
      clusters = try ["old", "new"].map { side in
        let items = both + (entry[side] as? [Any] ?? [])
        let list: [String: Any] = ["apiVersion": "v1", "kind": "List", "items": items]
        let input = ReviewInput(
          String(decoding: try JSONSerialization.data(withJSONObject: list), as: UTF8.self))
        #expect(input.errors.isEmpty, "\(input.errors.map(\.message))")
        return input.cluster
      }
      names = entry["names"] as? [String] ?? []
      lines = (entry["expected"] as? [[Any]] ?? []).map { line in
        Line(
          senders: line[0] as? [Int] ?? [], receivers: line[1] as? [Int] ?? [],
          words: [line[2] as? String ?? "", line[3] as? String ?? ""], isAboutOne: line[4] as? Bool ?? false)
      }
    }

    /// One pod of each owner of either revision, by the owner in that analyser's words.
    var podsOfOwner: [String: Pod] {
      let pods = clusters.flatMap(\.pods).map { pod in
        ("\(pod.namespace)/\(pod.owner?.name ?? pod.name)[\(pod.owner?.kind ?? "Pod")]", pod)
      }
      return Dictionary(pods, uniquingKeysWith: { first, _ in first })
    }
  }

  /// The changes of a difference by their ends.
  private struct Changes {
    private let changes: [(senders: Set<String>, receivers: Set<String>, change: ConnectionChange)]

    init(_ changes: [ConnectionChange]) {
      func names(_ group: EndpointGroup) -> Set<String> {
        if case .pods(_, let names) = group { Set(names) } else { [] }
      }
      self.changes = changes.map { (names($0.source), names($0.destination), $0) }
    }

    private static func has(_ group: EndpointGroup, _ address: IPAddress) -> Bool {
      if case .outside(let blocks) = group { blocks.contains { $0.contains(address) } } else { false }
    }

    /// The traffic before and after in that analyser's words; nil where nothing changes.
    func words(_ from: Pod, _ to: Pod) -> [String]? {
      words { $0.senders.contains(from.endpointName) && $0.receivers.contains(to.endpointName) }
    }

    func words(_ pod: Pod, _ address: IPAddress, isSender: Bool) -> [String]? {
      words { one in
        isSender
          ? one.senders.contains(pod.endpointName) && Self.has(one.change.destination, address)
          : one.receivers.contains(pod.endpointName) && Self.has(one.change.source, address)
      }
    }

    private func words(
      _ isMeant: ((senders: Set<String>, receivers: Set<String>, change: ConnectionChange)) -> Bool
    ) -> [String]? {
      changes.first(where: isMeant).map {
        [$0.change.before.otherAnalyserWords, $0.change.after.otherAnalyserWords]
      }
    }
  }

  @Test("the differences of 29 pairs of directories, workloads that come and go included", .long)
  func pairs() throws {
    let data = try Data(contentsOf: URL(filePath: Fixtures.path("peers/np-guard/diff.json")))
    let entries = try #require(try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
    #expect(entries.count == 29)
    var (compared, aboutOne) = (0, 0)
    for entry in entries {
      let pair = try Pair(entry)
      let diff = Differ(pair.clusters[0], pair.clusters[1]).compare(isOfFuturePods: false)
      let changes = Changes(diff.changes)
      let pods = pair.podsOfOwner
      var expected: [[String]: [String]] = [:]
      for line in pair.lines {
        for sender in line.senders {
          for receiver in line.receivers {
            let ends = [pair.names[sender], pair.names[receiver]]
            expected[ends] = line.words
            if line.isAboutOne { aboutOne += 1 }
            guard let place = ends.firstIndex(where: { $0.hasSuffix("[External]") }) else { continue }
            let pod = try #require(pods[ends[1 - place]], "\(pair.name): no pod of \(ends)")
            for bound in ends[place].dropLast("[External]".count).split(separator: "-") {
              let address = try #require(IPAddress(String(bound)))
              let found = changes.words(pod, address, isSender: place == 1)
              #expect(found == line.words, "\(pair.name): \(ends)")
              compared += 1
            }
          }
        }
      }
      for (from, sender) in pods {
        for (to, receiver) in pods where from != to {
          let found = changes.words(sender, receiver)
          // A change of protocols that the other analyser does not know is none for it.
          let said = found.flatMap { $0[0] == $0[1] ? nil : $0 }
          if said != expected[[from, to]] {
            Issue.record("\(pair.name): \(from) → \(to): \(said ?? []), not \(expected[[from, to]] ?? [])")
          }
          compared += 1
        }
      }
    }
    // Three lines more are from its controllers of ingress, whose Ingress objects are not in the data.
    #expect(aboutOne == 150)
    #expect(compared > 10_000)
  }
}
