import Configuration
import Encoding
import EventLoop
import FaultControl
import FaultRules
import HTTP
import ServiceKit
import TraceContext
import Verification
import Vocabulary
import Workload

/// The services and stores that a replay is played on.
package struct ReplayStage: Sendable {
    package let journal: JournalClient
    package let gateway: String
    private let controls: [(role: ServiceRole, client: FaultControlClient)]
    private let tempo: String
    private let patience: Duration
    private let environment: Environment
    private let client: HTTPClient
    private let eventLoop: EventLoop
    private let readTrace: Read
    private let warn: @Sendable (String) -> Void

    /// Reads a trace and its lines; on a terminal it shows what it waits for.
    package typealias Read = @Sendable (_ id: String, _ patience: TraceReader.Patience) async throws -> TraceReading

    /// - Parameters:
    ///   - urls: the base URLs of the services.
    ///   - tempo: where `readTrace` looks for spans, for messages.
    ///   - patience: how long to wait for the new trace.
    ///   - environment: holds the tokens, `ADMIN_TOKEN` and `GATEWAY_TOKEN`.
    ///   - warn: receives one sentence for each thing that cannot be compared.
    package init(
        urls: [ServiceRole: String], tempo: String, patience: Duration, environment: Environment, client: HTTPClient,
        eventLoop: EventLoop, warn: @escaping @Sendable (String) -> Void, readTrace: @escaping Read
    ) {
        let token = environment.string(FaultControl.tokenVariable)
        gateway = urls[.gateway] ?? ""
        journal = JournalClient(baseURL: gateway, token: token, transport: client)
        controls = ServiceRole.allCases.map { role in
            (role, FaultControlClient(baseURL: urls[role] ?? "", token: token, client: client))
        }
        self.tempo = tempo
        self.patience = patience
        self.environment = environment
        self.client = client
        self.eventLoop = eventLoop
        self.warn = warn
        self.readTrace = readTrace
    }

    /// Why a trace that is not in the journal cannot be replayed.
    package func unknown(_ id: String, _ reason: String) async -> ReplayError {
        do {
            guard try await readTrace(id, .none).trace == nil else {
                return ReplayError(
                    "\(reason)\nIts spans are still at \(tempo), but the request itself is gone and cannot be sent again. "
                        + "To see them: tailspan trace \(id)")
            }
            return ReplayError("\(reason)\nThere is no such trace at \(tempo) either.")
        } catch {
            return ReplayError("\(reason)\nWhether its spans are still there cannot be said: \(error)")
        }
    }

    /// - Throws: ``ReplayError``, or `FaultControlError` if a service cannot be asked for its rules.
    package func plan(_ record: JournalRecord) async throws -> ReplayPlan {
        var services: [ReplayPlan.ServiceRules] = []
        for (role, client) in controls {
            guard try await client.get().acceptsFromRequests else {
                throw ReplayError(
                    "\(role.rawValue) at \(client.baseURL) does not let a request say what decides about it: "
                        + "start the services with FAULTS_FROM_REQUESTS=true, as 'tailspan up' does")
            }
            services.append(ReplayPlan.ServiceRules(role: role, history: try await client.history()))
        }
        var random = SystemRandomNumberGenerator()
        return try ReplayPlan(record, services: services, now: WallClock.system.now()) { random.next() }
    }

    /// Sends the request, and waits for its trace.
    /// - Parameter roots: sends the span of the request; `nil` for none.
    package func play(_ plan: ReplayPlan, _ roots: RootSpans?) async throws -> ReplayComparison {
        let old = Self.withoutCaller(try await read(plan.record.traceID, .usual)?.trace)
        let (status, duration) = try await send(plan, by: roots?.recording(client) ?? client)
        // The next step waits for the whole trace.
        _ = await roots?.flush()
        let isSampled = plan.record.traceFlags.utf8.last.flatMap { Hex.value($0) }.map { $0 & 1 == 1 } ?? false
        if !isSampled {
            warn("the request is not sampled: there are no spans to compare")
        } else if old == nil {
            warn("the spans of \(plan.record.traceID) are not at \(tempo): only answers and faults are compared")
        }
        let id = plan.traceID.description
        let new = isSampled ? Self.withoutCaller(try await read(id, .upTo(patience))?.trace) : nil
        if isSampled, new == nil { warn("no spans of the new trace \(id) came to \(tempo) in \(patience.text)") }
        let ledger = try await ledger()
        let before = ReplayComparison.Side(
            record: plan.record, ledger: ledger.filter { $0.traceID == plan.record.traceID }, trace: old)
        let ours = ledger.filter { $0.traceID == id }
        // The gateway's record is comparable for both requests; without one, the client's result is used.
        if let record = try await newRecord(id) {
            return ReplayComparison(
                before: before, after: ReplayComparison.Side(record: record, ledger: ours, trace: new))
        }
        return ReplayComparison(
            before: before,
            after: ReplayComparison.Side(traceID: id, status: status, duration: duration, ledger: ours, trace: new))
    }

    /// The log lines of both traces; empty where they are unavailable.
    package func lines(of comparison: ReplayComparison) async throws -> [LogRecord] {
        var result: [LogRecord] = []
        for trace in [comparison.before.trace, comparison.after.trace].compactMap({ $0 }) {
            guard let reading = try await read(trace.traceID, .none) else { continue }
            if let error = reading.withoutLines {
                warn("without log lines: \(error)")
                return result
            }
            result += reading.lines
        }
        return result
    }

    /// - Returns: the status, `nil` if the connection broke, and the duration.
    private func send(_ plan: ReplayPlan, by transport: any HTTPTransport) async throws -> (Int?, Duration) {
        // A request that was refused for lack of a token is sent without one again.
        let token = plan.record.status == 401 ? nil : environment.string("GATEWAY_TOKEN")
        let started = ContinuousClock.now
        do {
            let answer = try await transport.execute(plan.request(to: gateway, token: token), timeout: .seconds(60))
            return (answer.status.code, ContinuousClock.now - started)
        } catch let error as HTTPClientError {
            if error.neverConnected { throw ReplayError("no gateway answers at \(gateway): \(error)") }
            // The broken answer may be the very thing being replayed.
            return (nil, ContinuousClock.now - started)
        }
    }

    /// The journal's record of the new request. It is written shortly after the answer.
    private func newRecord(_ id: String) async throws -> JournalRecord? {
        for _ in 0..<20 {
            if case .records(let records) = try await journal.requests(of: id) { return records.first }
            try await eventLoop.sleep(for: .milliseconds(100))
        }
        return nil
    }

    /// The trace once it is complete, or what there is when the patience ends. The caller's spans are not compared, so
    /// they are not waited for.
    private func read(_ id: String, _ patience: TraceReader.Patience) async throws -> TraceReading? {
        do {
            return try await readTrace(id, patience)
        } catch let error as BackendError {
            warn("\(error)")
            return nil
        }
    }

    /// The trace without the caller's spans: the replay has another caller. `nil` if nothing is left.
    private static func withoutCaller(_ trace: TraceData?) -> TraceData? {
        guard var trace else { return nil }
        trace.spans.removeAll { $0.parentSpanID == nil && $0.kind == .client }
        return trace.spans.isEmpty ? nil : trace
    }

    private func ledger() async throws -> [FaultLedger.Entry] {
        var entries: [FaultLedger.Entry] = []
        for (role, client) in controls {
            do { entries += try await client.ledger() } catch let error as FaultControlError {
                // The service may just have crashed on purpose.
                warn("without the ledger of \(role.rawValue): \(error)")
            }
        }
        return entries
    }
}
