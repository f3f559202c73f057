/// A piece of HTML or SVG. Every text that goes into one is escaped on its way.
package struct Markup: Sendable {
  /// The piece as a page has it.
  package let source: String

  private init(source: String) { self.source = source }

  /// Nothing.
  package static let none = Markup(source: "")

  /// A text, with what HTML would take for markup escaped.
  package static func text(_ text: String) -> Markup { Markup(source: escaped(text)) }

  /// An element with what is inside it; one that HTML knows no end of (`br`, `img`, `meta`) has nothing inside.
  ///
  /// - Parameter attributes: their values are escaped; names and `tag` are of this program.
  package static func element(
    _ tag: String, _ attributes: KeyValuePairs<String, String>, _ content: Markup = .none
  ) -> Markup {
    let names = attributes.map { name, value in " \(name)=\"\(escaped(value))\"" }.joined()
    let isVoid = ["br", "img", "meta", "link", "input", "col"].contains(tag)
    return Markup(
      source: isVoid ? "<\(tag)\(names)>" : "<\(tag)\(names)>\(content.source)</\(tag)>")
  }

  /// Several pieces, one after the other.
  package static func all(_ parts: [Markup]) -> Markup {
    Markup(source: parts.map(\.source).joined())
  }

  /// A script of this program.
  package static func script(_ code: String, id: String) -> Markup {
    raw("script", ["id": id], code)
  }

  /// A style sheet of this program.
  package static func style(_ rules: String) -> Markup { raw("style", [:], rules) }

  /// JSON that a script of the page reads; `<` is written so that nothing in it can end the element.
  package static func data(_ json: String, id: String) -> Markup {
    // Scalar by scalar: to Swift, a < with a combining mark is another character than <.
    var text = ""
    for scalar in json.unicodeScalars {
      switch scalar {
      case "<": text += "\\u003c"
      case "\u{2028}": text += "\\u2028"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return raw("script", ["id": id, "type": "application/json"], text)
  }

  private static func raw(
    _ tag: String, _ attributes: KeyValuePairs<String, String>, _ content: String
  ) -> Markup {
    precondition(
      !content.utf8.map { $0 | 0x20 }.contains(Array("</\(tag)".utf8)), "a \(tag) that ends itself")
    return element(tag, attributes, Markup(source: content))
  }

  private static func escaped(_ text: String) -> String {
    guard text.utf8.contains(where: { "&<>\"'".utf8.contains($0) }) else { return text }
    var result = ""
    for character in text.unicodeScalars {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }
}

/// Joins what stands in the braces of an element: pieces, and texts, which are escaped.
@resultBuilder
package enum MarkupBuilder {
  package static func buildExpression(_ piece: Markup) -> Markup { piece }
  package static func buildExpression(_ text: String) -> Markup { .text(text) }
  package static func buildBlock(_ parts: Markup...) -> Markup { .all(parts) }
  package static func buildOptional(_ part: Markup?) -> Markup { part ?? .none }
  package static func buildEither(first part: Markup) -> Markup { part }
  package static func buildEither(second part: Markup) -> Markup { part }
  package static func buildArray(_ parts: [Markup]) -> Markup { .all(parts) }
}

/// An element with attributes and what its braces hold.
package func tag(
  _ name: String, _ attributes: KeyValuePairs<String, String> = [:],
  @MarkupBuilder _ content: () -> Markup = { .none }
) -> Markup {
  .element(name, attributes, content())
}

/// A whole page in one file: it opens from a disk and asks for nothing else.
package struct Page {
  let title: String
  let style: String
  let body: Markup

  /// - Parameter style: the rules of this page; those that all pages share come before them.
  package init(title: String, style: String, @MarkupBuilder body: () -> Markup) {
    self.title = title
    self.style = style
    self.body = body()
  }

  /// The file's text. Browsers are told to load nothing, whatever a text in the page might be taken for.
  package var html: String {
    let policy =
      "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
    let head = tag("head") {
      tag("meta", ["charset": "utf-8"])
      tag("meta", ["http-equiv": "Content-Security-Policy", "content": policy])
      tag("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
      tag("title") { title }
      Markup.style(style)
    }
    let page = tag("html", ["lang": "en"]) {
      head
      tag("body") { tag("div", ["class": "page"]) { body } }
    }
    return "<!doctype html>\n" + page.source + "\n"
  }
}
