import CommandLine
import Contracts
import Verification

/// Makes one row of each request, out of the lines that all services write about it.
struct RequestRows {
    /// The task of each of the newest traces: tasks knows it, the row is made of what the gateway says.
    private var tasks: [String: String] = [:]
    private var newest: [String] = []
    private static let most = 512

    /// The row to show for a line; `nil` for one that is folded away. Warnings, errors and notices are always shown.
    mutating func row(_ record: LogRecord, of part: String, _ style: LogLineStyle) -> StyledText? {
        if let trace = record.traceID, let task = record.field(LogField.taskID) { remember(task, of: trace) }
        if part == ServiceRole.gateway.rawValue, record.field(LogField.component) == "http.server",
            let operation = record.field("operation")
        {
            return request(record, operation, style)
        }
        switch record.level {
        case "trace", "debug", "info": return nil
        default: return style.render(record)
        }
    }

    private mutating func remember(_ task: String, of trace: String) {
        guard tasks.updateValue(task, forKey: trace) == nil else { return }
        newest.append(trace)
        if newest.count > Self.most { tasks[newest.removeFirst()] = nil }
    }

    /// `16:32:01.123  POST /v1/tasks  201  12.3 ms  0bc16f3f  t-4c11…`, and what went wrong.
    private func request(_ record: LogRecord, _ operation: String, _ style: LogLineStyle) -> StyledText {
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
        if let task = record.traceID.flatMap({ tasks[$0] }) { row.append("  " + task) }
        if record.isErrorLevel, let error = style.fields(record)[LogField.error] {
            row.append("  " + error, .color(.red))
        }
        return row
    }
}
