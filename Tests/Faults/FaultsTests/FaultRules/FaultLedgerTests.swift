import Encoding
import Foundation
import Synchronization
import Testing

@testable import FaultRules

@Suite("The fault ledger")
struct FaultLedgerTests {
    /// A folder of its own, removed at the end.
    private final class Folder: Sendable {
        let url = FileManager.default.temporaryDirectory.appending(path: "ledger-\(UUID().uuidString)")
        var file: URL { url.appending(path: "a/b/faults.ndjson") }
        func lines() throws -> [JSONValue] {
            try Data(contentsOf: file).split(separator: UInt8(ascii: "\n")).map { try JSONValue(parsing: Array($0)) }
        }
        deinit {
            // A test that has failed before it made the folder leaves nothing to remove.
            try? FileManager.default.removeItem(at: url)
        }
    }

    private static func entry(_ rule: String = "r") -> FaultLedger.Entry {
        FaultLedger.Entry(
            time: 1_767_225_600_123_456_789, traceID: "4bf92f3577b34da6a3ce929d0e0e4736", requestID: "req-1",
            service: "payments", operation: "reserve", rule: rule, kind: "latency", value: "120ms")
    }

    private static func quiet(_ text: String) { Issue.record("reported: \(text)") }

    @Test("Entries are numbered from one and can be read after any number")
    func entriesAreNumberedFromOne() {
        let ledger = FaultLedger(path: nil, report: Self.quiet)
        #expect(ledger.entries().isEmpty && ledger.count == 0)
        for index in 1...5 { ledger.append(Self.entry("r\(index)")) }
        #expect(ledger.entries().map(\.number) == [1, 2, 3, 4, 5])
        #expect(ledger.entries(after: 3).map(\.rule) == ["r4", "r5"])
        #expect(ledger.entries(after: 5).isEmpty)
    }

    @Test("Memory keeps only the newest entries, with their numbers")
    func memoryKeepsTheNewestEntries() {
        let ledger = FaultLedger(path: nil, report: Self.quiet)
        let many = FaultLedger.capacity * 2 + 17
        for _ in 0..<many { ledger.append(Self.entry()) }
        let kept = ledger.entries()
        #expect((FaultLedger.capacity / 2...FaultLedger.capacity).contains(kept.count))
        #expect(kept.last?.number == many && ledger.count == many)
        #expect(kept.map(\.number) == Array(many - kept.count + 1...many))
    }

    @Test("A line holds the whole entry and reads back")
    func aLineHoldsTheWholeEntryAndReadsBack() throws {
        var json = JSONWriter()
        var entry = Self.entry()
        entry.number = 7
        entry.write(to: &json)
        #expect(
            json.string == """
                {"number":7,"time":"2026-01-01T00:00:00.123456Z","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736",\
                "request_id":"req-1","service":"payments","operation":"reserve","rule":"r","kind":"latency","value":"120ms"}
                """)
        var read = try #require(FaultLedger.Entry(try JSONValue(parsing: json.bytes)))
        read.time = entry.time
        #expect(read == entry)
        #expect(FaultLedger.Entry(["number": 1]) == nil)
        var bare = JSONWriter()
        FaultLedger.Entry(time: 0, service: "tasks", rule: "u", kind: "unready", value: "").write(to: &bare)
        #expect(
            bare.string
                == #"{"number":0,"time":"1970-01-01T00:00:00.000000Z","service":"tasks","rule":"u","kind":"unready"}"#)
    }

    @Test("The file is created with its folders, kept over restarts, and created again after its removal")
    func theFileIsCreatedKeptAndRecreated() throws {
        let folder = Folder()
        for start in 1...2 {
            let ledger = FaultLedger(path: folder.file.path, report: Self.quiet)
            ledger.append(Self.entry("start-\(start)"))
            ledger.append(Self.entry("again-\(start)"))
        }
        #expect(
            try folder.lines().compactMap { $0["rule"]?.string } == ["start-1", "again-1", "start-2", "again-2"])
        let ledger = FaultLedger(path: folder.file.path, report: Self.quiet)
        ledger.append(Self.entry())
        try FileManager.default.removeItem(at: folder.url)
        ledger.append(Self.entry("after"))
        #expect(try folder.lines().compactMap { $0["rule"]?.string } == ["after"])
    }

    @Test("A truncated line does not spoil the next one")
    func aTruncatedLineDoesNotSpoilTheNext() throws {
        let folder = Folder()
        try FileManager.default.createDirectory(
            at: folder.file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data("{\"number\":1,\"ti".utf8).write(to: folder.file)
        FaultLedger(path: folder.file.path, report: Self.quiet).append(Self.entry())
        let lines = try Data(contentsOf: folder.file).split(separator: UInt8(ascii: "\n"))
        #expect(lines.count == 2)
        #expect(try JSONValue(parsing: Array(lines[1]))["rule"]?.string == "r")
    }

    @Test(
        "A file that cannot be written is reported once, and entries stay in memory",
        arguments: ["/proc/no/such", "/dev/full"])
    func anUnwritableFileIsReportedOnce(path: String) {
        let reports = Mutex<[String]>([])
        let ledger = FaultLedger(path: path) { text in reports.withLock { $0.append(text) } }
        for _ in 0..<3 { ledger.append(Self.entry()) }
        let said = reports.withLock { $0 }
        #expect(said.count == 1)
        #expect(said.first?.hasPrefix("the fault ledger \(path) cannot be written: ") == true)
        #expect(ledger.entries().count == 3)
    }

    @Test("Lines stay whole when many threads and two ledgers append to one file at once")
    func linesStayWholeUnderConcurrency() async throws {
        let folder = Folder()
        let ledgers = (0..<2).map { _ in FaultLedger(path: folder.file.path, report: Self.quiet) }
        await withTaskGroup(of: Void.self) { group in
            for worker in 0..<8 {
                group.addTask {
                    for index in 0..<250 { ledgers[worker % 2].append(Self.entry("w\(worker)-\(index)")) }
                }
            }
        }
        let rules = try folder.lines().compactMap { $0["rule"]?.string }
        #expect(rules.count == 2000 && Set(rules).count == 2000)
        #expect(ledgers.allSatisfy { $0.entries().map(\.number) == Array(1...1000) })
    }
}
