import Foundation
import Testing

@testable import Training

/// What a drawn bar looks like after one change, over many draws.
@Suite struct ChangedGeometryTests {
  private static let side = 61

  /// A bar in the middle, so many rows high and columns wide, and what a change makes of it.
  private func seen(_ text: String, height: Int, width: Int, draws: Int = 400) throws -> [Moments] {
    let augmentation = try Augmentation(text)
    let middle = Self.side / 2
    return (0..<draws).map { draw in
      var image = [Float](repeating: 0, count: Self.side * Self.side)
      for row in middle - height / 2...middle + height / 2 {
        for column in middle - width / 2...middle + width / 2 {
          image[row * Self.side + column] = 1
        }
      }
      ChangedImages.apply(
        augmentation, to: &image, height: Self.side, width: Self.side, draw: draw)
      return Moments(image, side: Self.side)
    }
  }

  @Test func aScaledBarIsAsMuchLongerAsWider() throws {
    let before = try seen("none", height: 9, width: 25, draws: 1)[0]
    let factors = try seen("scale=0.5", height: 9, width: 25).map { after in
      let factor = (after.columnVariance / before.columnVariance).squareRoot()
      let other = (after.rowVariance / before.rowVariance).squareRoot()
      #expect(abs(factor - other) < 0.06)
      #expect(abs(after.row - before.row) < 0.01 && abs(after.column - before.column) < 0.01)
      return factor
    }
    // It grows by half at most, and shrinks by the same factor; either as often.
    #expect(factors.allSatisfy { $0 > 1 / 1.5 - 0.02 && $0 < 1.5 + 0.02 })
    #expect(factors.contains { $0 > 1.45 } && factors.contains { $0 < 0.7 })
    #expect((160...240).contains(factors.count { $0 > 1 }))
  }

  @Test func aShearedBarLeansWithoutGettingLonger() throws {
    // The bar's rows move along its columns, and not the other way round.
    let slopes = try seen("shear=30", height: 3, width: 25).map { after in
      #expect(abs(after.columnVariance - 52) < 0.5)
      return after.covariance / after.columnVariance
    }
    let most = 0.577_35
    #expect(slopes.allSatisfy { abs($0) < most + 0.01 })
    #expect(slopes.contains { $0 > 0.5 } && slopes.contains { $0 < -0.5 })
    for after in try seen("shear=30", height: 25, width: 3, draws: 50) {
      #expect(abs(after.covariance / after.rowVariance) < 0.02)
    }
  }

  @Test func aTurnedBarTurnsBothWays() throws {
    let angles = try seen("rotation=20", height: 3, width: 25).map { after in
      // The direction of the longer axis, in degrees.
      0.5 * 180 / Double.pi
        * atan2(2 * after.covariance, after.columnVariance - after.rowVariance)
    }
    #expect(angles.allSatisfy { abs($0) < 20.5 })
    #expect(angles.contains { $0 > 18 } && angles.contains { $0 < -18 })
    #expect((160...240).contains(angles.count { $0 > 0 }))
  }

  @Test func besideOtherChangesAShiftIsAnyFraction() throws {
    // So small a scale moves nothing by itself.
    let moves = try seen("shift=1.5,scale=0.000001", height: 9, width: 9).map { after in
      (down: after.row - 30, right: after.column - 30)
    }
    for move in [moves.map(\.down), moves.map(\.right)] {
      #expect(move.allSatisfy { abs($0) < 1.51 })
      #expect(move.contains { $0 > 1.4 } && move.contains { $0 < -1.4 })
      #expect(move.count { abs($0 - $0.rounded()) > 0.1 } > 280)
      // A uniform distribution has a third of the bound's square as its variance.
      let variance = move.reduce(0) { $0 + $1 * $1 } / Double(move.count)
      #expect(abs(variance - 0.75) < 0.12)
    }
    let together = moves.reduce(0) { $0 + $1.down * $1.right } / Double(moves.count)
    #expect(abs(together) < 0.12)
  }

  @Test func aQuarterTurnTurns() throws {
    let augmentation = try Augmentation("rotation=90")
    let original = (0..<25).map { Float($0) }
    var turned = original
    for row in 0..<5 {
      for column in 0..<5 { turned[row * 5 + column] = original[column * 5 + 4 - row] }
    }
    // Among so many turns of up to 90 degrees one is close to that.
    var least = Float.infinity
    for draw in 0..<4000 {
      var image = original
      ChangedImages.apply(augmentation, to: &image, height: 5, width: 5, draw: draw)
      least = min(least, zip(image, turned).map { abs($0 - $1) }.max() ?? 0)
    }
    #expect(least < 0.2)
  }

  @Test func elasticFieldsAreAsStrongAsStated() throws {
    // A slope shows by its values how far each place has moved.
    let (height, width) = (40, 40)
    let augmentation = try Augmentation("elastic=1.5,elastic_spacing=5")
    var (sum, count) = (0.0, 0)
    for sample in 0..<200 {
      var image = (0..<height * width).map { Float($0 / width) }
      ChangedImages.apply(augmentation, to: &image, height: height, width: width, draw: sample)
      for row in 10..<30 {
        for column in 10..<30 {
          let moved = Double(image[row * width + column]) - Double(row)
          sum += moved * moved
          count += 1
        }
      }
    }
    #expect(abs((sum / Double(count)).squareRoot() - 1.5) < 0.1)
  }
}
