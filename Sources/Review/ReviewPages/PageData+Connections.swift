import Addresses
import Connectivity
import PolicyModel
import Reachability

extension PageData {
  /// Writes `links` (receiver, cell, number of the senders' words), `groups` (those words) and `outside` (class,
  /// direction, addresses, number of the traffic's words).
  mutating func write(_ lists: ConnectionLists) {
    var groups: [String] = []
    var known: [[Int]: Int] = [:]
    list("links", lists.links) { link, page in
      let group = known[link.senders] ?? groups.count
      if group == groups.count {
        known[link.senders] = group
        groups.append(lists.words(of: link.senders))
      }
      page.array { page in for number in [link.receiver, link.cell, group] { page.number(number) } }
    }
    list("groups", groups) { $1.label($0) }
    list("outside", lists.exposures) { exposure, page in
      page.array { page in
        page.number(exposure.index)
        page.label(exposure.direction.rawValue.lowercased())
        page.label(exposure.blocks)
        page.number(page.cells.code(exposure.traffic))
      }
    }
  }
}
