import Foundation
import Testing

/// What a page's data says, read by code that shares nothing with what wrote it.
struct PageReading {
  /// A rule that matches a packet.
  struct Rule: Hashable {
    let policy: String
    let index: Int
    let action: String
  }

  /// A policy that selects a class, with its rules that match a packet.
  struct Asked {
    let name: String
    let tier: String
    let goesOn: Bool
    let rules: [Rule]
  }

  private struct Policy {
    let name: String
    /// The tier's name; empty for NetworkPolicy.
    let tier: String
    /// True where the default of the tier passes.
    let goesOn: Bool
    let rules: [String: [Entry]]
  }

  /// A rule: its place, what it passes towards each class, and the sets of its peers; nil: every peer.
  private struct Entry {
    let place: Int
    let action: String
    let passes: [Int]
    let peers: [Int]?
  }

  let classes: [[String: Any]]
  let words: [String]
  let cells: [[Int]]
  let marks: [String]
  /// Senders by receivers: places in `cells`.
  let matrix: [[Int]]
  private var sides: [[Policy]] = []
  /// For each side the classAddresses that its entries match.
  private var sets: [[[Int]]] = []
  /// For each class, direction and side the places of the policies that isolate; nil: not asked.
  private var isolating: [[String: [[Int]?]]] = []
  private let firstClassAddress: [Int]
  private let classAddressCount: Int
  private var classOfPod: [String: Int] = [:]

