import EventLoop
import HTTP
import Synchronization
import Vocabulary

/// How a part answers, beyond whether its process is running.
package enum PartHealth: String, Sendable, Equatable {
    case answers = "ready"
    /// It answers, but reports that it does not accept requests.
    case unready = "not ready"
    case silent = "not answering"
}

/// What is known of a part at one time.
package struct PartReading: Sendable, Equatable {
    package var health: PartHealth
    /// `nil` if it counts no requests, or has only been asked once.
    package var figures: PartFigures?
}

/// Polls the health of all parts about once per second. A part that hangs delays none of the others.
package struct StackMonitor: Sendable {
    /// The URLs to poll for a part.
    package struct Target: Sendable {
        var part: String
        /// Answers 200 if the part accepts requests.
        var readiness: String
        /// In Prometheus' text format; `nil` if its metrics are not of interest.
        var metrics: String?
    }

    package let targets: [Target]
    package let client: any HTTPTransport
    package let eventLoop: EventLoop
    var interval = Duration.seconds(1)
    /// A part that takes longer counts as not answering.
    var patience = Duration.seconds(1)

    package init(
        targets: [Target], client: any HTTPTransport, eventLoop: EventLoop, interval: Duration = .seconds(1),
        patience: Duration = .seconds(1)
    ) {
        self.targets = targets
        self.client = client
        self.eventLoop = eventLoop
        self.interval = interval
        self.patience = patience
    }

    /// The parts of a layout.
    package static func targets(_ layout: StackLayout) -> [Target] {
        var targets = layout.services.keys.sorted { $0.rawValue < $1.rawValue }.map { role in
            Target(
                part: role.rawValue, readiness: layout.url(of: role) + "/readyz",
                metrics: layout.url(of: role) + "/metrics")
        }
        if layout.stack == .pocket {
            targets.append(
                Target(part: StackLayout.pocketName, readiness: layout.lokiURL + "/ready", metrics: nil))
        }
        return targets
    }

    /// Polls until the task is cancelled. `tell` is called with every answer, or for the lack of one; `tick` once per
    /// interval.
    package func run(
        tick: @escaping @Sendable () -> Void, _ tell: @escaping @Sendable (_ part: String, PartReading) -> Void
    ) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    do { try await eventLoop.sleep(for: interval) } catch { return }
                    tick()
                }
            }
            for target in targets {
                group.addTask {
                    var window = FigureWindow()
                    let origin = ContinuousClock.now
                    while !Task.isCancelled {
                        let reading = await read(target, &window, since: origin)
                        guard !Task.isCancelled else { return }
                        tell(target.part, reading)
                        do { try await eventLoop.sleep(for: interval) } catch { return }
                    }
                }
            }
        }
    }

    private func read(
        _ target: Target, _ window: inout FigureWindow, since origin: ContinuousClock.Instant
    ) async -> PartReading {
        var figures: PartFigures?
        var isSilent = true
        if let metrics = target.metrics, let answer = await get(metrics) {
            isSilent = false
            if answer.status == .ok {
                let counters = PartCounters(metrics: String(decoding: answer.body, as: UTF8.self))
                figures = window.add(counters, at: origin.duration(to: .now))
            }
        }
        // A part that does not even return its counters is not asked for more expensive answers.
        if target.metrics != nil, isSilent { return PartReading(health: .silent) }
        guard let answer = await get(target.readiness) else {
            return PartReading(health: isSilent ? .silent : .unready, figures: figures)
        }
        return PartReading(health: answer.status == .ok ? .answers : .unready, figures: figures)
    }

    /// `nil` without an answer. The reason does not matter here: the part's own process reports it.
    private func get(_ url: String) async -> HTTPClient.Response? {
        try? await client.execute(HTTPClient.Request(url: url), timeout: patience)
    }
}
