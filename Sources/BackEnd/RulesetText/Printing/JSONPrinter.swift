public import Ruleset
import JSONText

/// Prints a ruleset as libnftables JSON: what `nft -j -f` loads, with the same effect as the text of `NFTPrinter`.
///
/// Commands come in an order in which each needs only what stands before it: tables, chains without rules, sets,
/// maps, rules. One command a line. What this model has no word for is JSON of its own if a JSON reader found it;
/// text stands as `{"unmodelled": …}`, which nft refuses.
public enum JSONPrinter {
  /// Commands that add the ruleset to what the kernel has.
  public static func print(_ ruleset: Ruleset) -> String {
    var writer = start()
    for table in ruleset.tables { JSONTablePrinter(table: table).print(&writer) }
    return finish(&writer)
  }

  /// Commands that put the table in the place of its former content, in one transaction.
  public static func replacing(_ table: Table) -> String {
    var writer = start()
    let printer = JSONTablePrinter(table: table)
    printer.command("add", "table", &writer) { _ in }
    printer.command("delete", "table", &writer) { _ in }
    printer.print(&writer)
    return finish(&writer)
  }

  private static func start() -> JSONWriter {
    var writer = JSONWriter()
    writer.openObject()
    writer.key("nftables")
    writer.openArray()
    return writer
  }

  private static func finish(_ writer: inout JSONWriter) -> String {
    writer.lastLineBreak()
    writer.closeArray()
    writer.closeObject()
    writer.lastLineBreak()
    return writer.text
  }
}
