import Encoding
import FaultInjection
import HTTP

/// `/healthz`: the process is alive. `/readyz`: it takes requests, component by component, and
/// which fault rules are in force.
struct HealthRoutes: Sendable {
    static let alive = "/healthz"
    static let ready = "/readyz"

    let service: String
    let version: String
    let readiness: Readiness
    let faults: FaultInjector
    let started = ContinuousClock.now

    func add(to router: Router) {
        router.get(Self.alive) { _, _ in
            Response.json {
                $0.object {
                    $0.member("status", "alive")
                    $0.member("service", service)
                    $0.member("version", version)
                    $0.member("uptime_seconds", started.duration(to: .now).milliseconds / 1000)
                }
            }
        }
        router.get(Self.ready) { _, _ in answer(await report()) }
    }

    /// What the components say, and one more that fails where a rule says so.
    private func report() async -> Readiness.Report {
        var report = await readiness.probe()
        if let rule = faults.activate(.unready) {
            // Students see a component that fails like any other.
            let (name, error) =
                faults.isHidden ? ("admission", "not taking requests") : ("fault", "the rule '\(rule)' is in force")
            report.components.append(
                Readiness.Report.Component(name: name, isRequired: true, error: error, latency: .zero))
        }
        return report
    }

    private func answer(_ report: Readiness.Report) -> Response {
        Response.json(status: report.isReady ? .ok : .serviceUnavailable) {
            $0.object {
                $0.member("status", report.status)
                $0.member("service", service)
                $0.name("components")
                $0.array {
                    for component in report.components {
                        $0.object {
                            $0.member("name", component.name)
                            $0.member("status", component.error == nil ? "ok" : "failed")
                            $0.member("required", component.isRequired)
                            $0.member("latency_ms", component.latency.milliseconds)
                            if let error = component.error { $0.member("error", error) }
                        }
                    }
                }
                guard !faults.isHidden else { return }
                $0.name("faults")
                $0.array { for rule in faults.rulesInForce { $0.value(rule.description) } }
            }
        }
    }
}
