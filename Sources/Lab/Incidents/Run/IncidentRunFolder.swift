import FileSystem

/// The files of one run.
package struct IncidentRunFolder: Sendable {
    package let path: String

    package init(path: String) { self.path = path }

    /// The run's parameters and results.
    package var record: String { path + "/run.json" }
    /// Every injection once, sorted.
    package var ledger: String { path + "/ledger.ndjson" }
    /// The outcome of each request.
    package var requests: String { path + "/requests.ndjson" }
    /// Only for a run in an environment of its own.
    package var logs: String { path + "/logs" }
    package var data: String { path + "/data" }
    /// Holds no logs: lets a store be opened only for reading.
    package var empty: String { path + "/empty" }

    /// The record of the last run.
    /// - Throws: ``IncidentError`` if there is none.
    package func readRecord(of name: String) throws(IncidentError) -> RunRecord {
        guard let bytes = Files.read(record) else {
            throw IncidentError("\(name) has not been run: there is no \(record); run 'tailspan incident run \(name)'")
        }
        return try RunRecord(parsing: bytes, file: record)
    }
}
