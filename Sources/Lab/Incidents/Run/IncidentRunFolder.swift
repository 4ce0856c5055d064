import FileSystem

/// The files of one run.
package struct IncidentRunFolder: Sendable {
    package let path: String

    package init(path: String) { self.path = path }

    /// What the run was, and what came of it.
    package var record: String { path + "/run.json" }
    /// Every injection once, sorted.
    package var ledger: String { path + "/ledger.ndjson" }
    /// What became of each request.
    package var requests: String { path + "/requests.ndjson" }
    /// Of an own run.
    package var logs: String { path + "/logs" }
    package var data: String { path + "/data" }
    /// Holds no logs: for a store that is opened to be read.
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
