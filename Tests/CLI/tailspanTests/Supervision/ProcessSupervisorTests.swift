import EventLoop
import Glibc
import HTTP
import Logging
import Synchronization
import Testing

@testable import Supervision

/// Everything that a supervisor told, as short texts.
private final class Record: Sendable {
    let lines = Lines()

    func add(_ event: SupervisorEvent) {
        switch event {
        case .state(let part, let state): lines.append("\(part) \(state)")
        case .line(let part, .output, let line): lines.append("\(part)> \(line)")
        case .line(let part, .errors, let line): lines.append("\(part)! \(line)")
        case .died(let part, let status): lines.append("\(part) died: \(status)")
        }
    }

    var all: [String] { lines.all }
    var states: [String] { all.filter { !$0.contains(">") && !$0.contains("!") } }
}

@Suite("The supervisor of processes")
struct ProcessSupervisorTests {
    /// A part that says when it has begun, and ends when told to.
    private static let obedient = "trap 'echo ending; exit 0' TERM; echo begun; while :; do sleep 0.01; done"

    private func part(_ name: String, _ script: String, ready: [String] = []) -> PartSpec {
        PartSpec(
            name: name, program: ProgramSpec("/bin/sh", ["-c", script], environment: ["PATH": "/usr/bin:/bin"]),
            readinessURLs: ready)
    }

    private func supervise(
        _ body: @escaping @Sendable (ProcessSupervisor, Record, EventLoop) async throws -> Void
    ) async throws {
        try await withLoop { eventLoop in
            let record = Record()
            let client = HTTPClient(eventLoop: eventLoop)
            let supervisor = ProcessSupervisor(eventLoop: eventLoop, client: client) { _, event in record.add(event) }
            try await body(supervisor, record, eventLoop)
            supervisor.killAll()
            await supervisor.stop(order: [])
            await client.shutdown()
        }
    }

