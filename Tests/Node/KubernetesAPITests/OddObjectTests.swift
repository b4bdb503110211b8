import TestSupport
import Testing

@testable import KubernetesAPI

@Suite("Objects whose bytes are damaged", .bounded)
struct OddObjectTests {
  @Test(
    "no byte of a recorded object, exchanged for another, ends the reader",
    arguments: [("list-pods", APIResource.pods), ("list-networkpolicies", .networkPolicies)])
  func damaged(name: String, resource: APIResource) throws {
    let reader = APIObjectReader(resource)
    var dice = SeededGenerator(seed: 14)
    var list = ListSplitter()
    try SplitterTests.body(name).withUnsafeBytes { list.append($0) }
    var (read, unreadable) = (0, 0)
    while let piece = try list.next() {
      guard case .item(let json) = piece else { continue }
      for _ in 0..<300 {
        var damaged = json
        for _ in 0...Int.random(in: 0..<3, using: &dice) {
          damaged[Int.random(in: 0..<damaged.count, using: &dice)] =
            dice.pick([0, 0x22, 0x5b, 0x5d, 0x7b, 0x7d, 0x2c, 0x80, 0xc3, 0xff])
        }
        let object = APIObject(json: damaged)
        _ = object.header
        if case .unreadable = reader.read(object) { unreadable += 1 } else { read += 1 }
        if resource == .networkPolicies, reader.closingPolicy(object) != nil { #expect(object.header != nil) }
      }
    }
    #expect(read > 0 && unreadable > 0)
  }
}
