import Encoding
import PocketStore
import TraceContext

/// Traces as a table.
enum TraceList {
    static func table(_ result: TraceSearchResult) -> HTML {
        if result.traces.isEmpty {
            return result.isPartial
                ? ConsoleParts.problem("The search took too long; a shorter time or a stricter filter helps.")
                : ConsoleParts.empty("No trace fits. Requests to the gateway make some: tailspan load.")
        }
        let longest = result.traces.map(\.duration).max() ?? 1
        return """
            <div class="scroll"><table class="traces">
            <thead><tr><th scope="col">Started (UTC)</th><th scope="col">Trace</th><th scope="col">Entry</th>
            <th scope="col">Services</th><th scope="col" class="number">Spans</th>
            <th scope="col" class="number">Duration</th><th scope="col"><span class="hidden">Compared</span></th></tr></thead>
            <tbody>\(result.traces.map { row($0, longest: longest) })</tbody>
            </table></div>
            """
    }

    private static func row(_ trace: FoundTrace, longest: UInt64) -> HTML {
        let errors = trace.services.reduce(0) { $0 + $1.errors }
        let failed: HTML =
            errors > 0 ? " <span class=\"badge\">\(errors) \(errors == 1 ? "error" : "errors")</span>" : ""
        let missing: HTML = trace.rootName.isEmpty ? " <small>(root not received)</small>" : ""
        let root: HTML = "\(ConsoleLogRows.service(trace.entry.service)) \(trace.entry.name)\(missing)"
        let services = trace.services.map { ConsoleLogRows.service($0.service) + " " }
        let width = max(1, Int(Double(trace.duration) / Double(max(longest, 1)) * 100))
        return """
            <tr class="\(errors > 0 ? "error" : "")">
            <td><time>\(RFC3339.string(nanosecondsSinceEpoch: trace.start))</time></td>
            <td><a href="/trace/\(trace.id.description)"><code>\(trace.id.description.prefix(8))…</code></a></td>
            <td>\(root)\(failed)</td><td>\(services)</td>
            <td class="number">\(trace.services.reduce(0) { $0 + $1.spans })</td>
            <td class="number">\(ConsoleParts.duration(trace.duration))</td>
            <td><svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
            <rect width="\(width)" height="8"/></svg></td></tr>
            """
    }
}
