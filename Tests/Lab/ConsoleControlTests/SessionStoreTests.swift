import FileSystem
import Glibc
import Logging
import ServiceTesting
import Testing

@testable import ConsoleControl

@Suite("The file that keeps the state of incidents")
struct SessionStoreTests {
    private static func withFolder(_ body: (String) throws -> Void) throws {
        let folder = "/tmp/tailspan-store-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        try Files.makeFolder(folder)
        let result = Result { try body(folder) }
        try Files.remove(folder)
        try result.get()
    }

    @Test("The folder is made when something is to be kept, and a file that is not there is no trouble")
    func theFolderIsMade() throws {
        try Self.withFolder { folder in
            let log = InMemoryLogHandler()
            let path = folder + "/not/yet/there.json"
            let store = SessionStore(path: path, logger: Logger(label: "test", handler: log))
            try store.change { $0.playing = "unsettled-tasks" }
            #expect(SessionStore(path: path, logger: .noOp).value.playing == "unsettled-tasks")
            #expect(log.entries.isEmpty)
        }
    }

    @Test(
        "A damaged file is put aside with a warning, and not overwritten",
        arguments: [#"{"playing":"unsettled-ta"#, "[]", ""])
    func aDamagedFileIsPutAside(_ text: String) throws {
        try Self.withFolder { folder in
            let log = InMemoryLogHandler()
            let path = folder + "/state.json"
            try Files.write(text, to: path)
            let store = SessionStore(path: path, logger: Logger(label: "test", handler: log))
            #expect(store.value == SessionStore.Contents())
            try store.change { $0.playing = "another" }
            #expect(Files.text(path + ".broken") == text)
            #expect(log.entries.map(\.level) == [.warning])
        }
    }

    @Test("What cannot be read is put aside too")
    func whatCannotBeReadIsPutAside() throws {
        try Self.withFolder { folder in
            let path = folder + "/state.json"
            // A folder in its place is unreadable even for root.
            try Files.makeFolder(path + "/inside")
            let store = SessionStore(path: path, logger: .noOp)
            try store.change { $0.playing = "another" }
            #expect(Files.names(in: path + ".broken") == ["inside"])
        }
    }
}
