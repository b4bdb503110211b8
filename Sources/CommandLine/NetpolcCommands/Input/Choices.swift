public import ArgumentParser
public import Lowering

extension LoweringOptions.PodToNode: ExpressibleByArgument {}
