public import KernelProgram
public import Ruleset

extension Assembler {
  /// A set that the kernel holds, in the terms of its declaration; nil where its flags or its key are not those of the
  /// declaration, or a part of it is unknown.
  public static func set(_ found: KernelSet, declaredAs declaration: NamedSet) -> NamedSet? {
    var empty = declaration
    empty.elements = []
    guard case .keys(let keys) = found.elements, isDeclared(found, assembled(empty)) else { return nil }
    empty.elements = RawKeys(declaration.key, isInterval: found.flags.contains(.interval)).raw(keys)
    return empty
  }

  /// A verdict map that the kernel holds, in the terms of its declaration; nil where its flags or its key are not those of
  /// the declaration, or a part of it is unknown.
  public static func map(_ found: KernelSet, declaredAs declaration: VerdictMap) -> VerdictMap? {
    var empty = declaration
    empty.elements = []
    guard case .verdicts(let elements) = found.elements, isDeclared(found, assembled(empty)) else {
      return nil
    }
    empty.elements = RawKeys(declaration.key, isInterval: found.flags.contains(.interval)).raw(elements)
    return empty
  }

  private static func isDeclared(_ found: KernelSet, _ declared: KernelSet) -> Bool {
    found.flags == declared.flags && found.fieldLengths == declared.fieldLengths && found.unknown.isEmpty
  }
}
