import HTTP
import Vocabulary

/// The common frame of all console pages.
struct ConsolePage {
    var title: String
    /// The path of the section that the page belongs to.
    var section = ""
    var content: HTML

    private static let sections = [("/", "Overview"), ("/traces", "Traces"), ("/logs", "Logs")]

    var html: HTML {
        let links = Self.sections.map { path, name -> HTML in
            path == section
                ? "<a href=\"\(path)\" aria-current=\"page\">\(name)</a>" : "<a href=\"\(path)\">\(name)</a>"
        }
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(title) · Tailspan</title>
            <link rel="icon" href="data:,">
            <link rel="stylesheet" href="/console.css">
            <script src="/console.js" defer></script>
            </head>
            <body>
            <a class="skip" href="#content">Skip to the content</a>
            <header><strong>Tailspan</strong> <nav aria-label="Sections">\(links)</nav></header>
            <main id="content">
            \(content)
            </main>
            </body>
            </html>

            """
    }

    func response(status: HTTPStatus = .ok) -> Response { Self.response(html, status: status) }

    /// Only our own style and script may run or be loaded, whatever gets into a page.
    static func response(_ html: HTML, status: HTTPStatus = .ok) -> Response {
        Response(
            status: status,
            headers: [
                Header.contentType: "text/html; charset=utf-8",
                "content-security-policy":
                    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; "
                    + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
                Header.contentTypeOptions: "nosniff", "referrer-policy": "no-referrer", Header.cacheControl: "no-store",
            ], body: Array(html.text.utf8))
    }
}

/// Parts that several pages use.
enum ConsoleParts {
    /// A form with one query field.
    static func searchForm(
        action: String, label: String, name: String, query: String, example: String, limit: Int
    )
        -> HTML
    {
        """
        <form class="search" action="\(action)" role="search">
        <label for="\(name)">\(label)</label>
        <input id="\(name)" name="q" value="\(query)" placeholder="\(example)" spellcheck="false" autocomplete="off">
        <label for="\(name)-limit">at most</label>
        <input id="\(name)-limit" name="limit" type="number" min="1" max="1000" value="\(limit)">
        <button>Search</button>
        </form>
        """
    }

    static func problem(_ text: String) -> HTML { "<p class=\"problem\" role=\"alert\">\(text)</p>" }

    static func empty(_ text: String) -> HTML { "<p class=\"empty\">\(text)</p>" }

    /// A duration, short enough for a table.
    static func duration(_ nanoseconds: UInt64) -> String {
        switch nanoseconds {
        case ..<1_000: "\(nanoseconds) ns"
        case ..<1_000_000: fraction(nanoseconds, 1_000) + " µs"
        case ..<1_000_000_000: fraction(nanoseconds, 1_000_000) + " ms"
        default: fraction(nanoseconds, 1_000_000_000) + " s"
        }
    }

    /// With two decimal places.
    private static func fraction(_ value: UInt64, _ unit: UInt64) -> String {
        let rest = value % unit * 100 / unit
        return "\(value / unit)." + (rest < 10 ? "0" : "") + "\(rest)"
    }

    /// The CSS class for a service's colour: the same on every page.
    static func colour(of service: String) -> String {
        "c\(service.utf8.reduce(5381 as UInt32) { $0 &* 33 ^ UInt32($1) } % 8)"
    }
}
