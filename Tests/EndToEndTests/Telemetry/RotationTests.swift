import HTTP
import ServiceTesting
import Testing
import Verification
import Vocabulary

@testable import FileSystem

@Suite("The rotation of log files under load")
struct RotationTests {
    @Test("Every line is stored once, however often the files are rotated")
    func everyLineIsStoredOnceAcrossRotations() async throws {
        try await withTemporaryFolder { folder in
            try await withPocket(data: folder, logs: folder + "/logs") { pocket in
                let environment = [
                    "LOG_DIR": folder + "/logs", "LOG_STDOUT": "false", "LOG_MAX_BYTES": "4096",
                    "LOG_MAX_FILES": "1000",
                ]
                try await withFourServices(environment: environment, telemetryIsReal: true) { services in
                    // Files that are followed already: of what was rotated away before anybody looked, nothing is said.
                    let first = try await services.client.createTask(services.url(.gateway))
                    #expect(first.status == .created)
                    try await eventually("every file is followed") {
                        Set(try await pocket.lines().compactMap(\.service)).count == ServiceRole.allCases.count
                    }
                    try await withThrowingTaskGroup { group in
                        for worker in 0..<4 {
                            group.addTask {
                                for number in 0..<20 {
                                    let trace = traceID(worker * 20 + number)
                                    let answer = try await services.client.createTask(
                                        services.url(.gateway), traceID: trace)
                                    #expect(answer.status == .created)
                                }
                            }
                        }
                        try await group.waitForAll()
                    }
                    for role in ServiceRole.allCases {
                        #expect(Files.names(in: "\(folder)/logs/\(role)").count > 3, "\(role) was rotated")
                    }
                    // A line is written once its answer has been sent.
                    try await eventually("all lines are counted") {
                        try await Self.linesWritten(services) == Self.linesInFiles(folder)
                    }
                    let written = try await Self.linesWritten(services)
                    #expect(written > 80 * 4)
                    do {
                        try await eventually { try await pocket.lines().count == written }
                    } catch is ConditionNotMet {
                        Issue.record("\(try await pocket.lines().count) of \(written) lines are stored")
                    }
                }
                let lines = try await pocket.lines()
                let incomplete = (0..<80).map { traceID($0) }.filter { trace in
                    Set(lines.filter { $0.traceID == trace }.compactMap(\.service)).count != ServiceRole.allCases.count
                }
                #expect(incomplete.isEmpty)
            }
        }
    }

    private static func linesWritten(_ services: FourServices) async throws -> Int {
        var written = 0
        for role in ServiceRole.allCases {
            let samples = try await services.metrics(role)
            #expect(samples.sum("tailspan_log_lines_dropped_total") == 0)
            written += Int(samples.sum("tailspan_log_lines_written_total") { $0["sink"] == "file" })
        }
        return written
    }

    /// How many lines the services' files have together, rotated ones included.
    private static func linesInFiles(_ folder: String) -> Int {
        ServiceRole.allCases.reduce(0) { sum, role in
            let path = "\(folder)/logs/\(role)"
            return Files.names(in: path).reduce(sum) { sum, name in
                sum + (Files.read(path + "/" + name) ?? []).count { $0 == UInt8(ascii: "\n") }
            }
        }
    }
}
