import Connectivity
public import Diagnostics
public import PolicyModel
import Reachability
import Wording

/// The connections that policies allow, as one self-contained page: classes of pods that no policy
/// distinguishes, the traffic between them with its causes, and the exposure to addresses outside the
/// cluster.
public struct HTMLConnectivity {
  private let cluster: Cluster
  private let matrix: ConnectivityMatrix
  private let describer: PodDescriber
  private let facts: [Fact]
  private let quote: Quotation
  /// With more classes the page has no matrix, whose cost and size grow with the square: nobody reads four million cells.
  static let mostClasses = 2_000

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
  ///   - quote: the lines behind places in the policies' sources.
  /// - Complexity: O(classes²), beside reading the policies.
  public init(
    _ cluster: Cluster, node: String? = nil, facts: [Fact], quote: @escaping Quotation = { _ in [:] }
  ) {
    let cluster = PlacedClusters([cluster]).clusters[0]
    self.cluster = cluster
    matrix = ConnectivityMatrix([cluster], node: node, limit: Self.mostClasses)
    describer = PodDescriber(cluster)
    self.facts = facts
    self.quote = quote
  }

  /// The HTML of the page.
  public var text: String {
    var page = PageData(matrix, kept: Array(matrix.classes.indices), describer)
    let lists = ConnectionLists(matrix, describer)
    let data = page.text(quote) { page in
      page.write(lists)
      writePolicies(&page)
    }
    return Page.text(
      title: "netpolc: who may talk to whom", body: body(lists), data: data, script: .connectivity)
  }

  private func body(_ lists: ConnectionLists) -> HTMLText {
    let size = [
      Counting.of(cluster.policies.count, "policy"), Counting.of(cluster.pods.count, "pod"),
      Counting.of(matrix.classes.count, "class"),
    ].joined(separator: ", ")
    return PageTemplate(PackageResources.connectivity_html).filled([
      "size": HTMLText(foreign: size),
      "facts": .concatenated(facts.map { "<dt>\($0.name)</dt><dd><code>\($0.value)</code></dd>\n" }),
      "search": PageParts.search("Filter everything"),
      "notice": PageParts.tooMany(matrix),
      "matrix": PageParts.matrix("Who reaches whom", legend: PageParts.legend),
      "drawing": ConnectivityDrawing(matrix, describer, lists.links).section,
      "links": PageParts.table("links", "Between classes", ["from", "to", "traffic"]),
      "classes": PageParts.table("classes", "Isolation", ["class", "ingress", "egress", "pods"]),
      "outside": PageParts.table(
        "outside", "Outside the cluster", ["class", "direction", "addresses", "traffic"]),
      "policies": PageParts.table("policies", "Policies", ["policy", "isolates", "place"]),
      "cause": PageParts.cause,
    ])
  }

  /// Every policy: its name, whom it isolates, and where it was written.
  private func writePolicies(_ page: inout PageData) {
    var pods: [Direction: [Int: Int]] = [:]
    for subjects in matrix.sides[0].classes {
      for direction in Direction.allCases {
        for policy in subjects.profile(direction).policies {
          pods[direction, default: [:]][policy, default: 0] += subjects.pods.count
        }
      }
    }
    page.list("policies", cluster.policies.enumerated()) { element, page in
      let isolated = [Direction.ingress, .egress].compactMap { direction in
        pods[direction]?[element.offset].map {
          "\(direction.rawValue.lowercased()) of \(Counting.of($0, "pod"))"
        }
      }
      page.array { page in
        page.label("\(element.element.id)")
        page.label(isolated.isEmpty ? "no pod" : isolated.joined(separator: ", "))
        page.number(page.place(element.element.origin))
      }
    }
  }
}
