import Encoding
import Foundation
import Vocabulary

/// A line of a service's log file.
struct WrittenLine: Sendable {
    /// In nanoseconds since 1970.
    let time: UInt64
    let service, level, message, state, guild: String
    let status: Int
    let amount: Double
    let duration: Double?

    var isRequest: Bool { message == "request completed" }
}

/// The log files of all services: what is true, whoever shows it.
struct WrittenLines: Sendable {
    let lines: [WrittenLine]

    private init(_ lines: [WrittenLine]) { self.lines = lines }

    init(in folder: String) throws {
        lines = try ServiceRole.allCases.flatMap { role in
            let path = "\(folder)/\(role.rawValue)/\(role.rawValue).log"
            return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map { line in
                let json = try JSONValue(parsing: Array(line.utf8))
                let text = { (name: String) in json[name]?.string ?? "" }
                return WrittenLine(
                    time: RFC3339.parse(text("timestamp").utf8) ?? 0, service: text("service"),
                    level: text("level"), message: text("message"), state: text("state"),
                    guild: text(LogField.guildID), status: Int(json["status"]?.integer ?? 0),
                    amount: json[LogField.amount]?.double ?? 0, duration: json["duration_ms"]?.double)
            }
        }
    }

    /// Those after a second.
    func since(_ second: UInt64) -> WrittenLines {
        WrittenLines(lines.filter { $0.time > second * 1_000_000_000 })
    }

    func count(_ service: String, _ isCounted: (WrittenLine) -> Bool) -> Int {
        lines.count { $0.service == service && isCounted($0) }
    }
}
