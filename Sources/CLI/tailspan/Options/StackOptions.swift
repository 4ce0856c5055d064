import Arguments
import Supervision
import Terminal

/// The ports of the parts: shared by the commands that start them.
struct PortOptions: ArgumentContainer {
    @Option(
        "ports-base", value: "PORT", .range(1024...65_000),
        help: "Uses the ports from here on instead of the usual ones: services, Loki, Tempo, OTLP, console.")
    var base: Int?
    @Flag("random-ports", help: "Uses free ports instead of the usual ones.") var random

    func validate() throws(UsageError) {
        if random, base != nil { throw UsageError("expected --ports-base or --random-ports, not both") }
    }

    /// Assigns the requested ports to the layout.
    func apply(to layout: inout StackLayout) throws {
        if random {
            layout.use(try Ports.free(StackLayout.portCount))
        } else if let base {
            layout.use((0..<StackLayout.portCount).map { base + $0 })
        }
    }
}

extension StackSession {
    /// Whether nothing prevents a start; otherwise prints what does, and what to do about it.
    func isUnobstructed(_ tools: Tools) -> Bool {
        let obstacles = obstacles()
        for obstacle in obstacles { tools.fail(obstacle) }
        guard !obstacles.isEmpty else { return true }
        tools.err.line("Stop what uses them, or choose other ports with --random-ports or --ports-base 18080.")
        return false
    }
}
