import Foundation
import HTTP
import Testing

@testable import PocketStack

@Suite("The console's reading API in the pocket stack") struct ReadingStackTests {
    @Test func theConsolesPortAnswersForAllStores() async throws {
        try await LiveStack.run { (live) async throws in
            for path in ["/console/api/state", "/console/api/lines", "/loki/api/v1/labels", "/tempo/api/echo"] {
                #expect(try await live.get(\.console, path).status == .ok, "\(path)")
            }
        }
    }

    /// A page of another site can lead its own name to this address, and would then read everything.
    @Test func aForeignHostIsRefusedEverywhere() async throws {
        try await LiveStack.run { (live) async throws in
            for path in ["/console/api/state", "/loki/api/v1/labels", "/tempo/api/echo"] {
                let answer = try await live.client.execute(
                    HTTPClient.Request(
                        url: "http://127.0.0.1:\(live.stack.ports.console)\(path)", headers: ["host": "evil.example"]))
                #expect(answer.status.code == 421, "\(path)")
            }
        }
    }

    @Test func theServicesTokenIsReadFromTheEnvironment() throws {
        let folder = FileManager.default.temporaryDirectory
        #expect(try LiveStack.configuration(folder).adminToken == nil)
        #expect(try LiveStack.configuration(folder, ["ADMIN_TOKEN": "secret"]).adminToken == "secret")
    }
}
