import Addresses
import PolicyModel

/// The fields found in a Service or an EndpointSlice, in any order.
struct ServiceDraft {
  var addresses: [IPAddress] = []
  var selector: Labels?
  var ports: [Service.Port] = []
  var slicePorts: [EndpointSlice.Port] = []
  var serviceName: String?
}
