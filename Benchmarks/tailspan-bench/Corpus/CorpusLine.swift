import Logging
import Vocabulary

/// One log line of a trace, with its span and its content.
struct CorpusLine: Sendable {
    /// The index of its span in ``CorpusSpan/all``.
    let span: Int
    let message: String

    var service: ServiceRole { CorpusSpan.all[span].service }

    /// In the order in which they are written.
    static let all = [
        CorpusLine(span: 5, message: "amount reserved"), CorpusLine(span: 5, message: completed),
        CorpusLine(span: 10, message: "workload computed"), CorpusLine(span: 10, message: completed),
        CorpusLine(span: 13, message: "reservation captured"), CorpusLine(span: 13, message: completed),
        CorpusLine(span: 2, message: "task settled"), CorpusLine(span: 2, message: completed),
        CorpusLine(span: 0, message: completed),
    ]

    private static let completed = "request completed"

    /// Nanoseconds after the trace's start.
    var offset: UInt64 { CorpusSpan.all[span].offset + CorpusSpan.all[span].duration }

    /// As the services log them.
    func fields(taskID: String) -> Logger.Metadata {
        if message == Self.completed {
            return [
                LogField.component: "http.server", LogField.operation: .string(CorpusSpan.all[span].name),
                LogField.status: 201, LogField.durationMS: .double(Double(CorpusSpan.all[span].duration) / 1e6),
            ]
        }
        switch service {
        case .executor:
            return [
                LogField.component: "executor", LogField.taskID: .string(taskID), LogField.executorID: "exec-1",
                LogField.workload: "sort", "size": 10, LogField.durationMS: .double(0.012), LogField.memoryBytes: 80,
            ]
        case .payments:
            return [
                LogField.component: "ledger", LogField.guildID: "g-1", LogField.channelID: "ch-1", LogField.amount: 1,
                "reservation_id": .string("r-" + taskID), LogField.taskID: .string(taskID),
            ]
        case .gateway, .tasks:
            return [
                LogField.component: "saga", LogField.taskID: .string(taskID), "state": "settled",
                LogField.guildID: "g-1", LogField.amount: 1, LogField.workload: "sort", LogField.channelID: "ch-1",
                LogField.executorID: "exec-1",
            ]
        }
    }
}
