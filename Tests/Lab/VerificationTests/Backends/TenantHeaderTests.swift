import HTTP
import Testing
import Vocabulary

@testable import Verification

/// The tenant whose data a client asks for.
@Suite("The tenant header of the backends' clients") struct TenantHeaderTests {
    private static let streams = #"{"data":{"resultType":"streams","result":[]}}"#

    /// The tenant of every request that is sent to Loki and Tempo.
    private func tenants(_ tenant: Tenant?) async throws -> [String?] {
        let transport = FakeTransport { request in
            .init(.ok, request.url.contains("/loki/") ? Self.streams : "{}")
        }
        let loki = LokiClient(baseURL: "http://loki:3100", tenant: tenant, transport: transport)
        let tempo = TempoClient(baseURL: "http://tempo:3200", tenant: tenant, transport: transport)
        _ = try await loki.lines(traceID: "ab", in: 0..<1)
        _ = try? await loki.value("1", at: 1)
        _ = try await tempo.search("{}", in: 0..<1, limit: 1)
        _ = try? await tempo.trace(id: "ab")
        _ = try? await tempo.count("{}", in: 0..<1)
        return transport.requests.map { $0.headers["X-Scope-OrgID"] }
    }

    @Test("Every request names the tenant, and has no tenant header without one")
    func everyRequestNamesTheTenant() async throws {
        let room = try await tenants(Tenant("room-a"))
        #expect(room.count >= 5)
        #expect(room.allSatisfy { $0 == "room-a" })
        #expect(try await tenants(nil).allSatisfy { $0 == nil })
    }

    @Test("A store that requires a tenant is reported in its words, with what to do")
    func aStoreThatRequiresATenantGetsAdvice() async throws {
        let tempo = TempoClient(
            baseURL: "http://tempo:3200", transport: FakeTransport { _ in .init(.unauthorized, "no org id\n") })
        let error = await #expect(throws: BackendError.self) { _ = try await tempo.trace(id: "ab") }
        #expect(
            error?.reason
                == "answered 401: no org id; it keeps tenants apart: name yours with --tenant or TENANT")
    }

    @Test("Another refusal gets no advice about tenants")
    func anotherRefusalGetsNoTenantAdvice() async throws {
        let tempo = TempoClient(
            baseURL: "http://tempo:3200", transport: FakeTransport { _ in .init(.unauthorized, "who are you?") })
        let error = await #expect(throws: BackendError.self) { _ = try await tempo.trace(id: "ab") }
        #expect(error?.reason == "answered 401: who are you?")
    }
}
