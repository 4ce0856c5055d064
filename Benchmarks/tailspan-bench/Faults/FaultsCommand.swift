import Arguments
import Encoding
import EventLoop

/// Measures the cost of idle fault injection.
struct FaultsCommand: BenchCommand {
    static let configuration = CommandConfiguration(
        "faults", abstract: "Measures a request with and without the fault injector, idle, on one thread, in CPU time")

    @Option("rounds", value: "N", .range(3...10_000), help: "How often each is measured, in turns.") var rounds = 101
    @Option("round-ms", value: "MS", .range(1...10_000), help: "How long each of these takes.") var roundMS = 20

    func run(on loop: EventLoop) async throws -> String {
        let subjects = try RequestSubjects(loop: loop)
        let all = [
            subjects.without(), subjects.without(), subjects.idle(), subjects.idle(journal: 1000),
            subjects.idle(isOpen: true),
        ]
        let paired = PairedRounds(rounds: rounds, nanosecondsPerRound: Double(roundMS) * 1e6)
        let memory = try await paired.times(of: all.map { $0.run })
        var live: [LiveSubject] = []
        for subject in all { live.append(try await subject.live()) }
        let socket = try await paired.times(of: live.map { $0.run })
        for subject in live { await subject.close() }
        return JSONWriter.text { json in
            json.object { json in
                json.member("rounds", rounds)
                json.name("in_memory")
                Self.write(memory, to: &json)
                json.name("over_a_socket")
                Self.write(socket, to: &json)
            }
        }
    }

    /// Compares each with its neighbour in the same round, so that variations of the machine cancel out. The first two
    /// are the same code: the difference between them is the noise.
    private static func write(_ times: [[Double]], to json: inout JSONWriter) {
        let noise = Ratio(times[1], times[0])
        let idle = Ratio(times[2], times[0])
        json.object { json in
            json.name("ns")
            json.object { json in
                json.member("without", Ratio.median(times[0] + times[1]))
                json.member("idle", Ratio.median(times[2]))
                json.member("idle_and_journal", Ratio.median(times[3]))
                json.member("open", Ratio.median(times[4]))
            }
            let ratios = [
                ("noise", noise), ("idle", idle), ("journal", Ratio(times[3], times[2])),
                ("open", Ratio(times[4], times[0])),
            ]
            for (name, ratio) in ratios {
                json.name(name)
                ratio.write(to: &json)
            }
            json.member("within_noise", noise.band.contains(idle.median))
        }
    }
}

/// The extra cost of one relative to the other, over the rounds.
struct Ratio {
    let median: Double
    /// From the 5th to the 95th percentile of the rounds.
    let band: ClosedRange<Double>

    init(_ times: [Double], _ base: [Double]) {
        let ratios = zip(times, base).map { $0 / $1 }.sorted()
        median = Self.median(ratios)
        let edge = ratios.count / 20
        band = ratios[edge]...ratios[ratios.count - 1 - edge]
    }

    static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }

    func write(to json: inout JSONWriter) {
        json.object {
            $0.member("ratio", median)
            $0.member("p5", band.lowerBound)
            $0.member("p95", band.upperBound)
        }
    }
}
