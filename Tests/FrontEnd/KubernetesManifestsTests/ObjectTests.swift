import KubernetesManifests
import PolicyModel
import TestSupport
import Testing

@Suite("Objects: types, names and metadata", .bounded)
struct ObjectTests {
  @Test func namesAndTypes() {
    #expect(
      findings(
        """
        1️⃣apiVersion: networking.k8s.io/v1
        metadata: {name: a}
        ---
        2️⃣kind: NetworkPolicy
        metadata: {name: a}
        spec: {}
        ---
        apiVersion: 3️⃣extensions/v1beta1
        kind: NetworkPolicy
        metadata: {name: a}
        ---
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: 4️⃣Upper_case, namespace: 5️⃣a.b}
        ---
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: 6️⃣{}
        ---
        7️⃣[]
        """) == [
          "1️⃣ kind: Required value: kind is not set [missing-kind]",
          "2️⃣ apiVersion: Required value: apiVersion is not set [missing-api-version]",
          #"3️⃣ apiVersion: Unsupported value: "extensions/v1beta1": supported values: "networking.k8s.io/v1" for kind NetworkPolicy [unknown-api-version]"#,
          #"4️⃣ metadata.name: Invalid value: "Upper_case": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*') [invalid-name]"#,
          #"5️⃣ metadata.namespace: Invalid value: "a.b": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?') [invalid-name]"#,
          "6️⃣ metadata.name: Required value: name is required [required-value]",
          "7️⃣ a document must be an object with apiVersion and kind, not a list [wrong-type]",
        ])
  }

  @Test func policiesThatOthersEnforceAreNotPassedOverInSilence() {
    let rest =
      "left out: netpolc enforces NetworkPolicy of networking.k8s.io and ClusterNetworkPolicy of policy.networking.k8s.io only, and no verdict takes account of what others allow or deny"
    #expect(
      findings(
        """
        apiVersion: crd.antrea.io/v1beta1
        kind: 1️⃣ClusterNetworkPolicy
        metadata: {name: a}
        ---
        apiVersion: crd.antrea.io/v1beta1
        kind: ClusterNetworkPolicy
        metadata: {name: b}
        ---
        kind: CiliumNetworkPolicyList
        apiVersion: cilium.io/v2
        items: [2️⃣{metadata: {name: a}}]
        ---
        apiVersion: crd.projectcalico.org/v1
        kind: 3️⃣NetworkPolicy
        metadata: {name: a}
        """) == [
          "1️⃣ warning: kind: 2 ClusterNetworkPolicies of crd.antrea.io are \(rest) [policies-not-enforced]",
          "2️⃣ warning: kind: 1 CiliumNetworkPolicy of cilium.io is \(rest) [policies-not-enforced]",
          "3️⃣ warning: kind: 1 NetworkPolicy of crd.projectcalico.org is \(rest) [policies-not-enforced]",
        ])
  }

  @Test func kindsOfOtherGroupsOnlyShareAName() {
    let (contents, _, diagnostics) = reading(
      """
      apiVersion: longhorn.io/v1beta2
      kind: Node
      metadata: {name: a}
      spec: {podCIDRs: 7}
      ---
      apiVersion: batch.volcano.sh/v1alpha1
      kind: Job
      metadata: {name: a}
      spec: {template: []}
      ---
      apiVersion: batch.volcano.sh/v1alpha1
      kind: JobList
      items: [{metadata: {name: b}, spec: []}]
      ---
      apiVersion: apps/v1beta1
      kind: Deployment
      metadata: {name: a}
      ---
      apiVersion: extensions/v1beta1
      kind: Deployment
      metadata: {name: b}
      """)
    #expect(contents.nodes.isEmpty)
    #expect(contents.workloads.isEmpty)
    #expect(contents.skipped == ["Node": 1, "Job": 2])
    #expect(
      diagnostics == [
        #"m.yaml:15:13 apiVersion Unsupported value: "apps/v1beta1": supported values: "apps/v1" for kind Deployment [unknown-api-version]"#,
        #"m.yaml:19:13 apiVersion Unsupported value: "extensions/v1beta1": supported values: "apps/v1" for kind Deployment [unknown-api-version]"#,
      ])
  }

  @Test("members in any order say the same", arguments: ["p.yaml", "p.json", "l.yaml", "l.json"])
  func order(_ name: String) throws {
    let members = [
      #""apiVersion": "networking.k8s.io/v1""#, #""kind": "NetworkPolicy""#,
      #""metadata": {"name": "a", "namespace": "x"}"#,
      #""spec": {"podSelector": {}, "policyTypes": ["Egress"], "egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}]}"#,
    ]
    for order in permutations(members) {
      let object = "{\(order.joined(separator: ", "))}"
      let text =
        name.hasPrefix("l") ? #"{"items": [\#(object)], "kind": "List", "apiVersion": "v1"}"# : object
      let (_, written, diagnostics) = reading(text, name: name)
      #expect(diagnostics == [])
      let policy = try #require(written.first, "\(order)")
      #expect(policy.id.description == "x/a", "\(order)")
      #expect(policy.isolates == [.egress], "\(order)")
      #expect(policy.egress.count == 1, "\(order)")
      // And nothing is lost that would be an error.
      #expect(!reading(text.replacing("cidr", with: "cdir"), name: name).diagnostics.isEmpty, "\(order)")
    }
  }

  private func permutations(_ words: [String]) -> [[String]] {
    if words.count < 2 { return [words] }
    return words.indices.flatMap { index in
      let rest = Array(words[..<index] + words[(index + 1)...])
      return permutations(rest).map { [words[index]] + $0 }
    }
  }

  @Test func twoObjectsWithNothingBetween() {
    #expect(
      findings(
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: a}
        1️⃣apiVersion: v1
        2️⃣kind: Namespace
        3️⃣metadata: {name: b}
        """) == [
          "1️⃣ apiVersion: the key \"apiVersion\" is written twice; a line '---' parts two objects [duplicate-key]",
          "2️⃣ kind: the key \"kind\" is written twice; a line '---' parts two objects [duplicate-key]",
          "3️⃣ metadata: the key \"metadata\" is written twice [duplicate-key]",
        ])
  }

  @Test func metadataAsKubectlPrintsIt() {
    #expect(
      findings(
        """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata:
          annotations:
            kubectl.kubernetes.io/last-applied-configuration: |
              {"apiVersion":"networking.k8s.io/v1","spec":{"x":1}}
          creationTimestamp: "2024-01-01T00:00:00Z"
          finalizers: [a.b/c]
          generation: 1
          labels: {a: b}
          managedFields:
          - apiVersion: networking.k8s.io/v1
            fieldsV1: {"f:spec": {"f:podSelector": {}}}
          name: p
          namespace: team
          ownerReferences: []
          resourceVersion: "17"
          uid: 0f0f
          1️⃣clusterName: x
        spec: {podSelector: {}}
        status: {whatever: 1}
        """) == [#"1️⃣ metadata.clusterName: unknown field "clusterName" [unknown-field]"#])
  }

  @Test func policiesAreRefusedInAnInventory() {
    #expect(
      findings(
        """
        apiVersion: networking.k8s.io/v1
        kind: 1️⃣NetworkPolicy
        metadata: {name: p}
        spec: {oops: 1}
        """, inventoryOnly: true) == [
          "1️⃣ kind: an inventory may not hold a NetworkPolicy [policy-in-inventory]"
        ])
  }

  @Test func aSourceWithAnErrorGivesNoPolicy() {
    let good = policy("podSelector: {}")
    let (contents, _, diagnostics) = reading(
      good + "---\n" + policy("oops: 1").replacing("name: p", with: "name: q"))
    #expect(contents.policies.isEmpty)
    #expect(diagnostics == [#"m.yaml:13:3 spec.oops unknown field "oops" [unknown-field]"#])
    #expect(reading(good).contents.policies.count == 1)
  }
}
