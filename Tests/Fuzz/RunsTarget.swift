import MiniCNN

/// The records of a sweep's runs (CSV).
struct RunsTarget: FuzzTarget {
  let seeds = [
    """
    run,seed,epochs,test_accuracy,images,seconds,settings,failure
    "a-0123456789abcdef-1",1,3,0.98125,10000,12.25,"",
    "b,""c""-0123456789abcdef-2",18446744073709551615,1,1.0,1,0.0,"learning_rate=0.1 loss=mse",
    "a-0123456789abcdef-3",3,,,,0.5,"epochs=3","step 2: the loss, ""it"" says, is not finite"

    """,
    "run,seed,epochs,test_accuracy,images,seconds,settings,failure\na,1,3,9.8e-1,10,1,b,\n",
  ].map { Array($0.utf8) }

  /// What is read is written as what is read as the same.
  func reads(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let text = String(validating: bytes, as: UTF8.self) else { return false }
    do throws(FileError) {
      let records = try SweepRecords(text: text, path: "runs.csv", score: .test)
      let again = try SweepRecords(text: records.text, path: "runs.csv", score: .test)
      precondition(again.text == records.text, records.text)
      return true
    } catch {
      check(error.description)
      return false
    }
  }
}
