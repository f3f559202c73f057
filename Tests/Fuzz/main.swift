// Hands readers changed files, more than anybody could write by hand.
//
//   Fuzz idx|yaml|sweep|runs|csv|npy|npz|cifar|emnist|netpbm|keras|onnx|safetensors|pictures|hdf5|state COUNT [SEED [ROOT]]
//
// Built with -DLIBFUZZER and -sanitize=fuzzer, libFuzzer makes the inputs of all that are read in this
// process, led by what parts of the program they reach; otherwise they are changed at random.
import Foundation
import TestSupport

let arguments = CommandLine.arguments
guard arguments.count >= 3, let count = Int(arguments[2]) else {
  fatalError(
    "usage: Fuzz idx|yaml|sweep|runs|csv|npy|npz|cifar|emnist|netpbm|keras|onnx|safetensors|pictures|hdf5|state COUNT [SEED [ROOT]]"
  )
}
let seed = arguments.count > 3 ? UInt64(arguments[3]) ?? 1 : 1
let root = arguments.count > 4 ? arguments[4] : "."
let target: any FuzzTarget =
  switch arguments[1] {
  case "idx": IDXTarget()
  case "yaml": try YAMLTarget(root: root)
  case "sweep": try SweepTarget(root: root)
  case "runs": RunsTarget()
  case "csv", "npy", "npz", "cifar", "emnist":
    try DataTarget(DataTarget.Form(rawValue: arguments[1]) ?? .csv, root: root)
  case "netpbm": PicturesTarget()
  case "keras": try KerasTarget()
  case "onnx": try ONNXTarget()
  case "safetensors": try SafeTensorsTarget()
  case "pictures": try PicturesTarget(root: root)
  case "hdf5": try HDF5Target(root: root)
  case "state": try StateTarget()
  default: fatalError("no target \(arguments[1])")
  }
// A process that has ended must not end this one.
signal(SIGPIPE, SIG_IGN)
let readsInAnotherProcess = ["pictures", "hdf5", "state"].contains(arguments[1])
if !readsInAnotherProcess {
  for seed in target.seeds { precondition(target.reads(seed), "a seed is not sound") }
}

#if LIBFUZZER
  if !readsInAnotherProcess { try LibFuzzer.run(target, count: count, seed: seed) }
#endif
RandomFuzzing.run(target, name: arguments[1], count: count, seed: seed)
