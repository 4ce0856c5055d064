import Encoding
import TraceContext

/// Log lines as rows of a table.
enum ConsoleLogRows {
    static func table(_ rows: HTML) -> HTML {
        """
        <div class="scroll"><table class="logs">
        <thead><tr><th scope="col">Time (UTC)</th><th scope="col">Level</th><th scope="col">Service</th>
        <th scope="col">Message</th><th scope="col">Trace</th></tr></thead>
        <tbody>\(rows)</tbody>
        </table></div>
        """
    }

    static func rows(_ lines: [ConsoleLogLine]) -> HTML { "\(lines.map(row))" }

    private static func row(_ line: ConsoleLogLine) -> HTML {
        """
        <tr class="\(severity(line.level))"><td><time>\(RFC3339.string(nanosecondsSinceEpoch: line.time))</time></td>
        <td>\(line.level)</td><td>\(service(line.service))</td>\(message(line))
        <td>\(link(line))</td></tr>
        """
    }

    static func message(_ line: ConsoleLogLine) -> HTML {
        "<td class=\"message\">\(line.message) <small>\(line.details)</small></td>"
    }

    static func service(_ name: String) -> HTML {
        "<span class=\"service \(ConsoleParts.colour(of: name))\">\(name)</span>"
    }

    /// The CSS class of a level; unknown levels get none.
    static func severity(_ level: String) -> String {
        switch level.lowercased() {
        case "error", "critical", "fatal": "error"
        case "warning", "warn": "warning"
        default: ""
        }
    }

    /// A link to the line's trace, at its span.
    private static func link(_ line: ConsoleLogLine) -> HTML {
        guard let trace = line.traceID else { return .empty }
        let anchor: HTML = line.spanID.map { "#span-\($0.description)" } ?? ""
        return "<a href=\"/trace/\(trace.description)\(anchor)\"><code>\(trace.description.prefix(8))…</code></a>"
    }
}
