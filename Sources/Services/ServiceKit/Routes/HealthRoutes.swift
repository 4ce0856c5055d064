import Encoding
import HTTP

/// `/healthz` reports whether the process is alive; `/readyz` whether it accepts requests, with the state of each
/// component.
struct HealthRoutes: Sendable {
    static let alive = "/healthz"
    static let ready = "/readyz"

    let service: String
    let version: String
    let readiness: Readiness
    /// Additional failing components; evaluated after each probe.
    let failures: @Sendable () -> [(component: String, error: String)]
    /// Writes additional members to the answer of `/readyz`.
    let writeMore: @Sendable (inout JSONWriter) -> Void
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

    private func report() async -> Readiness.Report {
        var report = await readiness.probe()
        for (name, error) in failures() {
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
                writeMore(&$0)
            }
        }
    }
}
