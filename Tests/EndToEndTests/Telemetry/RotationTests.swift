import Contracts
import HTTP
import ServiceTesting
import Testing
import Verification

@testable import tailspan

@Suite("Rotation in mid-traffic")
struct RotationTests {
    @Test("Every line that was written is stored once, however often the files were rotated meanwhile")
    func noLineIsLost() async throws {
        try await withTemporaryFolder { folder in
            try await withPocket(data: folder, logs: folder + "/logs") { pocket in
                let environment = [
                    "LOG_DIR": folder + "/logs", "LOG_STDOUT": "false", "LOG_MAX_BYTES": "4096",
                    "LOG_MAX_FILES": "1000",
                ]
                try await withFourServices(environment: environment, telemetryIsReal: true) { services in
                    try await withThrowingTaskGroup { group in
                        for worker in 0..<4 {
                            group.addTask {
                                for number in 0..<20 {
                                    let trace = traceID(worker * 100 + number)
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
                    try await eventually(within: .seconds(20), "as many lines are stored as were written") {
                        var written = 0.0
                        for role in ServiceRole.allCases {
                            let samples = try await services.metrics(role)
                            #expect(samples.sum("tailspan_log_lines_dropped_total") == 0)
                            written += samples.sum("tailspan_log_lines_written_total") { $0["sink"] == "file" }
                        }
                        let stored = try await pocket.lines().count
                        return written > 80 * 4 && Double(stored) == written
                    }
                }
                let lines = try await pocket.lines()
                for worker in 0..<4 {
                    for number in 0..<20 {
                        let trace = traceID(worker * 100 + number)
                        #expect(Set(lines.filter { $0.traceID == trace }.compactMap(\.service)).count == 4)
                    }
                }
            }
        }
    }
}
