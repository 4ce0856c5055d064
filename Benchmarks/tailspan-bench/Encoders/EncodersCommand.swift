import Arguments
import Encoding
import EventLoop

/// Measures a log line and a span.
struct EncodersCommand: BenchCommand {
    static let configuration = CommandConfiguration(
        "encoders", abstract: "Measures what a log line and a span cost, on one thread, in CPU time and allocations")

    @Option("folder", value: "FOLDER", .notEmpty, help: "Where a log file may be written.") var folder: String
    @Option("rounds", value: "N", .range(1...1000), help: "How often each is measured, in turns.") var rounds = 15
    @Option("round-ms", value: "MS", .range(1...10_000), help: "How long each of these takes.") var roundMS = 60

    func run(on loop: EventLoop) async throws -> String {
        let (lines, spans) = (try LogSubjects(folder: folder, loop: loop), SpanSubjects())
        let measurement = Measurement(rounds: rounds, nanosecondsPerRound: Double(roundMS) * 1e6)
        let costs = measurement.costs(of: lines.all + spans.all)
        return JSONWriter.text { json in
            json.object { json in
                json.member("bytes_per_span", spans.bytesPerSpan)
                for (name, cost) in costs {
                    json.name(name)
                    json.object { json in
                        json.member("ns", cost.nanoseconds)
                        json.member("allocations", cost.allocations)
                        json.name("rounds")
                        json.array { json in for round in cost.rounds { json.value(round) } }
                    }
                }
            }
        }
    }
}

extension JSONWriter {
    /// The output of `body` as text.
    static func text(_ body: (inout JSONWriter) -> Void) -> String {
        var json = JSONWriter()
        body(&json)
        return String(decoding: json.bytes, as: UTF8.self)
    }
}
