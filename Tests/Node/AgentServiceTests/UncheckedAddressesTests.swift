import Addresses
import LinuxNet
import PolicyModel
import TestSupport
import Testing

@testable import AgentService

@Suite("addresses without a route are looked at again", .needsRoot, .bounded)
struct UncheckedAddressesTests {
  private let addresses = [IPAddress(.ipv4, bits: 0x0af4_0105), IPAddress(.ipv6, bits: 0xfd00 << 112 + 5)]

  /// Runs `ip` in a namespace.
  private func ip(_ arguments: String, in namespace: NetworkNamespace) throws {
    let run = try namespace.run {
      Result { try CommandRun("/bin/sh", ["-c", "PATH=$PATH:/sbin:/usr/sbin ip \(arguments)"]) }
    }.get()
    try #require(run.status == 0, "\(run.errors)")
  }

  private func pod(_ name: String, node: String = "node-a", isOnHost: Bool = false) -> Pod {
    Pod(namespace: "a", name: name, addresses: addresses, node: node, hostNetwork: isOnHost, origin: .nowhere)
  }

  /// A namespace with an interface for pods that no route leads to yet.
  private func makeNamespace() throws -> NetworkNamespace {
    let namespace = try NetworkNamespace()
    try ip("link add pod0 type veth peer name pod1", in: namespace)
    for name in ["pod0", "pod1"] { try ip("link set \(name) up", in: namespace) }
    return namespace
  }

  private func addRoutes(_ namespace: NetworkNamespace) throws {
    try ip("-4 route add \(addresses[0])/32 dev pod0", in: namespace)
    try ip("-6 route add \(addresses[1])/128 dev pod0", in: namespace)
  }

  @Test("a route that leads straight to one of them is noticed, a default route is not", arguments: [0, 1])
  func routes(number: Int) throws {
    let namespace = try makeNamespace()
    var unchecked = UncheckedAddresses(addresses, of: [], node: "node-a", isNeeded: true, wait: .zero)
    #expect(try !namespace.run { unchecked.haveRoute() }, "there is no route")
    let family = number == 0 ? "-4" : "-6"
    try ip("\(family) route add default dev pod0", in: namespace)
    #expect(try !namespace.run { unchecked.haveRoute() }, "a default route leads anywhere")
    try ip("\(family) route add \(addresses[number])/\(number == 0 ? 32 : 128) dev pod0", in: namespace)
    #expect(try namespace.run { unchecked.haveRoute() })
    var early = UncheckedAddresses(addresses, of: [], node: "node-a", isNeeded: true)
    var none = UncheckedAddresses()
    #expect(try namespace.run { !early.haveRoute() && !none.haveRoute() }, "none before the wait is over")
  }

  @Test(
    "a pod that comes without a route is told once; one with a route, of another node or on the host never")
  func grow() throws {
    let namespace = try makeNamespace()
    func growth(_ unchecked: inout UncheckedAddresses, _ event: ClusterEvent) throws -> Bool {
      try namespace.run { unchecked.grow(by: [event]) }
    }
    var unchecked = UncheckedAddresses([], of: [], node: "node-a", isNeeded: true)
    #expect(try !growth(&unchecked, .pod(pod("far", node: "node-b"))))
    #expect(try !growth(&unchecked, .pod(pod("host", isOnHost: true))))
    #expect(try growth(&unchecked, .pod(pod("web"))))
    #expect(try !growth(&unchecked, .pod(pod("web"))), "looked at once")
    #expect(try !growth(&unchecked, .podRemoved(namespace: "a", name: "web")))
    #expect(try growth(&unchecked, .pod(pod("web"))), "it came again")
    try addRoutes(namespace)
    #expect(try !growth(&unchecked, .pod(pod("other"))), "a route leads there")
    var named = UncheckedAddresses([], of: [], node: "node-a", isNeeded: true, interfaces: ["pod0"])
    #expect(try !growth(&named, .pod(pod("other"))), "its interface is known")
    var others = UncheckedAddresses([], of: [], node: "node-a", isNeeded: true, interfaces: ["pod1"])
    #expect(try growth(&others, .pod(pod("other"))), "its interface is new")
    var off = UncheckedAddresses([], of: [], node: "node-a", isNeeded: false)
    #expect(try !growth(&off, .pod(pod("web"))), "without the check nothing is looked at")
  }
}
