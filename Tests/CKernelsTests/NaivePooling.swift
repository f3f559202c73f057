import CKernels

/// Pooling as its definition says, one output after the other.
struct NaivePooling {
  var largest: [Float] = []
  var places: [Int32] = []
  var average: [Double] = []
  var largestGradient: [Double]
  var averageGradient: [Double]

  init(_ w: MCWindow, batch: Int, x: [Float], dy: [Float]) {
    largestGradient = Array(repeating: 0, count: x.count)
    averageGradient = Array(repeating: 0, count: x.count)
    let channels = Int(w.inChannels)
    for n in 0..<batch {
      for p in 0..<Int(w.outHeight) {
        for q in 0..<Int(w.outWidth) {
          for c in 0..<channels {
            // Place in the window and in x of everything inside the image.
            var inside: [(place: Int, index: Int)] = []
            for r in 0..<Int(w.kernelHeight) {
              for s in 0..<Int(w.kernelWidth) {
                let h = p * Int(w.strideHeight) + r - Int(w.padTop)
                let v = q * Int(w.strideWidth) + s - Int(w.padLeft)
                guard h >= 0, h < Int(w.inHeight), v >= 0, v < Int(w.inWidth) else { continue }
                let index = ((n * Int(w.inHeight) + h) * Int(w.inWidth) + v) * channels + c
                inside.append((r * Int(w.kernelWidth) + s, index))
              }
            }
            let gradient = Double(dy[largest.count])
            let best = inside.dropFirst().reduce(inside.first) { best, next in
              guard let best, !x[best.index].isNaN else { return best }
              return x[next.index].isNaN || x[next.index] > x[best.index] ? next : best
            }
            largest.append(best.map { x[$0.index] } ?? 0)
            places.append(Int32(best?.place ?? 0))
            if let best { largestGradient[best.index] += gradient }
            let sum = inside.reduce(0) { $0 + Double(x[$1.index]) }
            average.append(inside.isEmpty ? 0 : sum / Double(inside.count))
            for (_, index) in inside { averageGradient[index] += gradient / Double(inside.count) }
          }
        }
      }
    }
  }
}
