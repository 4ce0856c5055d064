import Arguments
import Incidents

/// The parent of all incident commands.
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

/// The folder of incidents: shared by all commands that read them.
struct IncidentFileOptions: ArgumentContainer {
    @Option("incidents", value: "FOLDER", .notEmpty, help: "Where the incidents' files are.")
    var folder = "incidents"

    var library: IncidentLibrary { IncidentLibrary(folder: folder) }

    /// Reports an unknown name as a usage error, before anything is started.
    func expectReadable(_ name: String) throws(UsageError) {
        do throws(IncidentError) { _ = try library.incident(name) } catch { throw UsageError(error.description) }
    }
}

/// The folder of runs.
struct IncidentRunOptions: ArgumentContainer {
    @Option(
        "runs", value: "FOLDER", .notEmpty, help: "Where each incident's last run is kept, in a folder of its name.")
    var folder = ".tailspan/incidents"

    func folder(of name: String) -> IncidentRunFolder { IncidentRunFolder(path: folder + "/" + name) }
}
