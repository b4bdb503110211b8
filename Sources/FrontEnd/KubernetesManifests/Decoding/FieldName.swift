import Documents

/// The field names that matter in objects of the inventory.
enum FieldName: UInt8 {
  case apiVersion, kind, items, metadata, spec, status
  case name, namespace, labels, deletionTimestamp
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

  init(_ text: EventText) {
    self = .other
    switch text.count {
    case 2: if text == "ip" { self = .ip } else if text == "<<" { self = .merge }
    case 4:
      if text == "port" {
        self = .port
      } else if text == "name" {
        self = .name
      } else if text == "kind" {
        self = .kind
      } else if text == "spec" {
        self = .spec
      } else if text == "type" {
        self = .type
      }
    case 5:
      if text == "items" {
        self = .items
      } else if text == "ports" {
        self = .ports
      } else if text == "phase" {
        self = .phase
      } else if text == "podIP" {
        self = .podIP
      }
    case 6:
      if text == "status" {
        self = .status
      } else if text == "labels" {
        self = .labels
      } else if text == "podIPs" {
        self = .podIPs
      }
    case 7:
      if text == "podCIDR" {
        self = .podCIDR
      } else if text == "address" {
        self = .address
      } else if text == "ingress" {
        self = .ingress
      }
    case 8:
      if text == "metadata" {
        self = .metadata
      } else if text == "protocol" {
        self = .transport
      } else if text == "nodeName" {
        self = .nodeName
      } else if text == "podCIDRs" {
        self = .podCIDRs
      } else if text == "template" {
        self = .template
      } else if text == "replicas" {
        self = .replicas
      } else if text == "selector" {
        self = .selector
      }
    case 9:
      if text == "namespace" {
        self = .namespace
      } else if text == "addresses" {
        self = .addresses
      } else if text == "clusterIP" {
        self = .clusterIP
      } else if text == "endpoints" {
        self = .endpoints
      }
    case 10:
      if text == "apiVersion" {
        self = .apiVersion
      } else if text == "containers" {
        self = .containers
      } else if text == "controller" {
        self = .controller
      } else if text == "clusterIPs" {
        self = .clusterIPs
      } else if text == "targetPort" {
        self = .targetPort
      } else if text == "conditions" {
        self = .conditions
      }
    case 11:
      if text == "hostNetwork" {
        self = .hostNetwork
      } else if text == "jobTemplate" {
        self = .jobTemplate
      } else if text == "parallelism" {
        self = .parallelism
      } else if text == "externalIPs" {
        self = .externalIPs
      }
    case 12: if text == "loadBalancer" { self = .loadBalancer }
    case 13:
      if text == "containerPort" {
        self = .containerPort
      } else if text == "restartPolicy" {
        self = .restartPolicy
      }
    case 14: if text == "initContainers" { self = .initContainers }
    case 15: if text == "ownerReferences" { self = .ownerReferences }
    case 17: if text == "deletionTimestamp" { self = .deletionTimestamp }
    default: break
    }
  }
}
