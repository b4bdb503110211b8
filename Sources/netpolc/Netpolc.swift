import ArgumentParser

@main
struct Netpolc: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "netpolc")
}
