/// The formats a scraper can request.
enum ExpositionFormat: Sendable {
    /// Prometheus text format 0.0.4.
    case text
    /// OpenMetrics 1.0, which supports exemplars.
    case openMetrics

    var contentType: String {
        switch self {
        case .text: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }

    /// Chooses a format from an `Accept` header (RFC 9110, section 12.5.1). OpenMetrics must be requested by name, and
    /// is chosen if its quality value is at least that of plain text.
    init(accept: String?) {
        var (text, openMetrics) = (0.0, 0.0)
        for range in accept?.split(separator: ",") ?? [] {
            let parts = range.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
            guard let type = parts.first else { continue }
            var quality = 1.0
            var version: String?
            for parameter in parts.dropFirst() {
                if parameter.hasPrefix("q=") { quality = Double(parameter.dropFirst(2)) ?? 0 }
                if parameter.hasPrefix("version=") {
                    version = parameter.dropFirst("version=".count).filter { $0 != "\"" }
                }
            }
            switch type {
            case "application/openmetrics-text":
                if version == nil || version == "1.0.0" { openMetrics = max(openMetrics, quality) }
            case "text/plain", "text/*", "*/*": text = max(text, quality)
            default: break
            }
        }
        self = openMetrics > 0 && openMetrics >= text ? .openMetrics : .text
    }
}
