import Diagnostics
import Documents
import KubernetesManifests
import PolicyModel
import TestSupport
import Testing

@Suite("Kinds of policies that are misspelt, foreign or in lists", .bounded)
struct UnknownKindTests {
  @Test(
    "a kind that the groups of network policies do not have is an error",
    arguments: [
      ("Networkpolicy", "NetworkPolicy"), ("NETWORKPOLICY", "NetworkPolicy"),
      ("networkpolicy", "NetworkPolicy"),
      ("NetworkPolicys", "NetworkPolicy"), ("NetworkPolicies", "NetworkPolicy"), ("netpol", "NetworkPolicy"),
      ("NetworkPolicy ", "NetworkPolicy"), (" NetworkPolicy", "NetworkPolicy"),
      ("NetworkPolcy", "NetworkPolicy"),
      ("Network-Policy", "NetworkPolicy"), ("network_policy", "NetworkPolicy"),
      ("NetworkPolicy\u{200b}", "NetworkPolicy"),
      ("ClusterNetworkPolicies", "ClusterNetworkPolicy"), ("anp", "AdminNetworkPolicy"),
      ("Ingres", "Ingress"),
      ("Gateway", nil),
    ])
  func misspelt(kind: String, meant: String?) {
    for group in ["networking.k8s.io/v1", "networking.k8s.io/v1beta1", "policy.networking.k8s.io/v1alpha2"] {
      for text in [
        "apiVersion: \(group)\nkind: \"\(kind)\"\nmetadata: {name: a}\nspec: {podSelector: {}}\n",
        #"{"kind": "\#(kind)", "spec": {"podSelector": {}}, "metadata": {"name": "a"}, "apiVersion": "\#(group)"}"#,
      ] {
        let read = ManifestReader().read([ManifestSource(name: "p", text: text)])
        let (contents, diagnostics) = (read.contents, read.diagnostics)
        #expect(contents.policies.isEmpty)
        #expect(diagnostics.map(\.id) == ["unknown-kind"], "\(text)")
        let end = diagnostics.first?.message.split(separator: ": ", maxSplits: 9).last
        #expect(end == meant.map { "did you mean \($0)?" } ?? "no such kind in version \"\(group)\"")
      }
    }
  }