  /// The data of a page.
  init(_ page: String) throws {
    let start = try #require(page.range(of: "id=\"data\">"))
    let end = try #require(page.range(of: "</script>", range: start.upperBound..<page.endIndex))
    let json = try JSONSerialization.jsonObject(with: Data(page[start.upperBound..<end.lowerBound].utf8))
    let object = try #require(json as? [String: Any])
    let classes = try #require(object["classes"] as? [[String: Any]])
    self.classes = classes
    words = try #require(object["words"] as? [String])
    cells = try #require(object["cells"] as? [[Int]])
    marks = object["marks"] as? [String] ?? []
    var rows: [[Int]] = []
    for list in try #require(object["matrix"] as? [[Int]]) {
      rows.append(Self.decoded(list, classes.count, rows))
    }
    matrix = Array(rows.dropFirst())
    let names = try #require(object["namespaces"] as? [String])
    var classAddresses: [Int] = []
    var count = 0
    for (index, each) in classes.enumerated() {
      let space = names[try #require(each["space"] as? Int)]
      for pod in try #require(each["pods"] as? [String]) { classOfPod["\(space)/\(pod)"] = index }
      classAddresses.append(count)
      count += (each["addresses"] as? [String])?.count ?? 0
    }
    (firstClassAddress, classAddressCount) = (classAddresses, count)
    isolating = classes.map { each in
      ["ingress", "egress"].reduce(into: [:]) { lists, direction in
        lists[direction] = (each[direction] as? [Any] ?? []).map { $0 as? [Int] }
      }
    }
    for side in try #require(object["sides"] as? [[String: Any]]) {
      sets.append((side["sets"] as? [[Int]] ?? []).map { Self.decoded($0, count, []) })
      sides.append((side["policies"] as? [[String: Any]] ?? []).map { Self.policy($0, classes.count) })
    }
  }

  private static func policy(_ object: [String: Any], _ count: Int) -> Policy {
    let rules = ["ingress", "egress"].reduce(into: [String: [Entry]]()) { rules, direction in
      rules[direction] = (object[direction] as? [[String: Any]] ?? []).map { rule in
        let passes =
          (rule["passes"] as? Int).map { Array(repeating: $0, count: count) }
          ?? decoded(rule["passes"] as? [Int] ?? [], count, [])
        let peers = (rule["peers"] as? [[Any]])?.map { $0[1] as? Int ?? 0 }
        return Entry(
          place: rule["at"] as? Int ?? -1, action: rule["action"] as? String ?? "accept", passes: passes,
          peers: peers)
      }
    }
    return Policy(
      name: object["name"] as? String ?? "", tier: object["tier"] as? String ?? "",
      goesOn: object["goesOn"] as? Bool ?? false, rules: rules)
  }

  static func decoded(_ list: [Int], _ count: Int, _ former: [[Int]]) -> [Int] {
    var row = list[0] < 0 ? Array(repeating: 0, count: count) : former[list[0]]
    var place = 0
    for index in stride(from: 1, to: list.count, by: 3) {
      place += list[index]
      for offset in 0..<list[index + 1] { row[place + offset] = list[index + 2] }
      place += list[index + 1]
    }
    return row
  }

  /// The class of a pod by its `namespace/name`.
  func classIndex(of pod: String) -> Int? { classOfPod[pod] }

  /// Whether the words behind a code hold a packet.
  func holds(_ code: Int, _ family: String, _ transport: UInt8, _ port: UInt16) -> Bool {
    var text = words[code]
    if text.contains("(IPv") {
      let parts = text.replacingOccurrences(of: "(IPv4); ", with: "(IPv4)\n")
        .replacingOccurrences(of: "(IPv6); ", with: "(IPv6)\n").split(separator: "\n")
      guard let own = parts.first(where: { $0.hasSuffix("(\(family))") }) else { return false }
      text = String(own.dropLast(" (IPv4)".count))
    }
    if text == "all traffic" { return true }
    let name = [1: "ICMP", 6: "TCP", 17: "UDP", 58: "ICMPv6", 132: "SCTP"][transport]
    for part in text.split(separator: "; ") {
      // A protocol with ports of its own is none of the others.
      let isNamed = name.map { name in text.split(separator: "; ").contains { $0.hasPrefix(name + " ") } }
      if part == "every other protocol", isNamed != true { return true }
      if part.hasPrefix("every protocol but "), isNamed != true {
        let missing = part.dropFirst("every protocol but ".count).components(separatedBy: ", ")
        if !missing.contains(name ?? "protocol \(transport)") { return true }
        continue
      }
      guard let name, part.hasPrefix(name + " ") else { continue }
      let rest = part.dropFirst(name.count + 1)
      if rest == "(all)" { return true }
      for range in rest.split(separator: ", ") {
        let bounds = range.split(separator: "-").compactMap { UInt16($0) }
        if let low = bounds.first, let high = bounds.last, low <= port, port <= high { return true }
      }
    }
    return false
  }

  /// A rule that matches a peer, and the code of its traffic towards the receiver.
  private struct Match {
    let index: Int
    let place: Int
    let action: String
    let passes: Int
  }

  /// The policies that select a class, in order, each with its rules that match a peer; nil where they are not asked.
  private func matches(
    side: Int, of subject: Int, _ direction: String, peer: Int, address: Int, receiver: Int
  ) -> [(policy: Policy, rules: [Match])]? {
    guard let places = isolating[subject][direction]?[side] else { return nil }
    return places.map { place in
      let policy = sides[side][place]
      let matching = (policy.rules[direction] ?? []).enumerated().compactMap { index, rule -> Match? in
        let isMatched = rule.peers?.contains { sets[side][$0][firstClassAddress[peer] + address] == 1 }
        guard rule.passes[receiver] != 0, isMatched ?? true else { return nil }
        return Match(index: index, place: rule.place, action: rule.action, passes: rule.passes[receiver])
      }
      return (policy, matching)
    }
  }

  /// The policies that select a class, in order, with their rules that match a packet; nil where they are not asked.
  func asked(
    side: Int, of subject: Int, _ direction: String, peer: Int, address: Int, receiver: Int,
    _ transport: UInt8, _ port: UInt16
  ) -> [Asked]? {
    matches(side: side, of: subject, direction, peer: peer, address: address, receiver: receiver)?.map {
      policy, rules in
      Asked(
        name: policy.name, tier: policy.tier, goesOn: policy.goesOn,
        rules: rules.filter { holds($0.passes, "", transport, port) }.map {
          Rule(policy: policy.name, index: $0.index, action: $0.action)
        })
    }
  }

  /// The same in the words of the browser's test: the state, then each policy with its matching rules.
  func causeWords(
    side: Int, of subject: Int, _ direction: String, peer: Int, _ family: String, receiver: Int
  ) -> String {
    guard let address = address(ofFamily: family, of: peer) else { return "no address" }
    let found = matches(
      side: side, of: subject, direction, peer: peer, address: address, receiver: receiver)
    guard let found else { return "unasked" }
    let isOrdered = found.contains { policy, _ in
      policy.goesOn || policy.tier != found[0].policy.tier
        || (policy.rules[direction] ?? []).contains { $0.action != "accept" }
    }
    let state =
      found.isEmpty
      ? "open" : isOrdered ? "ordered" : found.allSatisfy { $0.rules.isEmpty } ? "denied" : "allowed"
    return state
      + found.map { policy, rules in
        " " + policy.name + rules.map { "@\($0.place)=\($0.action) \($0.passes)" }.joined()
      }.joined()
  }

  /// The place of the first address of a family among those of a class's first pod; a pod to come has one for both.
  func address(ofFamily family: String, of index: Int) -> Int? {
    if classes[index]["placeholder"] as? Bool == true { return 0 }
    return (classes[index]["addresses"] as? [String])?.firstIndex { $0.contains(":") == (family == "IPv6") }
  }
}