    @Test("A part is ready once its URL answers 200")
    func aPartIsReadyOnceItsURLAnswers200() async throws {
        try await supervise { supervisor, record, eventLoop in
            let isReady = Atomic(false)
            let router = Router()
            router.get("/readyz") { _, _ in
                Response(status: isReady.load(ordering: .relaxed) ? .ok : .serviceUnavailable)
            }
            let server = HTTPServer(
                configuration: .init(), responder: router.buildResponder(), eventLoop: eventLoop,
                logger: .noOp)
            try await server.start()
            try supervisor.start(part("a", Self.obedient, ready: ["http://127.0.0.1:\(server.port)/readyz"]))
            let tooEarly = await #expect(throws: StartError.self) {
                try await supervisor.waitUntilReady(deadline: .milliseconds(100))
            }
            #expect(tooEarly?.description.hasPrefix("a is not ready after 100 ms (http://127.0.0.1:") == true)
            isReady.store(true, ordering: .relaxed)
            try await supervisor.waitUntilReady(deadline: .seconds(20))
            #expect(record.states == ["a starting", "a ready"])
            await server.shutdown()
        }
    }

    @Test("A part that ends before it is ready is reported with its standard error")
    func aPartThatEndsBeforeItIsReadyIsReported() async throws {
        try await supervise { supervisor, record, eventLoop in
            try supervisor.start(part("good", Self.obedient, ready: ["http://127.0.0.1:1/"]))
            try supervisor.start(part("bad", "echo first >&2; echo PORT=x: expected a number >&2; exit 1"))
            let bad = "bad ended with exit code 1 before it was ready:\n    first\n    PORT=x: expected a number"
            try await record.lines.wait(for: "bad died", on: eventLoop)
            let error = await #expect(throws: StartError.self) {
                try await supervisor.waitUntilReady(deadline: .seconds(20))
            }
            #expect(error?.description == bad)
        }
    }

    @Test("Parts stop in order, each is waited for, and all their output arrives")
    func partsStopInOrderAndTheirOutputArrives() async throws {
        try await supervise { supervisor, record, eventLoop in
            for name in ["pocket", "payments", "gateway", "other"] { try supervisor.start(part(name, Self.obedient)) }
            try await supervisor.waitUntilReady(deadline: .seconds(20))
            for name in ["pocket", "payments", "gateway", "other"] {
                try await record.lines.wait(for: "\(name)> begun", on: eventLoop)
            }
            await supervisor.stop(
                order: ["gateway", "payments"], receiver: "pocket", patience: .seconds(20), headStart: .seconds(20))
            let tail = record.all.drop { $0 != "gateway draining" }
            let expected = ["gateway", "payments", "other", "pocket"].flatMap {
                ["\($0) draining", "\($0)> ending", "\($0) stopped"]
            }
            #expect(Array(tail) == expected)
            #expect(!record.all.contains { $0.contains("died") })
        }
    }

    @Test(
        "A slow part delays the next ones only for a while, and receivers of telemetry stop last"
    )
    func aSlowPartDelaysTheNextOnlyForAWhile() async throws {
        try await supervise { supervisor, record, eventLoop in
            try supervisor.start(part("slow", "trap '' TERM; echo begun; while :; do sleep 0.01; done"))
            for name in ["quick", "last"] { try supervisor.start(part(name, Self.obedient)) }
            for name in ["slow", "quick", "last"] {
                try await record.lines.wait(for: "\(name)> begun", on: eventLoop)
            }
            await supervisor.stop(
                order: ["slow", "quick"], receiver: "last", patience: .milliseconds(400), headStart: .milliseconds(20))
            #expect(
                record.states.filter { !$0.hasSuffix("starting") } == [
                    "slow draining", "quick draining", "quick stopped", "slow exited with signal 9 (Killed)",
                    "last draining", "last stopped",
                ])
        }
    }

    @Test("The last part is not delayed where nobody receives the others' telemetry")
    func theLastPartIsNotDelayedWithoutAReceiver() async throws {
        try await supervise { supervisor, record, eventLoop in
            try supervisor.start(part("slow", "trap '' TERM; echo begun; while :; do sleep 0.01; done"))
            try supervisor.start(part("last", Self.obedient))
            for name in ["slow", "last"] { try await record.lines.wait(for: "\(name)> begun", on: eventLoop) }
            await supervisor.stop(
                order: ["slow", "last"], receiver: "nobody", patience: .seconds(1), headStart: .milliseconds(20))
            #expect(
                record.states.filter { !$0.hasSuffix("starting") } == [
                    "slow draining", "last draining", "last stopped", "slow exited with signal 9 (Killed)",
                ])
        }
    }

    @Test("A death is reported, and stopping ends the other parts")
    func aDeathIsReportedAndStoppingEndsTheOthers() async throws {
        try await supervise { supervisor, record, eventLoop in
            try supervisor.start(part("a", Self.obedient))
            try supervisor.start(part("b", "read line; kill -9 $$"))
            try await record.lines.wait(for: "b died", on: eventLoop)
            #expect(record.all.contains("b died: signal 9 (Killed)"))
            try await record.lines.wait(for: "a> begun", on: eventLoop)
            await supervisor.stop(order: ["b", "a"])
            #expect(record.all.last == "a stopped")
            #expect(supervisor.states.allSatisfy { $0.state.hasExited })
        }
    }

    @Test("A death is reported with the last output, and a restarted part keeps its place")
    func aDeathIsReportedWithTheLastOutput() async throws {
        try await withLoop { eventLoop in
            let deaths = Mutex<[Death]>([])
            let client = HTTPClient(eventLoop: eventLoop)
            let supervisor = ProcessSupervisor(eventLoop: eventLoop, client: client) { _, event in
                if case .died(_, let death) = event { deaths.withLock { $0.append(death) } }
            }
            try supervisor.start(part("a", "for i in 1 2 3 4 5 6 7 8 9; do echo out$i; done; echo oops >&2; exit 3"))
            try supervisor.start(part("b", Self.obedient))
            let start = ContinuousClock.now
            while deaths.withLock({ $0.isEmpty }), start.duration(to: .now) < .seconds(20) {
                try await eventLoop.sleep(for: .milliseconds(5))
            }
            let death = try #require(deaths.withLock { $0.first })
            #expect(death.exit == .code(3))
            #expect(death.lastLines.count == 8)
            #expect(Set(death.lastLines.map(\.text)).isSuperset(of: ["out9", "oops"]))
            try await supervisor.restart(part("a", Self.obedient), deadline: .seconds(20))
            #expect(supervisor.states.map(\.name) == ["a", "b"])
            await supervisor.stop(order: [])
            await client.shutdown()
        }
    }

    @Test("A part that does not stop in time is killed")
    func aPartThatDoesNotStopIsKilled() async throws {
        try await supervise { supervisor, record, eventLoop in
            try supervisor.start(part("a", "trap '' TERM; echo begun; while :; do sleep 0.01; done"))
            try await record.lines.wait(for: "begun", on: eventLoop)
            await supervisor.stop(order: ["a"], patience: .milliseconds(50))
            #expect(record.states.suffix(2) == ["a draining", "a exited with signal 9 (Killed)"])
        }
    }

    @Test("A second Ctrl-C kills all parts while one is waited for")
    func aSecondSignalKillsAllParts() async throws {
        try await supervise { supervisor, record, eventLoop in
            for name in ["a", "b"] {
                try supervisor.start(part(name, "trap '' TERM; echo begun; while :; do sleep 0.01; done"))
                try await record.lines.wait(for: "\(name)> begun", on: eventLoop)
            }
            let stopping = Task(executorPreference: eventLoop) { await supervisor.stop(order: ["a", "b"]) }
            try await record.lines.wait(for: "a draining", on: eventLoop)
            supervisor.killAll()
            await stopping.value
            #expect(supervisor.states.map(\.state) == [.exited(.signal(SIGKILL)), .exited(.signal(SIGKILL))])
            #expect(!record.all.contains { $0.contains("died") })
        }
    }
}
