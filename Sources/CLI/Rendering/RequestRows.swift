import Encoding
import Terminal
import Verification
import Vocabulary

/// Reduces the lines that all services write about a request to one row.
struct RequestRows {
    /// What is known about a request so far.
    private struct Story {
        /// The tasks service logs the task's id, but the row is made from the gateway's line.
        var task: String?
        /// Warnings that are only counted in the row.
        var folded = 0
        /// Messages already shown for the request: a repeated one, as from retries, is shown once.
        var told: Set<String> = []
        /// Whether the row has been shown and reports no failure.
        var wentWell = false
    }

    /// For the newest traces only.
    private var stories: [String: Story] = [:]
    private var newest: [String] = []
    private static let most = 512

    /// The row to show for a line; `nil` if the line is folded away.
    ///
    /// The gateway's row reports how a request ended. Of the other lines only the first error is shown, because it says
    /// where the request failed. Events after a successful answer (an accepted task that fails) and lines that belong
    /// to no request are shown from `notice` on.
    mutating func row(_ record: LogRecord, of part: String, _ style: LogLineStyle) -> StyledText? {
        guard let trace = record.traceID else { return isOfInterest(record) ? style.render(record) : nil }
        var story = stories[trace] ?? Story()
        defer { remember(story, of: trace) }
        if let task = record.field(LogField.taskID) { story.task = task }
        if part == ServiceRole.gateway.rawValue, record.field(LogField.component) == LogComponent.httpServer,
            let operation = record.field(LogField.operation)
        {
            story.wentWell = !record.isWarningLevel
            return request(record, operation, story, style)
        }
        guard isOfInterest(record) else { return nil }
        if story.wentWell { return story.told.insert(record.message).inserted ? brief(record, style) : nil }
        guard record.isErrorLevel else {
            story.folded += 1
            return nil
        }
        guard story.told.isEmpty else { return nil }
        story.told.insert(record.message)
        return brief(record, style)
    }

    private func isOfInterest(_ record: LogRecord) -> Bool {
        switch record.level {
        case "trace", "debug", "info": false
        default: true
        }
    }

    private mutating func remember(_ story: Story, of trace: String) {
        guard stories.updateValue(story, forKey: trace) == nil else { return }
        newest.append(trace)
        if newest.count > Self.most { stories[newest.removeFirst()] = nil }
    }

    /// `16:32:01.123  POST /v1/tasks  201  12.3 ms  0bc16f3f  t-4c11…`, and what went wrong.
    private func request(
        _ record: LogRecord, _ operation: String, _ story: Story, _ style: LogLineStyle
    ) -> StyledText {
        var row = style.time(record)
        row += StyledText("  " + operation).padded(to: 18)
        let status = record.field(LogField.status) ?? "-"
        let look: Style = record.isErrorLevel ? .color(.red).bold : style.level(record.level ?? "info")
        row += StyledText("  ") + StyledText(status, look)
        let duration = record.field(LogField.durationMS).flatMap { Double($0) }
        row +=
            StyledText("  ")
            + StyledText(duration.map { Duration.microseconds(Int64($0 * 1000)).short } ?? "-").padded(
                to: 8, onLeft: true)
        row.append("  " + (record.traceID?.prefix(8) ?? "-"), .dim)
        if let reason = reason(record) {
            // The row already shows the status.
            let isTold = reason.hasPrefix(status + " ")
            let rest = isTold ? reason.split(separator: ": ", maxSplits: 1).dropFirst().first ?? "" : Substring(reason)
            if !rest.isEmpty { row.append("  " + String(rest), look) }
        } else {
            if let task = story.task { row.append("  " + task) }
            if story.folded > 0 {
                row.append("  \(story.folded) warning\(story.folded == 1 ? "" : "s")", .color(.yellow))
            }
        }
        return row
    }

    /// `16:32:01.123  tasks     ERROR  0bc16f3f  upstream call failed: could not connect …`.
    private func brief(_ record: LogRecord, _ style: LogLineStyle) -> StyledText {
        let name = record.service ?? ""
        var row = style.time(record)
        row += StyledText("  ") + StyledText(name, style.service(name)).padded(to: 8)
        row += StyledText("  ") + style.levelName(record.level)
        row.append("  " + (record.traceID?.prefix(8) ?? "-"), .dim)
        row += StyledText("  ") + style.message(record)
        if let reason = reason(record) { row.append(": " + reason) }
        return row
    }

    /// An error's message, without the name of its type.
    private func reason(_ record: LogRecord) -> String? {
        let error = record.fields[LogField.error]
        return error?.object?[ErrorPart.message]?.plainText ?? error?.plainText
    }
}
