import Addresses
import PolicyModel
import TestSupport
import Testing

@testable import NodeAgent

@Suite("The API's word and the runtime's about pods", .bounded)
struct ClusterViewTests {
  private func pod(
    _ name: String, _ addresses: [String] = [], uid: String = "u", node: String? = "n",
    phase: Pod.Phase = .running,
    deleting: Bool = false, mirror: String? = nil, label: String = "x"
  ) -> ClusterView.APIPod {
    .init(
      pod: Pod(
        namespace: "ns", name: name, labels: Labels([.init("app", label)]),
        addresses: addresses.compactMap { IPAddress($0) }, node: node, phase: phase, deleting: deleting,
        origin: .nowhere),
      uid: uid, mirror: mirror)
  }

  private func attachment(_ id: String, _ name: String, _ addresses: [String], uid: String = "u")
    -> SandboxAttachment
  {
    SandboxAttachment(
      id: id, namespace: "ns", name: name, uid: uid, addresses: addresses.compactMap { IPAddress($0) })
  }

  /// The addresses that events leave, by name.
  private func state(_ view: ClusterView) -> [String: [String]] {
    Dictionary(uniqueKeysWithValues: view.pods.map { ($0.name, $0.addresses.map { "\($0)" }) })
  }

  @Test("ADD comes before the API's address, which takes nothing away until DEL")
  func addFirst() {
    var view = ClusterView(node: "n")
    #expect(view.attach(attachment("c", "a", ["10.0.0.1"])) == nil)
    _ = view.put(pod("a", phase: .pending))
    #expect(view.attach(attachment("c", "a", ["10.0.0.1"], uid: "other")) == nil)
    #expect(view.attach(attachment("c", "a", ["10.0.0.1"]))?.count == 1)
    #expect(state(view) == ["a": ["10.0.0.1"]])
    for change in [
      pod("a", ["10.0.0.1"]), pod("a"), pod("a", ["10.0.0.9"]), pod("a", phase: .succeeded),
      pod("a", ["10.0.0.1"], deleting: true),
    ] {
      _ = view.put(change)
      #expect(state(view) == ["a": ["10.0.0.1"]])
      #expect(view.pods.allSatisfy { $0.phase == .running && !$0.deleting && $0.node == "n" })
    }
    _ = view.put(pod("a", ["10.0.0.1"], label: "y"))
    #expect(view.pods.first?.labels["app"] == "y")
    _ = view.detach("c")
    #expect(state(view) == ["a": ["10.0.0.1"]])
    _ = view.remove(namespace: "ns", name: "a")
    #expect(state(view) == [:])
  }

