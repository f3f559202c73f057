import Yams

/// A node of a YAML file; Yams's own name is also that of a network's node.
typealias YAMLNode = Yams.Node
