import Addresses

/// Packets as bytes, and the way back for those that carry a mark.
///
/// The mark is a number that is unique in the lab: TCP has it as sequence number, SCTP as initiate tag, all
/// others after a magic word in their data.
enum Wire {
  static let magic: UInt32 = 0x6e65_7470

  /// The whole packet, from its IP header on.
  static func packet(_ probe: Probe, mark: UInt32, sourcePort: UInt16) -> [UInt8] {
    var body: [UInt8] = []
    let port = probe.destinationPort
    switch probe.payload {
    case .tcp, .segment:
      var flags: UInt8 = 0x02
      if case .segment(let own, _) = probe.payload { flags = own }
      body.append(number: sourcePort)
      body.append(number: port)
      body.append(number: mark)
      // Nothing acknowledged, five words of header, a window; checksum and urgent pointer are zero.
      body += [0, 0, 0, 0, 5 << 4, flags, 0xff, 0xff, 0, 0, 0, 0]
      insertChecksum(at: 16, of: &body, probe)
    case .udp:
      body.append(number: sourcePort)
      body.append(number: port)
      body.append(number: UInt16(16))
      body += [0, 0]
      body.append(number: magic)
      body.append(number: mark)
      insertChecksum(at: 6, of: &body, probe)
    case .sctp:
      body.append(number: sourcePort)
      body.append(number: port)
      // Verification tag 0 and no checksum yet; INIT of 20 bytes.
      body += [0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 20]
      body.append(number: mark)
      body.append(number: UInt32(65_536))
      body += [0, 1, 0, 1]
      body.append(number: mark)
      let sum = Checksum.crc32c(body)
      for index in 0..<4 { body[8 + index] = UInt8(truncatingIfNeeded: sum >> (8 * UInt32(index))) }
    case .echo:
      body = [probe.source.family == .ipv4 ? 8 : 128, 0, 0, 0]
      body.append(number: sourcePort)
      body += [0, 1]
      body.append(number: magic)
      body.append(number: mark)
      if probe.source.family == .ipv6 {
        insertChecksum(at: 2, of: &body, probe)
      } else {
        body.set(Checksum.internet(body), at: 2)
      }
    case .message(let type):
      body = [type, 0, 0, 0, 0, 0, 0, 0]
      body.append(number: magic)
      body.append(number: mark)
      insertChecksum(at: 2, of: &body, probe)
    case .other:
      body.append(number: magic)
      body.append(number: mark)
    }
    return header(probe, bodyLength: body.count) + body
  }

  private static func header(_ probe: Probe, bodyLength: Int) -> [UInt8] {
    var header: [UInt8] = []
    switch probe.source.family {
    case .ipv4:
      header += [0x45, 0]
      header.append(number: UInt16(20 + bodyLength))
      // The kernel fills in identification and checksum.
      header += [0, 0, 0x40, 0, probe.hopLimit ?? 64, probe.protocolNumber, 0, 0]
      header.append(number: UInt32(probe.source.bits))
      header.append(number: UInt32(probe.destination.bits))
    case .ipv6:
      header += [0x60, 0, 0, 0]
      header.append(number: UInt16(bodyLength))
      header += [probe.protocolNumber, probe.hopLimit ?? 64]
      header.append(number: probe.source.bits)
      header.append(number: probe.destination.bits)
    }
    return header
  }

  private static func insertChecksum(at offset: Int, of body: inout [UInt8], _ probe: Probe) {
    var covered: [UInt8] = []
    if probe.source.family == .ipv4 {
      covered.append(number: UInt32(probe.source.bits))
      covered.append(number: UInt32(probe.destination.bits))
    } else {
      covered.append(number: probe.source.bits)
      covered.append(number: probe.destination.bits)
    }
    covered.append(number: UInt32(body.count))
    covered.append(number: UInt32(probe.protocolNumber))
    let sum = Checksum.internet(covered + body)
    body.set(sum == 0 && probe.protocolNumber == 17 ? 0xffff : sum, at: offset)
  }

  /// The mark of a packet that begins with its IP header; nil for packets that no probe made.
  static func mark(ofPacket bytes: UnsafeRawBufferPointer) -> UInt32? {
    guard let version = bytes.first.map({ $0 >> 4 }) else { return nil }
    if version == 4, bytes.count >= 20 {
      let length = Int(bytes[0] & 15) * 4
      guard bytes.count >= length else { return nil }
      return mark(ofBody: .init(rebasing: bytes[length...]), protocolNumber: bytes[9], echo: 8)
    }
    guard version == 6, bytes.count >= 40 else { return nil }
    return mark(ofBody: .init(rebasing: bytes[40...]), protocolNumber: bytes[6], echo: 128)
  }

  /// The mark of a packet's body. `echo` is the type of the family's echo requests.
  static func mark(ofBody body: UnsafeRawBufferPointer, protocolNumber: UInt8, echo: UInt8) -> UInt32? {
    switch protocolNumber {
    // The kernel's own answers carry RST with ACK, or other sequence numbers.
    case 6: return body.count >= 20 && body[13] & 0x14 != 0x14 ? body.word(at: 4) : nil
    case 17: return marked(body, at: 8)
    case 132: return body.count >= 20 && body[12] == 1 ? body.word(at: 16) : nil
    case 1: return body.first == echo ? marked(body, at: 8) : nil
    case 58: return body.first.map { $0 == echo || 130...143 ~= $0 } == true ? marked(body, at: 8) : nil
    default: return marked(body, at: 0)
    }
  }

  private static func marked(_ body: UnsafeRawBufferPointer, at offset: Int) -> UInt32? {
    guard body.count >= offset + 8, body.word(at: offset) == magic else { return nil }
    return body.word(at: offset + 4)
  }
}

/// Checksums as they stand in headers.
enum Checksum {
  /// The ones' complement sum of IP, TCP, UDP and ICMP.
  static func internet(_ bytes: [UInt8]) -> UInt16 {
    var sum: UInt32 = 0
    for index in stride(from: 0, to: bytes.count, by: 2) {
      let low = index + 1 < bytes.count ? UInt32(bytes[index + 1]) : 0
      sum += UInt32(bytes[index]) << 8 | low
    }
    while sum >> 16 != 0 { sum = sum & 0xffff + sum >> 16 }
    return ~UInt16(sum)
  }

  /// SCTP's: CRC-32C, to be written low byte first.
  static func crc32c(_ bytes: [UInt8]) -> UInt32 {
    var remainder: UInt32 = .max
    for byte in bytes {
      remainder ^= UInt32(byte)
      for _ in 0..<8 { remainder = remainder >> 1 ^ (remainder & 1 == 1 ? 0x82f6_3b78 : 0) }
    }
    return ~remainder
  }
}

extension [UInt8] {
  fileprivate mutating func append(number: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: number.bigEndian) { append(contentsOf: $0) }
  }

  fileprivate mutating func set(_ number: UInt16, at offset: Int) {
    self[offset] = UInt8(number >> 8)
    self[offset + 1] = UInt8(number & 255)
  }
}

extension UnsafeRawBufferPointer {
  fileprivate func word(at offset: Int) -> UInt32 {
    UInt32(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }
}
