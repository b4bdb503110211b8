import Documents

/// The field names that matter in objects of the inventory.
enum FieldName: UInt8 {
  case apiVersion, kind, items, metadata, spec, status
  case name, generateName, namespace, labels, deletionTimestamp
  case nodeName, hostNetwork, containers, initContainers, ports, containerPort, transport, restartPolicy
  case phase, podIP, podIPs, ip, conditions
  case type, address, addresses, podCIDR, podCIDRs
  case template, jobTemplate
  case ownerReferences, controller, replicas, parallelism
  case selector, port, targetPort, clusterIP, clusterIPs, externalIPs, loadBalancer, ingress, endpoints
  /// YAML's `<<`, which would add members from elsewhere.
  case merge
  /// Any other field.
  case other

  /// The field of a name. Of the names of one length, a byte that tells them apart leaves one to compare with.
  init(_ text: EventText) {
    self = .other
    let candidate: (name: StaticString, field: FieldName)
    switch text.count {
    case 2:
      switch text.start[0] {
      case UInt8(ascii: "i"): candidate = ("ip", .ip)
      case UInt8(ascii: "<"): candidate = ("<<", .merge)
      default: return
      }
    case 4:
      switch text.start[0] {
      case UInt8(ascii: "p"): candidate = ("port", .port)
      case UInt8(ascii: "n"): candidate = ("name", .name)
      case UInt8(ascii: "k"): candidate = ("kind", .kind)
      case UInt8(ascii: "s"): candidate = ("spec", .spec)
      case UInt8(ascii: "t"): candidate = ("type", .type)
      default: return
      }
    case 5:
      switch text.start[2] {
      case UInt8(ascii: "e"): candidate = ("items", .items)
      case UInt8(ascii: "r"): candidate = ("ports", .ports)
      case UInt8(ascii: "a"): candidate = ("phase", .phase)
      case UInt8(ascii: "d"): candidate = ("podIP", .podIP)
      default: return
      }
    case 6:
      switch text.start[0] {
      case UInt8(ascii: "s"): candidate = ("status", .status)
      case UInt8(ascii: "l"): candidate = ("labels", .labels)
      case UInt8(ascii: "p"): candidate = ("podIPs", .podIPs)
      default: return
      }
    case 7:
      switch text.start[0] {
      case UInt8(ascii: "p"): candidate = ("podCIDR", .podCIDR)
      case UInt8(ascii: "a"): candidate = ("address", .address)
      case UInt8(ascii: "i"): candidate = ("ingress", .ingress)
      default: return
      }
    case 8:
      switch text.start[4] {
      case UInt8(ascii: "d"): candidate = ("metadata", .metadata)
      case UInt8(ascii: "o"): candidate = ("protocol", .transport)
      case UInt8(ascii: "N"): candidate = ("nodeName", .nodeName)
      case UInt8(ascii: "I"): candidate = ("podCIDRs", .podCIDRs)
      case UInt8(ascii: "l"): candidate = ("template", .template)
      case UInt8(ascii: "i"): candidate = ("replicas", .replicas)
      case UInt8(ascii: "c"): candidate = ("selector", .selector)
      default: return
      }
    case 9:
      switch text.start[0] {
      case UInt8(ascii: "n"): candidate = ("namespace", .namespace)
      case UInt8(ascii: "a"): candidate = ("addresses", .addresses)
      case UInt8(ascii: "c"): candidate = ("clusterIP", .clusterIP)
      case UInt8(ascii: "e"): candidate = ("endpoints", .endpoints)
      default: return
      }
    case 10:
      switch text.start[6] {
      case UInt8(ascii: "s"): candidate = ("apiVersion", .apiVersion)
      case UInt8(ascii: "n"): candidate = ("containers", .containers)
      case UInt8(ascii: "l"): candidate = ("controller", .controller)
      case UInt8(ascii: "r"): candidate = ("clusterIPs", .clusterIPs)
      case UInt8(ascii: "P"): candidate = ("targetPort", .targetPort)
      case UInt8(ascii: "i"): candidate = ("conditions", .conditions)
      default: return
      }
    case 11:
      switch text.start[0] {
      case UInt8(ascii: "h"): candidate = ("hostNetwork", .hostNetwork)
      case UInt8(ascii: "j"): candidate = ("jobTemplate", .jobTemplate)
      case UInt8(ascii: "p"): candidate = ("parallelism", .parallelism)
      case UInt8(ascii: "e"): candidate = ("externalIPs", .externalIPs)
      default: return
      }
    case 12:
      switch text.start[0] {
      case UInt8(ascii: "l"): candidate = ("loadBalancer", .loadBalancer)
      case UInt8(ascii: "g"): candidate = ("generateName", .generateName)
      default: return
      }
    case 13:
      switch text.start[0] {
      case UInt8(ascii: "c"): candidate = ("containerPort", .containerPort)
      case UInt8(ascii: "r"): candidate = ("restartPolicy", .restartPolicy)
      default: return
      }
    case 14: candidate = ("initContainers", .initContainers)
    case 15: candidate = ("ownerReferences", .ownerReferences)
    case 17: candidate = ("deletionTimestamp", .deletionTimestamp)
    default: return
    }
    if text == candidate.name { self = candidate.field }
  }
}
