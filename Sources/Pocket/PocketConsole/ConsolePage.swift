import HTTP
import Vocabulary

/// The frame of every page. A browser with scripts builds the page from it; without them it shows the page's reading
/// part, which the server has rendered.
struct ConsolePage {
    var title: String
    /// The path of the section that the page belongs to.
    var section = ""
    /// What can be read without scripts.
    var content: HTML

    private static let sections = [("/", "Overview"), ("/logs", "Logs"), ("/traces", "Traces")]

    /// The style sheets, in their order.
    private static let styles = [
        "shell/tokens.css", "shell/base.css", "shell/controls.css", "shell/frame.css", "shell/charts.css",
    ]

    var html: HTML {
        let links = Self.sections.map { path, name -> HTML in
            path == section
                ? "<a href=\"\(path)\" aria-current=\"page\">\(name)</a>" : "<a href=\"\(path)\">\(name)</a>"
        }
        let styles = Self.styles.map { path -> HTML in "<link rel=\"stylesheet\" href=\"/console/\(path)\">\n" }
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(title) · Tailspan</title>
            <link rel="icon" href="/console/shell/mark.svg">
            <script src="/console/shell/theme-early.js"></script>
            \(styles)<noscript><link rel="stylesheet" href="/console/shell/plain.css"></noscript>
            <script type="module" src="/console/shell/main.js"></script>
            </head>
            <body>
            <div id="app"></div>
            <noscript>
            <a class="skip" href="#content">Skip to the content</a>
            <header class="plain"><strong>Tailspan</strong> <nav aria-label="Sections">\(links)</nav>
            <small>Charts, filters and everything that is pressed need scripts.</small></header>
            <main class="plain" id="content">
            \(content)
            </main>
            </noscript>
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
                    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
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
        <input id="\(name)" name="query" value="\(query)" placeholder="\(example)" spellcheck="false" autocomplete="off">
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
