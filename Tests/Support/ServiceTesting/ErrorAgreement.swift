import Logging
import OTelSDK
import TraceContext
import Tracing

/// Disagreements between error spans and lines, by the rule that `tailspan verify` applies to a store: every error span
/// has an error-level line, or a warning if it is a refused call (CLIENT, 4xx); every error-level line is on an error
/// span. Empty if they agree.
package func errorDisagreements(_ spans: [SpanData], _ lines: [InMemoryLogHandler.Entry]) -> [String] {
    let errors = Set(lines.filter { $0.level >= .error }.map { $0.spanID ?? "no span" })
    let warnings = Set(lines.filter { $0.level >= .warning }.map { $0.spanID ?? "no span" })
    let failed = spans.filter { $0.status?.code == .error }
    let unlogged = failed.filter { span in
        var isRefusal = false
        if span.kind == .client, case .int64(let status)? = span.attributes["http.response.status_code"] {
            isRefusal = (400..<500).contains(status)
        }
        return !(isRefusal ? warnings : errors).contains(span.context.spanID.description)
    }
    let unmarked = errors.subtracting(failed.map(\.context.spanID.description))
    return unlogged.map { "\($0.name) is in error without a line" } + unmarked.map { "an error line on \($0)" }
}
