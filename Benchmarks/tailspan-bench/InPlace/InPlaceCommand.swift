import Arguments
import Encoding
import EventLoop

/// Measures telemetry inside a request.
struct InPlaceCommand: BenchCommand {
    static let configuration = CommandConfiguration(
        "in-place",
        abstract: "Measures what one more span and one more log line cost inside a request, on one thread, in CPU time")

    @Option("rounds", value: "N", .range(3...10_000), help: "How often each is measured, in turns.") var rounds = 51
    @Option("round-ms", value: "MS", .range(1...10_000), help: "How long each of these takes.") var roundMS = 40
    @Option("only", value: "NAME", help: "Runs one subject without measuring, for callgrind and perf.")
    var only: String?
    @Option("count", value: "N", .range(1...10_000_000), help: "How many requests --only runs.") var count = 1000

    /// How many spans or lines the slope is measured over.
    static let steps = 16

    func run(on loop: EventLoop) async throws -> String {
        if let only { return try await run(only, loop) }
        let names = ["off", "request", "database_spans", "internal_spans", "lines", "typical_off", "typical"]
        var subjects: [InPlaceSubject] = []
        for name in names { subjects.append(try Self.subject(name, loop)) }
        let paired = PairedRounds(rounds: rounds, nanosecondsPerRound: Double(roundMS) * 1e6)
        let times = try await paired.times(of: subjects.map { $0.run })
        for subject in subjects { try await subject.finish() }
        let byName = Dictionary(zip(names, times)) { first, _ in first }
        return JSONWriter.text { json in
            json.object { json in
                json.member("rounds", rounds)
                json.name("ns")
                json.object { json in for name in names { json.member(name, Ratio.median(byName[name] ?? [])) } }
                for name in ["database_spans", "internal_spans", "lines"] {
                    json.name("per_" + name.dropLast())
                    Spread(byName, name, minus: "request", over: Double(Self.steps)).write(to: &json)
                }
                json.name("per_request")
                Spread(byName, "request", minus: "off", over: 1).write(to: &json)
                json.name("per_typical_request")
                Spread(byName, "typical", minus: "typical_off", over: 1).write(to: &json)
            }
        }
    }

    /// A typical request has three spans of statements, one of its own, and two lines besides the request's own.
    private static func subject(_ name: String, _ loop: EventLoop) throws -> InPlaceSubject {
        switch name {
        case "off": try InPlaceSubject(loop: loop, isOn: false)
        case "request": try InPlaceSubject(loop: loop)
        case "database_spans": try InPlaceSubject(loop: loop, databaseSpans: steps)
        case "internal_spans": try InPlaceSubject(loop: loop, internalSpans: steps)
        case "lines": try InPlaceSubject(loop: loop, lines: steps)
        case "typical_off": try InPlaceSubject(loop: loop, isOn: false, databaseSpans: 3, internalSpans: 1, lines: 2)
        case "typical": try InPlaceSubject(loop: loop, databaseSpans: 3, internalSpans: 1, lines: 2)
        default: throw UnknownSubject(name: name)
        }
    }

    private func run(_ name: String, _ loop: EventLoop) async throws -> String {
        let subject = try Self.subject(name, loop)
        try await subject.run(count)
        try await subject.finish()
        return JSONWriter.text { json in json.object { $0.member("requests", count) } }
    }
}

private struct UnknownSubject: Error, CustomStringConvertible {
    let name: String
    var description: String { "there is no subject \(name)" }
}

/// The difference between two subjects in the same round, in nanoseconds.
private struct Spread {
    let values: [Double]

    init(_ times: [String: [Double]], _ name: String, minus base: String, over steps: Double) {
        values = zip(times[name] ?? [], times[base] ?? []).map { ($0 - $1) / steps }.sorted()
    }

    func write(to json: inout JSONWriter) {
        let edge = values.count / 20
        json.object {
            $0.member("ns", Ratio.median(values))
            $0.member("p5", values[edge])
            $0.member("p95", values[values.count - 1 - edge])
        }
    }
}
