import Addresses
public import PolicyModel
import Reachability

/// What policies allow, as one page that needs nothing else: classes of endpoints that no policy tells apart, who may
/// talk to whom, and what is exposed to addresses outside the cluster.
public struct HTMLConnectivity {
  private let specification: Specification
  private let common: CommonPods
  private let describer: PodDescriber
  private let classes: [[Int]]
  private let facts: [Fact]

  /// A line about how the ruleset was made, such as a digest.
  public struct Fact: Sendable {
    let name: String
    let value: String

    /// A named value; both are plain text.
    public init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
  }

  /// A page about a cluster.
  ///
  /// - Parameters:
  ///   - cluster: policies and inventory.
  ///   - node: only this node's pods are isolated; nil: all pods are.
  ///   - facts: what the page says at its top.
  /// - Complexity: O(classes² · log addresses), beside reading the policies.
  public init(_ cluster: Cluster, node: String? = nil, facts: [Fact]) {
    specification = Specification(cluster, node: node)
    common = CommonPods(cluster, cluster)
    describer = PodDescriber(cluster)
    classes = EndpointPartition(specification, common).classes
    self.facts = facts
  }

  /// The page.
  public var text: String {
    HTML.page(title: "netpolc: who may talk to whom", body: body, script: Self.script)
  }

  private var cluster: Cluster { specification.cluster }

  private var body: String {
    let list = facts.map {
      "<dt>\(HTML.escaped($0.name))</dt><dd><code>\(HTML.escaped($0.value))</code></dd>\n"
    }.joined()
    let size = [
      Counting.of(cluster.policies.count, "policy"), Counting.of(cluster.pods.count, "pod"),
      Counting.of(classes.count, "class"),
    ].joined(separator: ", ")
    return """
      <header>
      <h1>Who may talk to whom</h1>
      <p class="dim">\(size). Pods of a class are pods that no policy tells apart.</p>
      <dl>
      \(list)</dl>
      </header>
      <main>
      <div class="tools" role="search">
      <input type="search" id="filter" aria-label="Filter rows" placeholder="Filter: a pod, a namespace, a port, an address">
      <span id="shown" class="dim" role="status"></span>
      </div>
      \(table("classes", "Isolation", ["class", "ingress", "egress", "pods"], classes.map(isolation)))\
      \(table("links", "Between classes", ["from", "to", "traffic"], links))\
      \(table("outside", "Outside the cluster", ["class", "direction", "addresses", "traffic"], exposures))\
      \(table("policies", "Policies", ["policy", "place"], policies))</main>
      """
  }

  private func table(_ id: String, _ title: String, _ columns: [String], _ rows: [[String]]) -> String {
    let head = columns.map { "<th scope=\"col\">\($0)</th>" }.joined()
    let lines = rows.map { row in
      let cells = row.dropFirst().map { "<td>\(HTML.escaped($0))</td>" }.joined()
      return "<tr><th scope=\"row\">\(HTML.escaped(row.first ?? ""))</th>\(cells)</tr>\n"
    }.joined()
    return """
      <section aria-labelledby="\(id)"><h2 id="\(id)">\(title)</h2>
      <div class="scroll" tabindex="0" role="region" aria-labelledby="\(id)"><table>
      <thead><tr>\(head)</tr></thead>
      <tbody>
      \(lines)</tbody></table></div></section>

      """
  }

  private func isolation(_ members: [Int]) -> [String] {
    let sides = [Direction.ingress, .egress].map { direction in
      let found = specification.profile(ofPod: members[0], direction).policies
      return found.isEmpty
        ? "open" : "isolated by " + found.map { "\(cluster.policies[$0].id)" }.joined(separator: ", ")
    }
    // The words for a class may cut its list; a reader filters by any pod's name.
    let names = Counting.first(200, of: members.map { cluster.pods[$0].endpointName })
    return [describer.describe(members)] + sides + [names]
  }

  private var policies: [[String]] {
    cluster.policies.map { ["\($0.id)", "\($0.origin.location)"] }
  }

