import EventLoop
import HTTP
import Synchronization

/// How a part answers, beyond whether its process runs.
package enum PartHealth: String, Sendable, Equatable {
    case answers = "ready"
    /// It answers, but says that it takes no requests.
    case unready = "not ready"
    case silent = "not answering"
}

/// What is known of a part at a moment.
package struct PartReading: Sendable, Equatable {
    package var health: PartHealth
    /// `nil` if it answers no requests that are counted, or is asked for the first time.
    package var figures: PartFigures?
}

/// Asks all parts about once a second how they are. One that hangs delays none of the others.
package struct StackMonitor: Sendable {
    /// Where a part is asked.
    package struct Target: Sendable {
        var part: String
        /// Answers 200 if it takes requests.
        var readiness: String
        /// In Prometheus' text format; `nil` if it has none that is of interest.
        var metrics: String?
    }

    package let targets: [Target]
    package let client: any HTTPTransport
    package let eventLoop: EventLoop
    var interval = Duration.seconds(1)
    /// A part that takes longer does not answer.
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

    /// Asks until the task is cancelled. `tell` is called with every answer, and with its absence; `tick` once an
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
        // Who does not even tell its counters is not asked for what takes longer.
        if target.metrics != nil, isSilent { return PartReading(health: .silent) }
        guard let answer = await get(target.readiness) else {
            return PartReading(health: isSilent ? .silent : .unready, figures: figures)
        }
        return PartReading(health: answer.status == .ok ? .answers : .unready, figures: figures)
    }

    /// `nil` if nothing came: why does not matter here, the part's own process says what happened to it.
    private func get(_ url: String) async -> HTTPClient.Response? {
        try? await client.execute(HTTPClient.Request(url: url), timeout: patience)
    }
}
