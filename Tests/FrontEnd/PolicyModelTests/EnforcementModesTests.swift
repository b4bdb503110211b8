import Addresses
import PolicyModel
import TestSupport
import Testing

@Suite("modes as options and back", .bounded)
struct EnforcementModesTests {
  private static let blocks = [
    CIDR(IPAddress(.ipv6, bits: 0xfd00 << 112), prefixLength: 64),
    CIDR(IPAddress(.ipv4, bits: 0x0af4_0100), prefixLength: 24),
  ]

  @Test("what is written is read as the same modes, every combination")
  func roundTrip() throws {
    for established in EnforcementModes.Established.allCases {
      for blocks in [[], Self.blocks] {
        for log in [nil, .init(), .init(rate: 3, unit: .hour), .init(rate: 7, group: 0)]
          as [EnforcementModes.Log?]
        {
          for (isAudit, podToNode) in [(true, EnforcementModes.PodToNode.open), (false, .policies)] {
            let modes = EnforcementModes(
              established: established, unknownPodBlocks: blocks, log: log, isAudit: isAudit,
              counts: podToNode == .open ? .rules : .denied, podToNode: podToNode)
            for check in EnforcementModes.SourceCheck.allCases {
              var modes = modes
              modes.sourceCheck = check
              modes.podInterfaces = check == .pods ? ["eth1", "cali*"] : []
              modes.uncheckedSources = check == .local ? Self.blocks.map(\.base) : []
              let words = modes.options.joined(separator: " ").split(separator: " ")
              #expect(EnforcementModes(options: words) == modes, "\(words)")
            }
          }
        }
      }
    }
    #expect(EnforcementModes().options.isEmpty)
  }

  @Test(
    "what is no such option is refused",
    arguments: [
      "--aloud", "--established", "--established cut", "--unknown-pods deny", "--pod-cidr 10.0.0.0/8",
      "--unknown-pods allow", "--log-denied --log-rate 0/second", "--log-rate 5/week", "--log-group 70000",
      "--pod-to-node closed", "--count", "--count all", "--source-check some", "--pod-interface cali*",
      "--source-check pods --pod-interface a/b", "--source-check pods --pod-interface 1234567890123456",
      "--source-check pods --pod-interface a*b", "--unchecked-source 10.0.0.1",
      "--source-check local --unchecked-source x",
    ])
  func refused(text: String) {
    #expect(EnforcementModes(options: text.split(separator: " ")) == nil)
  }
}
