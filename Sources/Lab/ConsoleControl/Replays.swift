import Configuration
import Encoding
import EventLoop
import FaultControl
import HTTP
import Replay
import ServiceKit
import Synchronization
import TraceContext
import Verification
import Vocabulary
import Workload

/// Sends an earlier request again, and compares what became of it.
struct Replays: Sendable {
    let urls: [ServiceRole: String]
    let tempo: @Sendable () -> String
    let environment: Environment
    let client: HTTPClient
    let eventLoop: EventLoop
    let traffic: Traffic
    let reader: @Sendable () -> TraceReader
    let incidents: PlayedIncidents

    /// How long the new trace may take to arrive.
    private static let patience = Duration.seconds(20)

    func replay(_ text: String) async throws -> Response {
        guard let id = TraceID(text)?.description else {
            throw HTTPError(.badRequest, type: "invalid-trace", message: "expected a trace id of 32 hex digits")
        }
        let isConcealed = incidents.concealed != nil
        // The new trace must not be marked while an incident is to be found out.
        if isConcealed { try await incidents.silence() }
        let warnings = Mutex<[String]>([])
        let reader = reader()
        let stage = ReplayStage(
            urls: urls, tempo: tempo(), patience: Self.patience, environment: environment, client: client,
            eventLoop: eventLoop, warn: { text in warnings.withLock { $0.append(text) } },
            // The caller's spans are not compared, so they are not waited for.
            readTrace: { try await reader.read($0, $1, awaitsCaller: false) })
        do {
            let record = try await record(id, stage)
            let plan: ReplayPlan
            do { plan = try await stage.plan(record) } catch {
                // What is wrong with the rules of the time names them.
                if isConcealed, (error as? FaultControlError)?.isUnreachable != true { throw Self.concealedReason }
                throw error
            }
            let roots = traffic.roots(.incident)
            let played: Result<ReplayComparison, any Error>
            do { played = .success(try await stage.play(plan, roots)) } catch { played = .failure(error) }
            _ = await roots?.finish()
            let comparison = try played.get()
            // Warnings tell of rules.
            return Self.response(
                comparison, warnings: isConcealed ? [] : plan.warnings + warnings.withLock { $0 },
                isConcealed: isConcealed)
        } catch let error as ReplayError {
            throw HTTPError(.conflict, type: "not-replayable", message: error.description)
        }
    }

    private static let concealedReason = ReplayError(
        "the request cannot be sent again; why would give an incident away that has open questions")

    private func record(_ id: String, _ stage: ReplayStage) async throws -> JournalRecord {
        switch try await stage.journal.requests(of: id) {
        case .records(let records):
            guard let record = records.first else { throw ReplayError("the trace has no request") }
            return record
        case .unknown(let reason): throw await stage.unknown(id, reason)
        }
    }

    private static func response(_ comparison: ReplayComparison, warnings: [String], isConcealed: Bool) -> Response {
        .json { (json: inout JSONWriter) in
            json.object {
                $0.member("trace", comparison.after.traceID)
                $0.member("same", comparison.isSame)
                for (name, side) in [("before", comparison.before), ("after", comparison.after)] {
                    $0.name(name)
                    $0.object {
                        $0.member("trace", side.traceID)
                        $0.optional("status", side.status)
                        $0.name("duration")
                        if let duration = side.duration { $0.value(duration.wholeNanoseconds) } else { $0.null() }
                        $0.texts("faults", isConcealed ? [] : side.faults.keys.sorted())
                    }
                }
                $0.texts("differences", differences(comparison, isConcealed: isConcealed))
                $0.texts("warnings", warnings)
            }
        }
    }

    /// What differs, in sentences without a full stop.
    private static func differences(_ comparison: ReplayComparison, isConcealed: Bool) -> [String] {
        var texts: [String] = []
        if !comparison.isSameStatus {
            texts.append("the status: \(comparison.before.statusText), then \(comparison.after.statusText)")
        }
        if !isConcealed {
            for id in comparison.missingFaults { texts.append("the fault \(id) hit only the first") }
            for id in comparison.newFaults { texts.append("the fault \(id) hit only the second") }
            for id in comparison.changedFaults { texts.append("the fault \(id) had another value") }
        }
        for count in comparison.spanCounts { texts.append("\(count.span): \(count.before) spans, then \(count.after)") }
        for time in comparison.spanTimes {
            texts.append("\(time.span): \(time.before.text), then \(time.after.text)")
        }
        return texts
    }
}
