import Addresses
import PolicyModel

/// The fields found in an object of the inventory, whatever its kind, in any order.
struct ObjectDraft {
  var name: String?
  var namespace: String?
  var labels = Labels()
  var deleting = false
  var node: String?
  var hostNetwork = false
  var ports: [NamedPort] = []
  var sidecarPorts: [NamedPort] = []
  var phase: Pod.Phase?
  var addresses: [IPAddress] = []
  var podIP: IPAddress?
  var blocks: [CIDR] = []
  var block: CIDR?
}
