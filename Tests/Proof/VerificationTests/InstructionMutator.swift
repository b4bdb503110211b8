import Addresses
import KernelProgram
import Ruleset
import TestSupport

/// One random edit of a program: of an instruction, of the order of rules, of an element.
struct InstructionMutator {
  var generator: SeededGenerator

  /// The edited program, a description, and true where each rule still has a form that netpolc writes; nil where the draw
  /// found nothing to edit.
  mutating func mutate(_ original: KernelTable) -> (program: KernelTable, what: String, isPlain: Bool)? {
    var program = original
    let chains = program.chains.indices.filter { !program.chains[$0].rules.isEmpty }
    guard !chains.isEmpty else { return nil }
    let chain = generator.pick(chains)
    let rule = Int.random(in: program.chains[chain].rules.indices, using: &generator)
    let name = "rule \(rule + 1) of \(program.chains[chain].name)"
    let kind = Int.random(in: 0..<9, using: &generator)
    switch kind {
    case 0: program.chains[chain].rules.remove(at: rule)
    case 1:
      let other = Int.random(in: program.chains[chain].rules.indices, using: &generator)
      program.chains[chain].rules.swapAt(rule, other)
    case 2: program.chains[chain].rules.insert(program.chains[chain].rules[rule], at: 0)
    case 3, 4:
      let places = program.chains[chain].rules[rule].instructions.indices
      guard let place = places.randomElement(using: &generator) else { return nil }
      guard let changed = changed(program.chains[chain].rules[rule].instructions[place]) else { return nil }
      program.chains[chain].rules[rule].instructions[place] = changed
    case 5:
      // Without its condition a rule may compare a register that nothing was loaded into.
      let places = program.chains[chain].rules[rule].instructions.indices
      guard let place = places.randomElement(using: &generator) else { return nil }
      program.chains[chain].rules[rule].instructions.remove(at: place)
    case 6: guard editElement(&program) else { return nil }
    case 7:
      let hooks = program.chains.indices.filter { program.chains[$0].hook != nil }
      guard let hook = hooks.randomElement(using: &generator) else { return nil }
      let old = program.chains[hook].hook?.policy
      program.chains[hook].hook?.policy = old == .accept ? .drop : .accept
    default:
      guard let moved = moved(&program.chains[chain].rules[rule].instructions) else { return nil }
      program.chains[chain].rules[rule].instructions = moved
    }
    return program == original ? nil : (program, "kind \(kind), \(name)", ![5, 8].contains(kind))
  }

  /// An instruction of the same form with another value.
  private mutating func changed(_ instruction: Instruction) -> Instruction? {
    switch instruction {
    case .compare(let register, let comparison, var value):
      if generator.chance(oneIn: 3), [.equal, .notEqual].contains(comparison) {
        return .compare(register, comparison == .equal ? .notEqual : .equal, value)
      }
      let place = Int.random(in: value.indices, using: &generator)
      value[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      return .compare(register, comparison, value)
    case .verdict: return .verdict(generator.pick([.accept, .drop, .return]))
    case .lookup(let register, let set, let isInverted):
      return .lookup(register, set, isInverted: !isInverted)
    case .bitwise(let from, let into, var mask, let flip):
      let place = Int.random(in: mask.indices, using: &generator)
      mask[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      return .bitwise(from: from, into: into, mask: mask, flip: flip)
    default: return nil
    }
  }

  /// A load from another place, or a comparison of fewer bytes.
  private mutating func moved(_ instructions: inout [Instruction]) -> [Instruction]? {
    guard let place = instructions.indices.randomElement(using: &generator) else { return nil }
    switch instructions[place] {
    case .payload(let base, let offset, let length, let register):
      let other = generator.pick([offset ^ 1, offset ^ 2, offset ^ 4, offset + length])
      instructions[place] = .payload(base, offset: other, length: length, into: register)
    case .compare(let register, let comparison, let value) where value.count > 1:
      instructions[place] = .compare(register, comparison, Array(value.dropLast()))
    case .meta(.transportProtocol, let register):
      instructions[place] = .meta(.networkProtocol, into: register)
    default: return nil
    }
    return instructions
  }

  private mutating func editElement(_ program: inout KernelTable) -> Bool {
    let sets = program.sets.indices.filter { program.sets[$0].elements.count > 0 }
    guard let place = sets.randomElement(using: &generator) else { return false }
    let set = program.sets[place]
    switch set.elements {
    case .keys(var keys):
      keys.remove(at: Int.random(in: keys.indices, using: &generator))
      program.sets[place] = KernelSet(
        set.name, flags: set.flags, fieldLengths: set.fieldLengths, elements: .keys(keys))
    case .verdicts(var elements):
      let element = Int.random(in: elements.indices, using: &generator)
      if generator.chance(oneIn: 2) {
        elements.remove(at: element)
      } else {
        elements[element].verdict = generator.pick([.accept, .drop, elements[0].verdict])
      }
      program.sets[place] = KernelSet(
        set.name, flags: set.flags, fieldLengths: set.fieldLengths, elements: .verdicts(elements))
    }
    return true
  }
}
