import Addresses
import Diagnostics
import PolicyModel

/// The fields found in an object of the inventory, whatever its kind, in any order.
struct ObjectDraft {
  var name: String?
  /// True where there is a name that is no text, of which an error tells.
  var hasFaultyName = false
  /// The beginning of the name that the API server makes, and a star.
  var generatedName: String?
  var namespace: String?
  var labels = Labels()
  var deleting = false
  var node: String?
  var hostNetwork = false
  var ports: [NamedPort] = []
  var sidecarPorts: [NamedPort] = []
  var phase: Pod.Phase?
  var ready = false
  var addresses: [IPAddress] = []
  var podIP: IPAddress?
  var blocks: [CIDR] = []
  var block: CIDR?
  var owner: WorkloadReference?
  var replicas: Int?
  /// True where a list of containers was found in the template of pods.
  var hasPodTemplate = false
  /// The findings about an object of a kind that is not known: they count where it has a template.
  var customFindings: [Diagnostic] = []
  var service = ServiceDraft()
  var route = RouteDraft()
}