  @Test(
    "so is one whose group is misspelt too",
    arguments: [
      "networking/v1", "v1", "networking.k8s.io", "apps/v1", "networking.k8s.com/v1",
      "networking.kubernetes.io/v1", "Networking.k8s.io/v1",
    ])
  func misspeltGroup(apiVersion: String) {
    for kind in ["Networkpolicy", "netpol", "NetworkPolicys"] {
      let text = "apiVersion: \(apiVersion)\nkind: \(kind)\nmetadata: {name: a}\n"
      #expect(
        ManifestReader().read([ManifestSource(name: "p", text: text)]).diagnostics.map(\.id) == [
          "unknown-kind"
        ], "\(text)")
    }
    let text = "apiVersion: \(apiVersion)\nkind: NetworkPolicy\nmetadata: {name: a}\n"
    #expect(
      ManifestReader().read([ManifestSource(name: "p", text: text)]).diagnostics.map(\.id) == [
        "unknown-api-version"
      ], "\(text)")
  }

  @Test(
    "so is a kind that is nearly one of a workload: its pods would be missing",
    arguments: [
      ("apps/v1", "Deploymnt", "Deployment"), ("apps/v1", "deployment", "Deployment"),
      ("apps/v1", "Statefulset", "StatefulSet"), ("batch/v1", "Cronjob", "CronJob"), ("v1", "pod", "Pod"),
      ("v1", "NameSpace", "Namespace"), ("v1", "Service ", "Service"),
    ])
  func misspeltWorkload(apiVersion: String, kind: String, meant: String) {
    let text = "apiVersion: \(apiVersion)\nkind: \"\(kind)\"\nmetadata: {name: a}\n"
    let read = ManifestReader().read([ManifestSource(name: "p", text: text)])
    #expect(read.diagnostics.map(\.id) == ["unknown-kind"])
    #expect(read.diagnostics.first?.message.hasSuffix("did you mean \(meant)?") == true)
  }

  @Test(
    "other kinds of these groups and of others are passed over",
    arguments: [
      ("networking.k8s.io/v1", "IngressClass"), ("networking.k8s.io/v1", "IngressClassList"),
      ("networking.k8s.io/v1beta1", "ServiceCIDR"), ("networking.istio.io/v1", "Gateway"),
      ("v1", "ConfigMap"), ("v1", "Secret"), ("v1", "ServiceAccount"), ("v1", "PodTemplate"),
      ("v1", "Endpoints"), ("v1", "Event"), ("v1", "Config"), ("apps/v1", "ControllerRevision"),
      ("apps/v1", "Scale"), ("batch/v1beta1", "JobTemplate"), ("example.org/v1", "Deploymnt"),
      ("example.org/v1", "Network"), ("k8s.cni.cncf.io/v1", "NetworkAttachmentDefinition"),
      ("policy/v1", "PodDisruptionBudget"),
    ])
  func passedOver(apiVersion: String, kind: String) {
    let text = "apiVersion: \(apiVersion)\nkind: \(kind)\nmetadata: {name: a}\n"
    let read = reading(text)
    let (contents, diagnostics) = (read.contents, read.diagnostics)
    #expect(diagnostics == [])
    #expect(contents.skipped == [kind: 1])
  }

  static let policy =
    #"{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "a"}, "spec": {"podSelector": {}}}"#

  @Test(
    "any object with items is a list",
    arguments: [
      #""apiVersion": "networking.k8s.io/v1", "kind": "List""#, #""apiVersion": "v1", "kind": "list""#,
      #""apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList""#,
      #""apiVersion": "v1", "kind": "Liste""#,
      #""apiVersion": "networking.k8s.io/v1", "kind": "Networkpolicys""#,
      #""apiVersion": "v1", "kind": "Pod""#,
      #""apiVersion": "example.org/v1", "kind": "Bundle""#,
      #""apiVersion": "batch.volcano.sh/v1", "kind": "JobList""#,
      #""apiVersion": "v1", "kind": "ConfigMap""#, #""apiVersion": "v1", "kind": "PodList""#,
    ])
  func lists(type: String) {
    for text in [
      #"{\#(type), "items": [\#(Self.policy)]}"#, #"{"items": [\#(Self.policy)], \#(type)}"#,
      #"{\#(type), "items": [{"apiVersion": "v1", "kind": "List", "items": [\#(Self.policy)]}]}"#,
    ] {
      for name in ["l.json", "l.yaml"] {
        let read = reading(text, name: name)
        let (contents, diagnostics) = (read.contents, read.diagnostics)
        #expect(diagnostics == [], "\(text)")
        #expect(contents.policies.map(\.id.name) == ["a"], "\(text)")
      }
    }
  }

  @Test("items that are no list: a field like any other, but of a list")
  func noItems() {
    #expect(reading("apiVersion: v1\nkind: ConfigMap\nitems: {a: b}\n").diagnostics == [])
    #expect(reading("apiVersion: v1\nkind: List\nitems: {a: b}\n").diagnostics.count == 1)
    #expect(reading("apiVersion: v1\nkind: PodList\nitems: 7\n").diagnostics.count == 1)
    #expect(reading("apiVersion: v1\nkind: List\nitems:\n").diagnostics == [])
  }

  @Test("what a server leaves out of a typed list is that of the list")
  func typedLists() {
    let read = reading(
      #"{"items": [{"metadata": {"name": "a"}}, {"metadata": {"name": "b"}}], "kind": "ConfigMapList", "apiVersion": "v1"}"#
    )
    let (contents, diagnostics) = (read.contents, read.diagnostics)
    #expect(diagnostics == [])
    #expect(contents.skipped == ["ConfigMap": 2])
  }

  @Test("policies of other projects are one warning for each kind, with their number, over all sources")
  func foreign() {
    let calico =
      "apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\nmetadata: {name: a}\nspec: {selector: all(), types: [Ingress], ingress: [{action: Deny}]}\n"
    let late =
      "kind: NetworkPolicy\nspec: {selector: all(), order: 1.5}\nmetadata: {name: b}\napiVersion: crd.projectcalico.org/v1\n"
    let cilium = "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: c}\nspecs: []\n"
    let read = ManifestReader().read([
      ManifestSource(name: "a.yaml", text: "\(calico)---\n\(calico)---\n\(cilium)"),
      ManifestSource(name: "b.yaml", text: "\(late)---\n\(calico)"),
    ])
    let (contents, diagnostics) = (read.contents, read.diagnostics)
    #expect(contents.policies.isEmpty)
    let rest =
      "left out: netpolc enforces NetworkPolicy of networking.k8s.io and ClusterNetworkPolicy of policy.networking.k8s.io only, and no verdict takes account of what others allow or deny"
    #expect(
      diagnostics.map { "\($0.location?.description ?? "") \($0.severity) \($0.message) [\($0.id)]" } == [
        "a.yaml:2:7 warning 3 NetworkPolicies of projectcalico.org are \(rest) [policies-not-enforced]",
        "a.yaml:12:7 warning 1 CiliumNetworkPolicy of cilium.io is \(rest) [policies-not-enforced]",
        "b.yaml:1:7 warning 1 NetworkPolicy of crd.projectcalico.org is \(rest) [policies-not-enforced]",
      ])
  }
}