  @Test("CHECK asks about a pod: its sandbox with another pod's name or another address does not hold")
  func check() {
    var view = ClusterView(node: "n")
    _ = view.put(pod("a", phase: .pending))
    _ = view.put(pod("b", phase: .pending))
    _ = view.attach(attachment("c", "a", ["10.0.0.1"]))
    #expect(view.holds(attachment("c", "a", ["10.0.0.1"])))
    for other in [
      attachment("d", "a", ["10.0.0.1"]), attachment("c", "b", ["10.0.0.1"]),
      attachment("c", "a", ["10.0.0.2"]),
    ] { #expect(!view.holds(other)) }
    _ = view.detach("c")
    #expect(!view.holds(attachment("c", "a", ["10.0.0.1"])))
  }

  @Test("a stale object with the same address loses to the runtime's word")
  func staleObject() {
    var view = ClusterView(node: "n")
    _ = view.put(pod("old", ["10.0.0.1"], uid: "1"))
    _ = view.put(pod("new", uid: "2", phase: .pending))
    _ = view.attach(attachment("c", "new", ["10.0.0.1"], uid: "2"))
    #expect(state(view) == ["old": [], "new": ["10.0.0.1"]])
    _ = view.put(pod("old", ["10.0.0.1"], uid: "1", label: "later"))
    #expect(state(view) == ["old": [], "new": ["10.0.0.1"]])
  }

  @Test("an object that goes, or is replaced, before its sandbox: its policies stay until DEL")
  func ghosts() {
    var view = ClusterView(node: "n")
    _ = view.put(pod("web-0", ["10.0.0.1"], uid: "1"))
    _ = view.attach(attachment("c1", "web-0", ["10.0.0.1"], uid: "1"))
    _ = view.put(pod("web-0", uid: "2", phase: .pending))
    _ = view.attach(attachment("c2", "web-0", ["10.0.0.2"], uid: "2"))
    #expect(state(view) == ["web-0~1": ["10.0.0.1"], "web-0": ["10.0.0.2"]])
    _ = view.replace([])
    #expect(Set(state(view).values) == [["10.0.0.1"], ["10.0.0.2"]])
    _ = view.detach("c1")
    #expect(Set(state(view).values) == [["10.0.0.2"]])
    _ = view.keepAttachments([])
    #expect(state(view) == [:])
  }

  @Test("a static pod is known by its mirror's annotation; a lost DEL by the next ADD of the address")
  func mirrors() {
    var view = ClusterView(node: "n")
    _ = view.put(pod("static", uid: "api", mirror: "file"))
    #expect(view.attach(attachment("c", "static", ["10.0.0.1"], uid: "file")) != nil)
    _ = view.put(pod("next", uid: "3"))
    _ = view.attach(attachment("d", "next", ["10.0.0.1"], uid: "3"))
    #expect(state(view) == ["static": [], "next": ["10.0.0.1"]])
    #expect(view.attached.map(\.id) == ["d"])
    #expect(!view.holds(attachment("c", "static", ["10.0.0.1"])))
    #expect(view.holds(attachment("d", "next", ["10.0.0.1"])))
  }

  @Test("of two pods elsewhere with one address the one that runs has it; two equals both keep it")
  func conflicts() {
    var view = ClusterView(node: "n")
    _ = view.put(pod("a", ["10.0.0.1"], uid: "1", node: "m"))
    _ = view.put(pod("b", ["10.0.0.1"], uid: "2", node: "m", phase: .pending))
    #expect(state(view) == ["a": ["10.0.0.1"], "b": []])
    _ = view.put(pod("b", ["10.0.0.1"], uid: "2", node: "m", phase: .failed))
    #expect(state(view)["a"] == ["10.0.0.1"])
    _ = view.put(pod("c", ["10.0.0.1"], uid: "3", node: "m"))
    #expect(state(view) == ["a": ["10.0.0.1"], "b": [], "c": ["10.0.0.1"]])
    _ = view.remove(namespace: "ns", name: "c")
    #expect(state(view)["a"] == ["10.0.0.1"])
  }

  @Test("events fed one by one leave a LiveCluster that never refuses them", arguments: 1...40)
  func random(seed: UInt64) throws {
    var dice = SeededGenerator(seed: seed)
    var view = ClusterView(node: "n")
    var live = LiveCluster()
    let addresses = (1...5).map { "10.0.0.\($0)" }
    for step in 0..<300 {
      let name = "p\(Int.random(in: 0..<6, using: &dice))"
      let uid = "\(Int.random(in: 0..<3, using: &dice))"
      let events: [ClusterEvent]
      switch Int.random(in: 0..<8, using: &dice) {
      case 0: events = view.remove(namespace: "ns", name: name)
      case 1: events = view.detach("c\(Int.random(in: 0..<8, using: &dice))")
      case 2, 3:
        events =
          view.attach(
            attachment(
              "c\(Int.random(in: 0..<8, using: &dice))", name, dice.some(addresses, most: 2), uid: uid)) ?? []
      case 4 where step % 7 == 0:
        events = view.replace([
          pod("p0", dice.some(addresses, most: 2), uid: uid),
          pod("p1", dice.some(addresses, most: 2), uid: uid),
        ])
      default:
        events = view.put(
          pod(
            name, dice.some(addresses, most: 2), uid: uid, phase: dice.pick([.running, .pending, .failed]),
            deleting: dice.chance(oneIn: 5)))
      }
      _ = live.apply(events)
      var claims: [IPAddress: Set<Int>] = [:]
      for pod in view.pods where !pod.isFinished {
        for address in pod.addresses { claims[address, default: []].insert(pod.claimPriority) }
      }
      #expect(claims.values.allSatisfy { $0.count == 1 }, "seed \(seed), step \(step)")
    }
    #expect(Set(live.contents.pods) == Set(view.pods))
  }

  @Test("a list whose events are not asked for leaves what one leaves whose events are", arguments: 1...40)
  func untoldList(seed: UInt64) {
    var dice = SeededGenerator(seed: seed)
    var (told, untold) = (ClusterView(node: "n"), ClusterView(node: "n"))
    let addresses = (0..<12).map { "10.0.0.\($0)" }
    for _ in 0..<6 {
      let pods = (0..<10).filter { _ in Bool.random(using: &dice) }.map { number in
        pod(
          "p\(number)", dice.some(addresses, most: 2), uid: "\(Int.random(in: 0..<2, using: &dice))",
          phase: [.running, .pending, .failed][Int.random(in: 0..<3, using: &dice)])
      }
      _ = told.replace(pods)
      _ = untold.replace(pods, isTold: false)
      #expect(state(told) == state(untold))
      let place = attachment(
        "c\(Int.random(in: 0..<4, using: &dice))", "p\(Int.random(in: 0..<10, using: &dice))",
        dice.some(addresses, most: 1), uid: "")
      // From now on both tell the same.
      #expect(Self.lines(told.attach(place) ?? []) == Self.lines(untold.attach(place) ?? []))
      #expect(state(told) == state(untold))
    }
  }

  private static func lines(_ events: [ClusterEvent]) -> [String] { events.map { "\($0)" }.sorted() }

  @Test("lists that open are held until a second one agrees")
  func holds() {
    var hold = ListHold(maxReleased: 10)
    #expect(hold.reason(kind: "policies", isEmpty: true, result: [], former: 0, isolated: (0, 0)) == nil)
    #expect(hold.reason(kind: "policies", isEmpty: true, result: [], former: 3, isolated: (0, 0)) != nil)
    #expect(hold.kinds == ["policies"])
    #expect(
      hold.reason(kind: "policies", isEmpty: false, result: ["a"], former: 3, isolated: (10, 10)) != nil)
    #expect(
      hold.reason(kind: "policies", isEmpty: false, result: ["a"], former: 3, isolated: (10, 10)) == nil)
    #expect(hold.kinds == [])
    #expect(hold.reason(kind: "pods", isEmpty: false, result: ["a"], former: 3, isolated: (10, 1)) == nil)
    #expect(hold.reason(kind: "pods", isEmpty: false, result: ["a"], former: 3, isolated: (10, 2)) != nil)
    // Other nodes' pods come and go between two lists; a list of nothing is another result.
    #expect(hold.reason(kind: "pods", isEmpty: false, result: ["a"], former: 3, isolated: (10, 9)) == nil)
    for agrees in [false, true] {
      let reason = hold.reason(kind: "pods", isEmpty: false, result: [], former: 3, isolated: (10, 9))
      #expect((reason == nil) == agrees)
    }
    #expect(hold.reason(kind: "pods", isEmpty: false, result: [], former: 3, isolated: (10, 9)) != nil)
    #expect(hold.reason(kind: "pods", isEmpty: true, result: [], former: 3, isolated: (10, 9)) != nil)
    #expect(hold.reason(kind: "pods", isEmpty: true, result: [], former: 3, isolated: (10, 9)) == nil)
    var all = ListHold(acceptsAll: true)
    #expect(all.reason(kind: "pods", isEmpty: true, result: [], former: 3, isolated: (10, 10)) == nil)
  }
}
