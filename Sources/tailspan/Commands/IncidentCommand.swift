import CommandLine
import Contracts
import Incidents

/// All that is done with incidents.
struct IncidentCommand: Command {
    static let configuration = CommandConfiguration(
        "incident", abstract: "Plays incidents that are known in advance, and asks what you made of them",
        discussion: """
            An incident is a file: a story, a load, what goes wrong and when, what must be seen of it, and questions with \
            their answers. The same seed hits the same requests, at any speed and on any machine.
            """,
        examples: [
            .init("tailspan incident run unsettled-tasks && tailspan incident check unsettled-tasks", ""),
            .init("tailspan incident answer unsettled-tasks", "Asks its questions, one after the other."),
        ],
        section: "Use",
        subcommands: [
            IncidentListCommand.self, IncidentShowCommand.self, IncidentRunCommand.self, IncidentCheckCommand.self,
            IncidentAnswerCommand.self, IncidentReplayCommand.self,
        ])
}

/// Where incidents are kept: shared by all commands that read them.
struct IncidentFileOptions: ArgumentContainer {
    @Option("incidents", value: "FOLDER", .notEmpty, help: "Where the incidents' files are.")
    var folder = "incidents"

    var library: IncidentLibrary { IncidentLibrary(folder: folder) }

    /// A name that is none is a mistake in the command line, told before anything is begun.
    func expectReadable(_ name: String) throws(UsageError) {
        do throws(IncidentError) { _ = try library.incident(name) } catch { throw UsageError(error.description) }
    }
}

/// Where what is left of a run is kept.
struct IncidentRunOptions: ArgumentContainer {
    @Option(
        "runs", value: "FOLDER", .notEmpty, help: "Where each incident's last run is kept, in a folder of its name.")
    var folder = ".tailspan/incidents"

    func folder(of name: String) -> IncidentRunFolder { IncidentRunFolder(path: folder + "/" + name) }
}

/// The files of one run.
struct IncidentRunFolder: Sendable {
    let path: String

    /// What the run was, and what came of it.
    var record: String { path + "/run.json" }
    /// Every injection once, sorted.
    var ledger: String { path + "/ledger.ndjson" }
    /// What became of each request.
    var requests: String { path + "/requests.ndjson" }
    /// Of an own run.
    var logs: String { path + "/logs" }
    var data: String { path + "/data" }
    /// Holds no logs: for a store that is opened to be read.
    var empty: String { path + "/empty" }

    /// The record of the last run.
    /// - Throws: ``IncidentError`` if there is none.
    func readRecord(of name: String) throws(IncidentError) -> RunRecord {
        guard let bytes = Files.read(record) else {
            throw IncidentError("\(name) has not been run: there is no \(record); run 'tailspan incident run \(name)'")
        }
        return try RunRecord(parsing: bytes, file: record)
    }

}
