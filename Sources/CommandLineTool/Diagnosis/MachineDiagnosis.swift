import CLibraries
import MiniCNN
import NeuralNetwork
import Platform

/// The processor, and the libraries that this program works with.
enum MachineDiagnosis {
  static var findings: [Finding] { [program, processor, loops, threads, libraries, runtime] }

  private static var program: Finding {
    programFile.map { Finding("program", $0) }
      ?? Finding("program", .note, "the system does not say where it lies")
  }

  private static var processor: Finding {
    let count = Format.count(onlineProcessors, "processor")
    return Finding("processor", processorName.map { "\($0), \(count) online" } ?? "\(count) online")
  }

  private static let loopsVariable = "MINICNN_KERNELS"
  private static let namesOfLoops = ["plain", "baseline", "neon", "x86-64-v3", "x86-64-v4"]

  private static var loops: Finding {
    let name = InstructionSet.name
    guard let wish = environmentVariable(loopsVariable), !wish.isEmpty else {
      return Finding("loops", "\(name), the fastest that this processor can run")
    }
    guard wish != name else {
      return Finding("loops", .note, "\(name), as \(loopsVariable) asks")
    }
    let reason = namesOfLoops.contains(wish) ? "this processor has not" : "names no loops"
    return Finding(
      "loops", .note, "\(name); \(loopsVariable) asks for \(wish), which \(reason)",
      remedy: "unset \(loopsVariable)")
  }

  private static var threads: Finding {
    let (allowed, all) = (processorsOfThisProcess.count, onlineProcessors)
    var reasons: [String] = []
    if allowed < all { reasons.append("this process may run on \(allowed) of \(all) processors") }
    if let quota = ProcessorQuota.ofThisProcess, quota < allowed {
      reasons.append("its control group has the time of \(quota)")
    }
    let count = availableProcessors
    return reasons.isEmpty
      ? Finding("threads", "\(count), one for each processor")
      : Finding("threads", .note, "\(count): \(reasons.joined(separator: ", and "))")
  }

  private static var libraries: Finding {
    var entries = [clibraries_entry](repeating: clibraries_entry(), count: Int(CLIBRARIES_COUNT))
    clibraries_list(&entries)
    let texts = entries.map { entry in
      let version = withUnsafeBytes(of: entry.version) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      return "\(String(cString: entry.name)) \(version)"
    }
    return Finding("libraries", texts.joined(separator: ", "))
  }

  private static var runtime: Finding {
    switch isLoaded(library: "libswiftCore") {
    case false?: Finding("Swift", "its runtime is part of this program")
    case true?: Finding("Swift", "its runtime is a library of this machine")
    case nil: Finding("Swift", .note, "the system does not say where its runtime is")
    }
  }
}
