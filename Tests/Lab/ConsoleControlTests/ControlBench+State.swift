import FileSystem
import Glibc

extension ControlBench {
    /// The state in which an incident was played, with open questions.
    static let openIncident = """
        {"playing":null,"silenced":["tasks","payments"],"sessions":{"unsettled-tasks":{"hints":0,"tries":{},
        "played":{"run":1,"start":"1795192321000000000","end":"1795192396000000000","failures":31}}}}
        """

    /// Runs `body` with a folder in which the state of incidents is kept, and is `state`.
    static func withState(_ state: String, _ body: (String) async throws -> Void) async throws {
        let folder = "/tmp/tailspan-state-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        try Files.makeFolder(folder)
        try Files.write(state, to: folder + "/console-incidents.json")
        let result: Result<Void, any Error>
        do { result = .success(try await body(folder)) } catch { result = .failure(error) }
        try Files.remove(folder)
        try result.get()
    }
}
