import FaultRules
import FileSystem
import HTTP
import Vocabulary
import Workload

/// Plays an incident on a stage, and records the results.
package struct IncidentPlay: Sendable {
    package let incident: Incident
    package let folder: IncidentRunFolder
    package var options: IncidentRun.Options
    package let isHidden: Bool
    let clock: LoadClock

    /// A run and where it is stored.
    package struct Outcome: Sendable {
        package var record: RunRecord
        package var report: RunReport
        package var folder: IncidentRunFolder
    }

    /// Where the run's lines and spans are.
    package struct Stores: Sendable {
        package var loki: String
        package var tempo: String
        /// Their tenant, where the stores keep several tenants apart.
        package var tenant: Tenant?

        package init(loki: String, tempo: String, tenant: Tenant? = nil) {
            self.loki = loki
            self.tempo = tempo
            self.tenant = tenant
        }
    }

    package init(
        _ incident: Incident, folder: IncidentRunFolder, options: IncidentRun.Options, isHidden: Bool, clock: LoadClock
    ) {
        self.incident = incident
        self.folder = folder
        self.options = options
        self.isHidden = isHidden
        self.clock = clock
    }

    /// The rules for single requests, which are set before the run.
    package var rules: [FaultRule] { options.withFaults ? incident.requestRules(seed: options.seed) : [] }

    /// Runs the incident on a stage that is prepared.
    /// - Parameter roots: sends the spans of the requests, and is finished with the run; `nil` for none.
    package func run(
        on stage: any IncidentStage, _ client: HTTPClient, _ roots: RootSpans?,
        progress: @escaping @Sendable (IncidentRun.Progress) -> Void
    ) async throws -> IncidentRun.Result {
        let run = IncidentRun(
            incident, options: options, stage: stage, transport: roots?.recording(client) ?? client, clock: clock)
        let played: Result<IncidentRun.Result, any Error>
        do { played = .success(try await run.run(progress: progress)) } catch { played = .failure(error) }
        let counts = await roots?.finish()
        var result = try played.get()
        result.load.spans = counts
        return result
    }

    /// Writes the files of the run.
    /// - Parameters:
    ///   - lines: what the services' ledgers say of the run.
    ///   - end: when everything was stored, in nanoseconds since the Unix epoch.
    package func finish(
        _ result: IncidentRun.Result, on stage: any IncidentStage, _ mode: RunRecord.Mode, lines: [LedgerLine],
        _ stores: Stores, end: UInt64
    ) throws -> Outcome {
        let ledger = ReducedLedger(lines, traces: Set(result.outcomes.map(\.request.traceID)))
        let isOwn = mode == .own
        var record = RunRecord(
            incident: incident.name, mode: mode, window: result.startedAt..<end, seed: options.seed ?? incident.seed,
            number: options.number, speed: options.speed, withFaults: options.withFaults, isHidden: isHidden,
            loki: stores.loki, tempo: stores.tempo,
            urls: stage.urls, dataFolder: isOwn ? folder.data : nil, logFolder: isOwn ? folder.logs : nil,
            metrics: result.metrics)
        record.tenant = stores.tenant
        let report = RunReport(
            result: result, ledger: ledger, restarts: stage.restarts, number: options.number, isHidden: isHidden)
        try Files.write(ledger.text, to: folder.ledger)
        try Files.write(report.requestsText, to: folder.requests)
        try Files.write(record.text(report), to: folder.record)
        return Outcome(record: record, report: report, folder: folder)
    }
}
