import ImageData

/// The bytes of an IDX file: the magic number and the dimensions as big-endian words, the content.
func idx(_ words: [UInt32], _ content: [UInt8] = []) -> [UInt8] {
  words.flatMap { word in withUnsafeBytes(of: word.bigEndian) { Array($0) } } + content
}

/// Three images of 2 x 2 pixels.
let threeImages = idx([2051, 3, 2, 2], Array(0..<12))

/// N, height, width, channels.
func shape(_ set: ImageSet) -> [Int] { [set.count, set.height, set.width, set.channels] }
