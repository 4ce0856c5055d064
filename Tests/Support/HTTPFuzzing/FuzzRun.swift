import Glibc
import HTTPConformance

/// Mutates the entries of both tables, a given number of times.
package struct FuzzRun: Sendable {
    /// What was done.
    package struct Report: Sendable, CustomStringConvertible {
        package var requests = 0
        package var responses = 0
        package var accepted = 0
        package var refused = 0
        /// How many of them also went through a real server, or a real client.
        package var served = 0
        package var received = 0
        package var findings: [String] = []

        package var description: String {
            "\(requests) requests (\(served) of them to a server), \(responses) responses (\(received) of them to a client): "
                + "\(accepted) accepted, \(refused) refused, \(findings.count) findings"
        }
    }

    /// The number of requests and of responses.
    package var count = 200_000
    package var seed: UInt64 = 0x7461_696C_7370_616E
    /// One message in so many also goes through a socket.
    package var share = 20
    /// The seconds after which a message hangs.
    package var patience: UInt32 = 60

    package init() {}

    /// Ends the process with a message if one trial does not end.
    private func watch() { alarm(patience) }

    /// - Parameter folder: an empty one, for sockets.
    /// - Throws: if server or client cannot be started.
    package func run(folder: String) async throws -> Report {
        signal(SIGALRM) { _ in
            let text: StaticString = "http-fuzz: a message hangs\n"
            write(2, text.utf8Start, text.utf8CodeUnitCount)
            abort()
        }
        defer { alarm(0) }
        var report = Report()
        var fuzzing = ParserFuzzing()
        let connections = try await ConnectionFuzzing(folder: folder)
        let requests = Mutator(seed: seed, RequestCase.all.map(\.bytes))
        let responses = Mutator(seed: ~seed, ResponseCase.all.map(\.bytes))
        for number in 0..<count where report.findings.count < 20 {
            if number % 256 == 0 { watch() }
            do {
                let trial = try fuzzing.request(requests)
                if number % share == 0 {
                    report.served += 1
                    try Self.naming(trial) { try connections.request(trial, requests.pieces(trial.message)) }
                }
            } catch {
                report.findings.append("request \(number): \(error)")
            }
            do {
                let trial = try fuzzing.response(responses)
                if number % share == 0 {
                    report.received += 1
                    let cut: Cut =
                        trial.message.count > 400 ? .each(333) : [.whole, .each(1), .each(5)][number / share % 3]
                    do { try await connections.response(trial, cut) } catch { throw Self.named(trial, error) }
                }
            } catch {
                report.findings.append("response \(number): \(error)")
            }
        }
        await connections.stop()
        (report.requests, report.responses) = (fuzzing.requests, fuzzing.responses)
        (report.accepted, report.refused) = (fuzzing.accepted, fuzzing.refused)
        return report
    }

    private static func naming(_ trial: Trial, _ body: () throws -> Void) throws {
        do { try body() } catch { throw named(trial, error) }
    }

    private static func named(_ trial: Trial, _ error: any Error) -> Trouble {
        Trouble("\(error)\n  the message: \(latin1(trial.message).debugDescription)")
    }
}
