import EventLoop
import Glibc
import HTTP
import Synchronization
import Terminal

/// A part of the environment that runs as a process.
package struct PartSpec: Sendable {
    var name: String
    var program: ProgramSpec
    /// URLs that answer 200 once the part is ready; empty if it is ready once started.
    var readinessURLs: [String]
}

/// The state of a part.
package enum PartState: Sendable, Equatable, CustomStringConvertible {
    case starting
    case ready
    /// Was asked to end; finishing its work.
    case draining
    case exited(ProcessExit)

    package var description: String {
        switch self {
        case .starting: "starting"
        case .ready: "ready"
        case .draining: "draining"
        case .exited(.code(0)): "stopped"
        case .exited(let status): "exited with \(status)"
        }
    }
}

/// An event from a supervisor.
package enum SupervisorEvent: Sendable {
    case state(part: String, PartState)
    case line(part: String, ChildProcess.Stream, String)
    /// A part ended that was not asked to.
    case died(part: String, Death)
}

/// The unexpected end of a part.
package struct Death: Sendable, CustomStringConvertible {
    package var exit: ProcessExit
    /// How long it had been running.
    package var lifetime: Duration = .zero
    /// Its last lines of output.
    package var lastLines: [(stream: ChildProcess.Stream, text: String)] = []

    package var description: String { exit.description }
}

/// Parts that did not become ready; says which, and their last lines on standard error.
package struct StartError: Error, CustomStringConvertible {
    package var description: String
}

