import NeuralNetwork
import Testing
import Training

/// Changes as texts state them.
@Suite struct AugmentationTests {
  @Test(arguments: [
    "none", "shift=2.0", "shift=2.0,rotation=10.0,scale=0.1,shear=5.0,elastic=0.8",
    "elastic=1.0,elastic_spacing=4.0,erase=0.5,erase_area=0.3,flip=both", "shift=0.5,rotation=1.0",
  ]) func textsAreReadBack(text: String) throws {
    #expect(try Augmentation(text).description == text)
  }

  @Test(arguments: [
    (
      "turn=3",
      "augmentation: expected a key of shift, rotation, scale, shear, elastic, elastic_spacing,"
        + " erase, erase_area, flip, found turn"
    ),
    ("shift", "augmentation: expected comma-separated key=value pairs, found shift"),
    ("shift=far", "augmentation.shift: expected a number, 0 to 1000, found far"),
    ("rotation=181", "augmentation.rotation: expected 0 to 180, found 181.0"),
    ("flip=up", "augmentation.flip: expected one of horizontal, vertical, both, found up"),
    ("shift=1,rotation=2,shift=1", "augmentation: expected each key once, found shift twice"),
    ("flip=both,flip=both", "augmentation: expected each key once, found flip twice"),
    (
      "shift=0.5,erase=0.5",
      "augmentation.shift: expected whole pixels, as nothing else moves pixels, found 0.5"
    ),
  ]) func wrongTextsAreNamed(text: String, message: String) {
    do throws(SettingError) {
      _ = try Augmentation(text)
      Issue.record("\(text) was taken")
    } catch {
      #expect(error.description == message)
    }
  }
}