  /// Senders by receiver and traffic. Pairs that nothing isolates are left to the table of isolation.
  private var links: [[String]] {
    var rows: [[String]] = []
    for receivers in classes {
      var senders: [String: [Int]] = [:]
      for members in classes {
        guard let (sender, receiver) = Self.pair(members, receivers) else { continue }
        guard
          specification.profile(ofPod: sender, .egress).isIsolated
            || specification.profile(ofPod: receiver, .ingress).isIsolated
        else { continue }
        if let words = traffic(sender, receiver) { senders[words, default: []] += members }
      }
      for (words, members) in senders.sorted(by: { $0.key < $1.key }) {
        rows.append([describer.describe(members.sorted()), describer.describe(receivers), words])
      }
    }
    return rows
  }

  /// Two different pods of two classes: a pod with itself is never meant.
  private static func pair(_ senders: [Int], _ receivers: [Int]) -> (Int, Int)? {
    if senders[0] != receivers[0] { return (senders[0], receivers[0]) }
    return senders.count > 1 ? (senders[0], senders[1]) : nil
  }

  /// What may pass, for each family in which both have addresses; nil: nothing.
  private func traffic(_ sender: Int, _ receiver: Int) -> String? {
    var found: [(family: IPFamily, traffic: TrafficID)] = []
    let isStandIn = cluster.pods[sender].isStandIn || cluster.pods[receiver].isStandIn
    for source in cluster.pods[sender].addresses {
      for destination in cluster.pods[receiver].addresses
      where isStandIn || source.family == destination.family {
        let sent = specification.store.traffic(
          of: specification.profile(ofPod: sender, .egress).allowed(destination.family), at: destination.bits)
        let received = specification.store.traffic(
          of: specification.profile(ofPod: receiver, .ingress).allowed(source.family), at: source.bits)
        found.append((destination.family, specification.store.intersection(sent, received)))
      }
    }
    guard found.contains(where: { $0.traffic != .nothing }) else { return nil }
    if Set(found.map(\.traffic)).count == 1 { return specification.store.traffic(found[0].traffic).words }
    return found.map {
      "\(specification.store.traffic($0.traffic).words) (\($0.family == .ipv4 ? "IPv4" : "IPv6"))"
    }.joined(separator: "; ")
  }

  private var exposures: [[String]] {
    classes.flatMap { members in
      [Direction.ingress, .egress].flatMap { direction -> [[String]] in
        let profile = specification.profile(ofPod: members[0], direction)
        guard profile.isIsolated else {
          return [[describer.describe(members), direction.rawValue, "every address", "all traffic"]]
        }
        return outside(members[0], profile).map {
          [describer.describe(members), direction.rawValue, $0.blocks, $0.traffic]
        }
      }
    }
  }

  /// Blocks outside the cluster by traffic. Stretches that only pods part are one.
  private func outside(_ pod: Int, _ profile: Profile) -> [(blocks: String, traffic: String)] {
    let pod = cluster.pods[pod]
    var blocks: [String: [CIDR]] = [:]
    for family in IPFamily.allCases
    where pod.isStandIn || pod.addresses.contains(where: { $0.family == family }) {
      var runs: [(addresses: Interval<UInt128>, traffic: TrafficID)] = []
      for (addresses, traffic) in specification.store.intervals(profile.allowed(family))
      where common.firstOutside(in: addresses, family) != nil {
        if let last = runs.last, last.traffic == traffic {
          runs[runs.count - 1].addresses = Interval(last.addresses.lower, addresses.upper)
        } else {
          runs.append((addresses, traffic))
        }
      }
      for run in runs where run.traffic != .nothing {
        blocks[specification.store.traffic(run.traffic).words, default: []] += CIDR.covering(
          run.addresses, family: family)
      }
    }
    return blocks.sorted { $0.key < $1.key }.map { (BlockWords.describe($0.value), $0.key) }
  }

  private static let script = """
    const rows = [...document.querySelectorAll('tbody tr')];
    const texts = rows.map(row => row.textContent.toLowerCase());
    const filter = document.getElementById('filter');
    function show() {
      const words = filter.value.toLowerCase().split(/\\s+/).filter(Boolean);
      let count = 0;
      rows.forEach((row, index) => {
        row.hidden = !words.every(word => texts[index].includes(word));
        if (!row.hidden) count += 1;
      });
      document.getElementById('shown').textContent = count + ' of ' + rows.length + ' rows';
    }
    filter.addEventListener('input', show);
    function read() {
      if (!location.hash.startsWith('#filter=')) return;
      const text = location.hash.slice('#filter='.length);
      try { filter.value = decodeURIComponent(text); } catch { filter.value = text; }
      show();
    }
    window.addEventListener('hashchange', read);
    show();
    read();
    """
}