/// Starts parts, monitors them, and stops them in order. Restarts nothing by itself.
package final class ProcessSupervisor: Sendable {
    private struct Part {
        var spec: PartSpec
        var process: ChildProcess
        var state: PartState
        /// Completes once the process has ended and the event has been reported.
        var end: Task<Void, Never>?
        var isDone = false
        /// The last lines on standard error, at most ``keptLines``.
        var lastErrors: [String] = []
        /// The last lines on either stream, at most ``keptLines``.
        var lastLines: [(stream: ChildProcess.Stream, text: String)] = []
        let started = ContinuousClock.now

        mutating func keep(_ line: String, of stream: ChildProcess.Stream, limit: Int) {
            if lastLines.count == limit { lastLines.removeFirst() }
            lastLines.append((stream, line))
            guard stream == .errors else { return }
            if lastErrors.count == limit { lastErrors.removeFirst() }
            lastErrors.append(line)
        }
    }

    private static let keptLines = 8

    private let eventLoop: EventLoop
    private let client: HTTPClient
    private let onEvent: @Sendable (ProcessSupervisor, SupervisorEvent) -> Void
    private let parts = Mutex<[Part]>([])

    /// `onEvent` is called from any thread, mostly the loop's.
    package init(
        eventLoop: EventLoop, client: HTTPClient,
        onEvent: @escaping @Sendable (ProcessSupervisor, SupervisorEvent) -> Void
    ) {
        self.eventLoop = eventLoop
        self.client = client
        self.onEvent = onEvent
    }

    /// The parts and their states, in the order in which they were started.
    package var states: [(name: String, state: PartState)] { parts.withLock { $0.map { ($0.spec.name, $0.state) } } }

    package func start(_ spec: PartSpec) throws(SpawnError) {
        let process = try ChildProcess(spec.program, on: eventLoop) { [weak self] stream, line in
            self?.received(line, stream, from: spec.name)
        }
        let part = Part(spec: spec, process: process, state: .starting)
        parts.withLock { parts in
            // A restarted part keeps its position.
            let place = parts.firstIndex { $0.spec.name == spec.name }
            if let place { parts[place] = part } else { parts.append(part) }
        }
        onEvent(self, .state(part: spec.name, .starting))
        let end = Task(executorPreference: eventLoop) { [weak self] in
            let status = await process.waitForExit()
            self?.ended(spec.name, status)
            self?.parts.withLock { parts in
                guard let index = parts.firstIndex(where: { $0.process === process }) else { return }
                parts[index].isDone = true
            }
        }
        parts.withLock { parts in
            guard let index = parts.firstIndex(where: { $0.spec.name == spec.name }) else { return }
            parts[index].end = end
        }
    }

    /// Waits until all parts, or only the given one, are ready.
    /// - Throws: ``StartError`` if that takes longer than `deadline` or a part ends; `CancellationError`.
    package func waitUntilReady(only name: String? = nil, deadline: Duration) async throws {
        let start = ContinuousClock.now
        while true {
            let waiting = parts.withLock { parts in
                parts.filter { $0.state == .starting && $0.spec.name == name ?? $0.spec.name }.map(\.spec)
            }
            if waiting.isEmpty { break }
            for spec in waiting where await isReady(spec) { set(spec.name, .ready, from: .starting) }
            if let gone = firstEnded(of: name) { throw StartError(description: gone) }
            if states.allSatisfy({ $0.state != .starting }) { break }
            if start.duration(to: .now) > deadline { throw StartError(description: unready(deadline)) }
            try await eventLoop.sleep(for: .milliseconds(50))
        }
        if let gone = firstEnded(of: name) { throw StartError(description: gone) }
    }

    /// Stops the parts in the given order; parts not named follow, those started last first. Each has a head start over
    /// the next, so that it can finish with the help of those it calls.
    /// - Parameters:
    ///   - receiver: a part that is stopped only after all others have ended: it receives what they still send.
    ///   - patience: a part is killed if it has not ended this long after the first was asked to; the receiver, if it has not
    ///     ended this long after it was asked itself, but after at most 2.5 s.
    ///   - headStart: the longest time to wait for the end of one part before the next is stopped.
    package func stop(
        order: [String], receiver: String? = nil, patience: Duration = .seconds(7),
        headStart: Duration = .milliseconds(500)
    ) async {
        let names = parts.withLock { $0.map(\.spec.name) }
        let all = order.filter(names.contains) + names.reversed().filter { !order.contains($0) }
        let deadline = ContinuousClock.now + patience
        await withTaskGroup { group in
            for name in all where name != receiver {
                group.addTask(executorPreference: eventLoop) { await self.stop(name, patience: deadline - .now) }
                let next = ContinuousClock.now + headStart
                while !isDone(name), .now < next {
                    do { try await eventLoop.sleep(for: .milliseconds(20)) } catch { break }
                }
            }
        }
        guard let receiver, names.contains(receiver) else { return }
        await stop(receiver, patience: min(patience, .milliseconds(2500)))
    }

    private func isDone(_ name: String) -> Bool {
        parts.withLock { $0.first { $0.spec.name == name }?.isDone ?? true }
    }

    /// Stops one part, if it is running, and starts it with `spec`; waits until it is ready.
    /// - Throws: as ``start(_:)`` and ``waitUntilReady(deadline:)``.
    func restart(_ spec: PartSpec, deadline: Duration) async throws {
        await stop(spec.name, patience: .seconds(12))
        try start(spec)
        try await waitUntilReady(only: spec.name, deadline: deadline)
    }

    private func stop(_ name: String, patience: Duration) async {
        let killer = set(name, .draining, from: .starting, .ready).map { process in
            process.send(SIGTERM)
            return Task(executorPreference: eventLoop) { [eventLoop] in
                try await eventLoop.sleep(for: patience)
                process.send(SIGKILL)
            }
        }
        await parts.withLock { $0.first { $0.spec.name == name }?.end }?.value
        killer?.cancel()
    }

    package func killAll() {
        let processes = parts.withLock { parts in
            for index in parts.indices where !parts[index].state.hasExited { parts[index].state = .draining }
            return parts.map(\.process)
        }
        for process in processes { process.send(SIGKILL) }
    }

    private func received(_ line: String, _ stream: ChildProcess.Stream, from name: String) {
        parts.withLock { parts in
            guard let index = parts.firstIndex(where: { $0.spec.name == name }) else { return }
            parts[index].keep(line, of: stream, limit: Self.keptLines)
        }
        onEvent(self, .line(part: name, stream, line))
    }

    private func ended(_ name: String, _ status: ProcessExit) {
        let death: Death? = parts.withLock { parts in
            guard let index = parts.firstIndex(where: { $0.spec.name == name }) else { return nil }
            defer { parts[index].state = .exited(status) }
            guard parts[index].state != .draining else { return nil }
            return Death(
                exit: status, lifetime: parts[index].started.duration(to: .now), lastLines: parts[index].lastLines)
        }
        onEvent(self, .state(part: name, .exited(status)))
        if let death { onEvent(self, .died(part: name, death)) }
    }

    /// Sets a part's state if the current one is among `before`; returns its process in that case.
    @discardableResult
    private func set(_ name: String, _ state: PartState, from before: PartState...) -> ChildProcess? {
        let process: ChildProcess? = parts.withLock { parts in
            guard let index = parts.firstIndex(where: { $0.spec.name == name }), before.contains(parts[index].state)
            else { return nil }
            parts[index].state = state
            return parts[index].process
        }
        if process != nil { onEvent(self, .state(part: name, state)) }
        return process
    }

    private func isReady(_ spec: PartSpec) async -> Bool {
        for url in spec.readinessURLs {
            // Any failure means: not yet. Only the deadline ends the waiting.
            let answer = try? await client.execute(HTTPClient.Request(url: url), timeout: .seconds(1))
            guard answer?.status == .ok else { return false }
        }
        return true
    }

    private func firstEnded(of name: String?) -> String? {
        parts.withLock { parts in
            for part in parts where part.spec.name == name ?? part.spec.name {
                guard case .exited(let status) = part.state else { continue }
                return "\(part.spec.name) ended with \(status) before it was ready" + Self.quoted(part.lastErrors)
            }
            return nil
        }
    }

    private func unready(_ deadline: Duration) -> String {
        parts.withLock { parts in
            parts.filter { $0.state == .starting }.map { part in
                "\(part.spec.name) is not ready after \(deadline.short)"
                    + " (\(part.spec.readinessURLs.joined(separator: ", ")))" + Self.quoted(part.lastErrors)
            }.joined(separator: "\n")
        }
    }

    private static func quoted(_ lines: [String]) -> String {
        lines.isEmpty
            ? "; it wrote nothing to standard error" : ":\n" + lines.map { "    " + $0 }.joined(separator: "\n")
    }
}

extension PartState {
    package var hasExited: Bool { if case .exited = self { true } else { false } }
}
