import ArchiveAnswers
import CArchives
import Testing

/// What a process that has been taken over by an archive answers is checked.
@Suite(.serialized, .enabled(if: carchives_can_confine())) struct ArchiveAnswersTests {
  private func list(_ answer: archive_answer) -> (carchives_code, [carchives_member]) {
    var members = [carchives_member](
      repeating: carchives_member(), count: Int(CARCHIVES_MOST_MEMBERS))
    var (count, error) = (0, carchives_error())
    let code = archive_answers_list(answer, &members, &count, &error)
    #expect(error.code == code)
    return (code, Array(members.prefix(count)))
  }

  @Test(arguments: [
    (ARCHIVE_ANSWERS_SILENCE, CARCHIVES_SILENT), (ARCHIVE_ANSWERS_HALF, CARCHIVES_SILENT),
    (ARCHIVE_ANSWERS_CRASH, CARCHIVES_CRASHED), (ARCHIVE_ANSWERS_WAIT, CARCHIVES_SILENT),
    (ARCHIVE_ANSWERS_UNKNOWN_CODE, CARCHIVES_NONSENSE),
    (ARCHIVE_ANSWERS_TWO_CODES, CARCHIVES_NONSENSE), (ARCHIVE_ANSWERS_TOO_MUCH, CARCHIVES_NONSENSE),
    (ARCHIVE_ANSWERS_UNEVEN, CARCHIVES_NONSENSE), (ARCHIVE_ANSWERS_TOO_LARGE, CARCHIVES_NONSENSE),
  ])
  func falseAnswersAreErrors(answer: archive_answer, code: carchives_code) {
    let (found, members) = list(answer)
    #expect(found == code && members.isEmpty)
  }

  @Test func namesEnd() throws {
    let (code, members) = list(ARCHIVE_ANSWERS_ENDLESS_NAME)
    #expect(code == CARCHIVES_DONE && members.count == 1)
    let length = withUnsafeBytes(of: members[0].name) { $0.prefix { $0 != 0 }.count }
    #expect(length == 119)
  }

  @Test func aTrueAnswerIsTaken() throws {
    let (code, members) = list(ARCHIVE_ANSWERS_TRUTH)
    #expect(code == CARCHIVES_DONE && members.map(\.size) == [3])
  }
}
