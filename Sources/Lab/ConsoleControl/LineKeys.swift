import Encoding
import HTTP
import Verification
import Vocabulary

/// Finds the keys by which the console's pages know log lines: the reading API makes them, from what is stored.
struct LineKeys: Sendable {
    /// The console's own address.
    let console: String
    let client: HTTPClient

    /// So many lines are looked up at most: a flood of lines breaks a rule once for each.
    private static let most = 50
    /// So many lines of one moment are compared.
    private static let mostAtOnce = 200

    /// The keys of lines, by their time and text; one that cannot be looked up is left out.
    func keys(of lines: [LogRecord]) async -> [Line: String] {
        var keys: [Line: String] = [:]
        for line in lines.prefix(Self.most) where keys[Line(line)] == nil {
            keys[Line(line)] = await key(of: line)
        }
        return keys
    }

    /// What a line is told apart by.
    struct Line: Hashable {
        var time: UInt64
        var text: String

        init(_ record: LogRecord) {
            time = record.timestampNS
            text = record.line
        }
    }

    private func key(of line: LogRecord) async -> String? {
        let url =
            console + "/console/api/lines?query=\(PercentEncoding.encode(LogStreams.all))&from=\(line.timestampNS)"
            + "&to=\(line.timestampNS + 1)&limit=\(Self.mostAtOnce)"
        // Without its key the violation still names the line's service and span.
        guard let answer = try? await client.execute(HTTPClient.Request(url: url), timeout: .seconds(5)),
            answer.status == .ok, let found = (try? JSONValue(parsing: answer.body))?["lines"]?.array
        else { return nil }
        return found.first { candidate in
            guard let text = candidate["line"]?.string else { return false }
            // Long texts are cut, and end in an ellipsis then.
            return text == line.line || text.last == "…" && line.line.hasPrefix(text.dropLast())
        }?["key"]?.string
    }
}
