import Connectivity
import JSONText
import PolicyModel
import Reachability

extension PageData {
  /// The classes: their names, pods and addresses, and the policies that isolate them.
  mutating func writeClasses() {
    let last = matrix.sides.count - 1
    let cluster = matrix.sides[last].cluster
    let members = kept.map { matrix.classes[$0].map { matrix.common.pod($0, side: last) } }
    let spaces = Set(members.map { cluster.pods[$0[0]].namespace }).sorted()
    let numbers = Dictionary(uniqueKeysWithValues: spaces.enumerated().map { ($0.element, $0.offset) })
    let places = policies.map { list in
      Dictionary(uniqueKeysWithValues: list.enumerated().map { ($0.element, $0.offset) })
    }
    list("namespaces", spaces) { $1.label($0) }
    list("classes", zip(kept, members)) { element, page in
      let (index, pods) = element
      let space = cluster.pods[pods[0]].namespace
      page.json.openObject()
      page.json.key("name")
      page.label(page.describer.describe(pods))
      page.json.pair("space", numbers[space] ?? 0)
      page.json.key("pods")
      page.array { page in
        for pod in pods { page.label(String(cluster.pods[pod].endpointName.dropFirst(space.count + 1))) }
      }
      page.writeClassAddresses(index)
      for direction in [Direction.ingress, .egress] { page.writePolicies(of: index, direction, places) }
      page.json.closeObject()
    }
  }

  private mutating func writeClassAddresses(_ index: Int) {
    let classAddresses = matrix.classAddresses[index]
    if classAddresses.contains(where: \.isPlaceholder) {
      json.key("placeholder")
      json.bool(true)
    }
    json.key("addresses")
    array { page in for classAddress in classAddresses { page.label("\(classAddress.address)") } }
  }

  /// Policies in the order in which they are asked.
  private func inOrderOfTiers(_ policies: [Int], side: Int) -> [Int] {
    let all = matrix.sides[side].cluster.policies
    return policies.sorted {
      let (left, right) = (all[$0], all[$1])
      if left.tier != right.tier { return left.tier < right.tier }
      return left.priority == right.priority ? left.id < right.id : left.priority < right.priority
    }
  }

  /// For each revision the policies that select a class, by their places in its list, in the order in which they are asked;
  /// null: the class is not asked.
  private mutating func writePolicies(of index: Int, _ direction: Direction, _ places: [[Int: Int]]) {
    json.key(direction.rawValue.lowercased())
    array { page in
      for side in page.matrix.sides.indices {
        guard page.matrix.isSubject(index, side: side) else {
          page.json.null()
          continue
        }
        page.array { page in
          let selecting = page.matrix.profile(index, direction, side: side).policies
          for policy in page.inOrderOfTiers(selecting, side: side) { page.number(places[side][policy] ?? 0) }
        }
      }
    }
  }
}
