import CProcessors

/// The numbers of the processors that the calling thread, and so every thread that it starts, may run on, in
/// ascending order: what `taskset`, a batch system or a launcher of ranks has left it. All that are
/// online where the system does not say.
package var processorsOfThisProcess: [Int] {
  // A system of more processors refuses a mask that is too short for them.
  for bytes in [128, 1024, 8192] {
    var mask = [UInt8](repeating: 0, count: bytes)
    switch cprocessors_affinity(mask.count, &mask) {
    case 0:
      return mask.indices.flatMap { index in
        (0..<8).filter { mask[index] >> $0 & 1 == 1 }.map { 8 * index + $0 }
      }
    case EINVAL: continue
    default: return allProcessors
    }
  }
  return allProcessors
}

/// How many threads can work at once: the processors that this process may run on, or fewer where a
/// container or a batch system bounds its time (``ProcessorQuota``); at least 1.
package var availableProcessors: Int {
  let processors = max(1, processorsOfThisProcess.count)
  return min(processors, ProcessorQuota.ofThisProcess ?? processors)
}

private var allProcessors: [Int] { Array(0..<onlineProcessors) }
