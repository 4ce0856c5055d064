import Encoding
import HTTP
import Vocabulary
import Workload

/// Waits until everything that a verification queries answers: a port forward or a stack may just have been started.
struct TargetWait: Sendable {
    private typealias Target = (name: String, url: String)

    private let asked: [Target]
    private let grafana: [Target]
    private let patience: Duration
    private let transport: any HTTPTransport
    private let clock: LoadClock

    init(_ configuration: VerificationConfiguration, transport: any HTTPTransport, clock: LoadClock) {
        var targets: [Target] = ServiceRole.allCases.compactMap { role in
            configuration.services[role].map { (role.rawValue, $0 + "/healthz") }
        }
        targets.append(("Loki", configuration.loki + "/ready"))
        targets.append(("Tempo", configuration.tempo + "/ready"))
        asked = targets
        if case .grafana(let url, _) = configuration.provisioning {
            grafana = [("Grafana", url + "/api/health")]
        } else {
            grafana = []
        }
        patience = configuration.patience
        self.transport = transport
        self.clock = clock
    }

    /// Waits for the Grafana whose links are checked, if there is one.
    func forGrafana(_ progress: @Sendable (VerificationProgress) -> Void) async throws {
        try await wait(for: grafana, progress)
    }

    /// Waits for services and stores.
    /// - Throws: ``VerificationError`` that names what did not answer; `CancellationError`.
    func forAll(_ progress: @Sendable (VerificationProgress) -> Void) async throws {
        try await wait(for: asked, progress)
    }

    private func wait(for targets: [Target], _ progress: @Sendable (VerificationProgress) -> Void) async throws {
        guard !targets.isEmpty else { return }
        progress(VerificationProgress(.waitingForTargets, 0, of: targets.count))
        let end = clock.now() + patience
        var waiting = targets
        var reasons: [String: String] = [:]
        while true {
            let answers = try await concurrently(waiting, limit: waiting.count) { try await silence(of: $0.url) }
            for (target, reason) in zip(waiting, answers) { reasons[target.name] = reason }
            waiting = zip(waiting, answers).filter { $1 != nil }.map(\.0)
            guard !waiting.isEmpty else { return }
            progress(
                VerificationProgress(
                    .waitingForTargets, targets.count - waiting.count, of: targets.count,
                    subject: waiting.map(\.name).joined(separator: ", ")))
            guard clock.now() < end else { break }
            try await clock.sleepUntil(min(clock.now() + .milliseconds(250), end))
        }
        let list = waiting.map { "\($0.name) at \($0.url): \(reasons[$0.name] ?? "no answer")" }
        throw VerificationError("no answer within \(patience.text) of " + list.joined(separator: "; "))
    }

    /// Why there is no answer; `nil` for any answer, whatever its content: the reader of the content judges it.
    private func silence(of url: String) async throws -> String? {
        do {
            _ = try await transport.execute(HTTPClient.Request(url: url), timeout: .seconds(2))
            return nil
        } catch let error as CancellationError {
            throw error
        } catch {
            return String(describing: error)
        }
    }
}
