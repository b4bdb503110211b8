import Addresses
import Reachability

/// The end of a packet that is examined first. With a verdict map of sources the later diagrams are short
/// when the source comes first, and long when it comes last.
enum Axis: UInt8, Hashable {
  /// Source outside, destination inside.
  case source
  /// Destination outside, source inside.
  case destination
  /// Both ends have one address, which is inside.
  case same
}

/// An element of a set or map, sorted by what it asks: the outer address, the inner address, the traffic.
struct Box {
  var outer: Interval<UInt128>
  var inner: Interval<UInt128>
  var traffic: TrafficID
  /// A small number for the element's verdict; 0 for a set's element.
  var verdict: UInt32
}

/// The verdicts about the traffic of one pair of addresses; traffic in none of the sets was not found.
struct Partition: Hashable {
  struct Part: Hashable {
    let verdict: UInt32
    let traffic: TrafficID
  }
  var parts: [Part]
}

/// Cuts boxes along one side into runs in which the same boxes hold. Calls `body` with each run's start and the boxes of
/// the run, ascending, starting at 0. O(n log n) and the sizes of the runs.
func runs(
  of boxes: [Box], along side: KeyPath<Box, Interval<UInt128>>, maximum: UInt128,
  _ body: (UInt128, [Int]) -> Void
) {
  struct Edge {
    let at: UInt128
    let box: Int32
    let begins: Bool
  }
  var edges: [Edge] = []
  edges.reserveCapacity(boxes.count * 2)
  for (index, box) in boxes.enumerated() {
    let interval = box[keyPath: side]
    if interval.lower > maximum { continue }
    edges.append(Edge(at: interval.lower, box: Int32(index), begins: true))
    if interval.upper < maximum {
      edges.append(Edge(at: interval.upper + 1, box: Int32(index), begins: false))
    }
  }
  edges.sort { $0.at < $1.at }
  var holding: [Int] = []
  var places: [Int32] = Array(repeating: 0, count: boxes.count)
  if edges.first?.at != 0 { body(0, []) }
  var index = 0
  while index < edges.count {
    let at = edges[index].at
    while index < edges.count, edges[index].at == at {
      let box = Int(edges[index].box)
      if edges[index].begins {
        places[box] = Int32(holding.count)
        holding.append(box)
      } else {
        let last = holding.removeLast()
        if last != box {
          holding[Int(places[box])] = last
          places[last] = places[box]
        }
      }
      index += 1
    }
    body(at, holding)
  }
}
