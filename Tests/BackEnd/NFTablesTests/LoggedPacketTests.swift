#if os(Linux)
  import LinuxNet
  import TestSupport
  import Testing

  @Suite("Beginnings of packets that the kernel logs", .bounded)
  struct LoggedPacketTests {
    private static let version4: [UInt8] = [
      0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
    ]
    private static let ports: [UInt8] = [0x9c, 0x40, 0, 80]
    private static let version6: [UInt8] =
      [0x60, 0, 0, 0, 0, 8, 17, 64] + [0xfd] + [UInt8](repeating: 0, count: 14) + [1] + [0xfd]
      + [UInt8](repeating: 0, count: 14) + [2]

    private static func changed(_ bytes: [UInt8], _ old: [UInt8], _ new: [UInt8]) -> [UInt8] {
      bytes.replacing(old, with: new)
    }

    private static let cases: [([UInt8], String)] = [
      (version4 + ports, "tcp 10.0.0.1:40000 > 10.0.0.2:80"),
      (version6 + ports, "udp [fd00::1]:40000 > [fd00::2]:80"),
      (version4, "tcp 10.0.0.1 > 10.0.0.2"),
      (changed(version4, [64, 6], [64, 1]) + ports, "protocol 1 10.0.0.1 > 10.0.0.2"),
      // A later fragment, options before the ports.
      (changed(version4, [0, 0, 64, 6], [0, 9, 64, 6]) + ports, "tcp 10.0.0.1 > 10.0.0.2"),
      (
        [UInt8]([0x46]) + [UInt8](version4.dropFirst()) + [UInt8]([1, 1, 1, 1]) + ports,
        "tcp 10.0.0.1:40000 > 10.0.0.2:80"
      ),
      ([], "no packet"), ([0x45, 0], "no packet"), ([0xff], "no packet"),
    ]

    @Test(
      "addresses and ports, and no port where there is none",
      arguments: cases)
    func words(bytes: [UInt8], words: String) {
      #expect(LoggedPacket(bytes).description == words)
    }

    @Test("equal where all fields are")
    func equality() {
      #expect(LoggedPacket(Self.version4) == LoggedPacket(Self.version4))
      #expect(LoggedPacket(Self.version4) != LoggedPacket(Self.version4 + Self.ports))
    }
  }
#endif
