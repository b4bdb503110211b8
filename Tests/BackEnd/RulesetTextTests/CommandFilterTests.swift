import RulesetText
import TestSupport
import Testing

@Suite("commands of somebody else's text", .bounded)
struct CommandFilterTests {
  @Test(
    "what is refused, with its place",
    arguments: [
      ("include \"/etc/shadow\"", "1:1: “include” is not admitted"),
      ("table inet t {\n  include \"x\"\n}", "2:3: “include” is not admitted"),
      ("add table inet t; include \"x\"", "1:19: “include” is not admitted"),
      ("add \\\n include", "2:2: “include” is not admitted"),
      ("define x = 5", "1:1: “define” is not admitted"),
      ("redefine x = 5", "1:1: “redefine” is not admitted"),
      ("add rule inet t c tcp dport $x", "1:29: variables are not admitted"),
      ("flush ruleset", "1:7: “flush ruleset” is not admitted"),
      ("list ruleset", "1:1: the command “list” is not admitted"),
      ("reset counters", "1:1: the command “reset” is not admitted"),
      ("monitor", "1:1: the command “monitor” is not admitted"),
      ("export json", "1:1: the command “export” is not admitted"),
      ("describe tcp", "1:1: the command “describe” is not admitted"),
      ("rename chain inet t c d", "1:1: the command “rename” is not admitted"),
      ("add inet t c accept", "1:5: “add inet” is not admitted"),
      ("table inet t { }\n}", "2:1: a bracket that nothing opened"),
      ("table inet t { comment \"x\n}", "1:24: a string without its end"),
      ("# include \"x\"\n\"", "2:1: a string without its end"),
    ])
  func refused(text: String, message: String) {
    #expect(CommandFilter.objection(to: text).map { "\($0.line):\($0.column): \($0.message)" } == message)
  }

  @Test(
    "what is admitted",
    arguments: [
      "table inet t\ndelete table inet t\ntable inet t {\n\tchain c { # include x\n\t\taccept comment \"include \\\"\n\t}\n}\n",
      "add rule inet t c accept; insert rule inet t c drop; replace rule inet t c handle 5 drop",
      "create chain inet t c; destroy table inet t; flush set inet t s; delete element inet t s { 1 }", "",
    ])
  func admitted(text: String) { #expect(CommandFilter.objection(to: text) == nil) }

  @Test(
    "JSON",
    arguments: [
      (#"{"nftables":[{"list":{"ruleset":null}}]}"#, "1:15: the command “list” is not admitted"),
      (#"{"nftables":[{"flush":{"ruleset":null}}]}"#, "1:24: “flush ruleset” is not admitted"),
      (#"{"nftables":[{"add":{"ruleset":null}}]}"#, "1:22: “add ruleset” is not admitted"),
      (#"{"nftables":[{"chain":{"hook":"forward","hook":"input"}}]}"#, "1:41: the key “hook” is there twice"),
      (#"{"nftables":[],"nftables":[]}"#, "1:16: the key “nftables” is there twice"),
      (
        #"{"nftables":[{"rule":{"expr":[{"match":{"op":"==","left":1,"op":"!="}}]}}]}"#,
        "1:60: the key “op” is there twice"
      ),
      (#"{"nftables":[{"chain":{"ho\u006fk":"forward"}}]}"#, "1:27: a key with an escape"),
      (#"{"other":[]}"#, "1:2: “other” is not admitted"),
    ])
  func json(text: String, message: String) {
    #expect(CommandFilter.objection(toJSON: text).map { "\($0.line):\($0.column): \($0.message)" } == message)
  }

  @Test("JSON that is admitted")
  func admittedJSON() {
    let text =
      #"{"nftables":[{"metainfo":{"version":"1"}},{"add":{"table":{"family":"inet","name":"t"}}},{"table":{"name":"{\"list\":1}"}},{"flush":{"table":{"name":"t"}}},{"rule":{"expr":[{"accept":null},{"accept":null}]}}]}"#
    #expect(CommandFilter.objection(toJSON: text) == nil)
  }
}
