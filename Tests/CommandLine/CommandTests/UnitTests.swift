import TestSupport
import Testing

/// The commands of the systemd units, run as systemd would run them: in their order, with their environment.
@Suite("the units", .needsRoot, .bounded)
struct UnitTests {
  private static let unit = #"""
    # unit KEY: runs the commands of a key; one behind a '-' may fail.
    unit() {
      grep "^$1=" .ci/netpolc.service | cut -d = -f 2- |
        sed "s#/usr/bin/netpolc#netpolc#; s#/usr/lib/netpolc/#.ci/#" > $OUT/commands
      while IFS= read -r command; do
        case $command in
        -*) (eval "${command#-}") || true ;;
        *) (eval "$command") || return ;;
        esac
      done < $OUT/commands
    }
    # start: the unit's start; its status is that of the first command that must not fail.
    start() { unit ExecStartPre; unit ExecStart && unit ExecStartPost; }
    export NETPOLC=$(command -v netpolc) NETPOLC_NODE=node-a NETPOLC_OPTIONS= NETPOLC_STATE_DIRECTORY=$OUT/state
    export NETPOLC_POLICIES=$OUT/policies NETPOLC_INVENTORY=$OUT/inventory NETPOLC_BOOT_PLAN=$OUT/plan.json
    mkdir -m 700 $OUT/state $OUT/policies $OUT/inventory
    cp Fixtures/guide/01-sample/policy.yaml $OUT/policies; cp Fixtures/guide/inventory.yaml $OUT/inventory

    """#

  @Test(
    "after a boot the last proved table is loaded, and stays where the compile of what is stored by then fails",
    arguments: [
      "echo nonsense > $OUT/policies/policy.yaml", "rm $OUT/policies/*",
      "echo > $OUT/inventory/inventory.yaml",
    ])
  func boot(damage: String) throws {
    let run = try CommandRun.inNamespace(
      (Self.unit + """
        start
        nft list map inet netpolc ingress4 > $OUT/before
        \(damage)
        rm -rf $OUT/state/*
        # Neither a table nor a record of it, as after a boot.
        nft delete table inet netpolc
        status=0; start || status=$?
        test $status = 2
        nft list map inet netpolc ingress4 | cmp - $OUT/before
        netpolc status | head -1
        """).withOutputFolder())
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.hasSuffix("table     inet netpolc, as installed\n"), "\(run.output)")
  }

  @Test("a start while a table is loaded leaves it to the compile")
  func restart() throws {
    let run = try CommandRun.inNamespace(
      (Self.unit + """
        start
        sed -i 's/8080/8081/' $OUT/policies/policy.yaml
        start
        nft list table inet netpolc | grep -c 8081
        unit ExecReload
        """).withOutputFolder())
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output == "3\n", "\(run.output)")
    #expect(run.errors.contains("revision 2") && !run.errors.contains("error:"), "\(run.errors)")
    #expect(run.errors.contains("nothing to do: revision 2"), "\(run.errors)")
  }

  @Test("what kubectl could not fetch whole changes nothing; otherwise both files are replaced")
  func fetching() throws {
    let run = try CommandRun.inNamespace(
      """
      cat > $OUT/kubectl <<'END'
      #!/bin/sh
      if [ "$2" = "$FAILS" ]; then echo 'apiVersion: v1'; exit 1; fi
      if [ "$2" = "$EMPTY" ]; then exit 0; fi
      echo "kind: List # $2 $RUN"
      END
      chmod +x $OUT/kubectl
      export KUBECTL=$OUT/kubectl
      fetch() { .ci/fetch-inventory $OUT/policies $OUT/inventory; }
      RUN=1 fetch
      cat $OUT/policies/cluster.yaml $OUT/inventory/cluster.yaml > $OUT/before
      for kinds in networkpolicies.networking.k8s.io pods,namespaces,nodes; do
        status=0; FAILS=$kinds RUN=2 fetch || status=$?; test $status != 0
        status=0; EMPTY=$kinds RUN=2 fetch || status=$?; test $status != 0
        cat $OUT/policies/cluster.yaml $OUT/inventory/cluster.yaml | cmp - $OUT/before
      done
      RUN=3 fetch
      ls -A $OUT/policies $OUT/inventory | grep yaml; cat $OUT/policies/cluster.yaml $OUT/inventory/cluster.yaml
      """.withOutputFolder())
    #expect(run.status == 0, "\(run.errors)")
    #expect(
      run.output == """
        cluster.yaml
        cluster.yaml
        kind: List # networkpolicies.networking.k8s.io 3
        kind: List # pods,namespaces,nodes 3

        """, "\(run.output)")
  }
}
