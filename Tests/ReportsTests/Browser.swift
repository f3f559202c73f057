import Foundation
import TestSupport

/// A browser without a window, in which pages are opened from the disk.
enum Browser {
  /// A window and what its reader prefers.
  struct Window: CustomStringConvertible, Sendable {
    let width: Int
    let isDark: Bool

    var description: String { "\(width) pixels, \(isDark ? "dark" : "light")" }

    /// A phone's and a desk's, light and dark.
    static let all = [380, 1400].flatMap { width in
      [false, true].map { Window(width: width, isDark: $0) }
    }
  }

  static let path = "/usr/bin/chromium-headless-shell"
  static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: path) }

  /// What is wrong with a page: errors of its scripts, requests, what overflows, text that hardly shows.
  ///
  /// - Parameter action: a script of the page's own names that brings it into the state that is looked at.
  static func faults(of html: String, in window: Window, after action: String = "") throws
    -> [String]
  {
    let check = try String(
      contentsOfFile: Repository.path("Tests/ReportsTests/Scripts/check-page.js"), encoding: .utf8)
    let dom = try dump(
      html, window,
      last: "\(check)\nsetTimeout(() => { \(action); setTimeout(checkPage, 900); }, 100);")
    guard let start = dom.range(of: #"<script id="checked" type="application/json">"#),
      let end = dom.range(of: "</script>", range: start.upperBound..<dom.endIndex)
    else { return ["the page was not checked: \(dom.suffix(300))"] }
    let json = Data(dom[start.upperBound..<end.lowerBound].utf8)
    return try JSONDecoder().decode([String].self, from: json)
  }

  /// The value of an expression of the page's own names, as text.
  ///
  /// - Parameter waits: whether what scripts have begun is done before, in a time that runs faster than the
  ///   clock; otherwise the expression is evaluated at once, and may measure time.
  static func value(of expression: String, in html: String, waits: Bool = false) throws -> String {
    let answer = """
      const answerPage = () => {
        let value;
        try { value = String(\(expression)); } catch (error) { value = String(error); }
        const answer = document.createElement('script');
        answer.id = 'answer';
        answer.type = 'text/plain';
        answer.textContent = value;
        document.body.append(answer);
      };
      """
    let dom = try dump(
      html, Window(width: 1400, isDark: false),
      last: answer + (waits ? "setTimeout(answerPage, 500)" : "answerPage()"), waits: waits)
    guard let start = dom.range(of: #"<script id="answer" type="text/plain">"#),
      let end = dom.range(of: "</script>", range: start.upperBound..<dom.endIndex)
    else { return "no answer: \(dom.suffix(300))" }
    return String(dom[start.upperBound..<end.lowerBound])
  }

  /// The page as it is after its scripts, those of `last` after its own.
  private static func dump(_ html: String, _ window: Window, last: String, waits: Bool = true)
    throws
    -> String
  {
    let folder = try TemporaryFolder(), page = folder.path + "/page.html"
    let watch = """
      <script>window.pageErrors = [];
      addEventListener('error', event => pageErrors.push(`error: ${event.message}`));
      addEventListener('securitypolicyviolation', event => pageErrors.push(`asked for ${event.blockedURI}`));
      </script>
      """
    let text = html.replacing("<body>", with: "<body>\(watch)", maxReplacements: 1)
    let end = text.range(of: "</body>", options: .backwards)?.lowerBound ?? text.endIndex
    try (text[..<end] + "<script>\(last)</script>" + text[end...])
      .write(toFile: page, atomically: true, encoding: .utf8)
    let outcome = try Program(at: path).run(
      [
        "--no-sandbox", "--disable-gpu", "--user-data-dir=\(folder.path)/profile",
        "--window-size=\(window.width),900",
        "--blink-settings=preferredColorScheme=\(window.isDark ? 0 : 1)", "--dump-dom",
      ] + (waits ? ["--virtual-time-budget=6000"] : []) + ["file://\(page)"], in: folder.path)
    return outcome.output
  }
}
