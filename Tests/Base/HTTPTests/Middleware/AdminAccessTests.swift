import Encoding
import HTTP
import Testing

@Suite("Access to the control API of a service")
struct AdminAccessTests {
    private static func request(_ address: String?, _ headers: HTTPFields = [:]) -> Request {
        Request(uri: "/admin/faults", headers: headers, remoteAddress: address)
    }

    @Test(
        "The machine of the service has access",
        arguments: ["127.0.0.1", "127.255.1.2", "::1", "::ffff:127.0.0.1", "::FFFF:127.0.0.1", nil])
    func theMachineOfTheServiceHasAccess(address: String?) {
        #expect(AdminAccess(token: nil).refusal(of: Self.request(address)) == nil)
        #expect(AdminAccess(token: "secret").refusal(of: Self.request(address)) == nil)
    }

    @Test(
        "Other machines are refused",
        arguments: [
            "10.0.0.1", "128.0.0.1", "::2", "", "127", "127.0.0.1.example.org", "127.0.0.999", "1127.0.0.1", "fe80::1",
            "::ffff:10.0.0.1", "localhost",
        ])
    func otherMachinesAreRefused(address: String) throws {
        let refusal = try #require(AdminAccess(token: nil).refusal(of: Self.request(address)))
        #expect(refusal.status == .forbidden && refusal.headers["content-type"] == "application/problem+json")
        let problem = try JSONValue(parsing: refusal.body)
        #expect(problem["type"] == "urn:tailspan:problem:admin-only")
        #expect(problem["detail"]?.string?.hasSuffix("which is not set here") == true)
    }

    @Test("The token gives other machines access, and no similar text does")
    func onlyTheExactTokenGivesAccess() {
        let access = AdminAccess(token: "secret")
        func isRefused(_ value: String) -> Bool {
            access.refusal(of: Self.request("10.0.0.1", ["authorization": value])) != nil
        }
        #expect(!isRefused("Bearer secret"))
        for value in [
            "", "secret", "Bearer", "Bearer ", "Bearer secre", "Bearer secrets", "bearer secret", "Bearer Secret",
        ] {
            #expect(isRefused(value), "\(value)")
        }
        #expect(AdminAccess(token: nil).refusal(of: Self.request("10.0.0.1", ["authorization": "Bearer "])) != nil)
    }

    @Test(
        "A request by a proxy or by a page of another site does not count as local",
        arguments: ["forwarded", "x-forwarded-for", "x-real-ip", "via", "origin", "sec-fetch-site"])
    func requestsOnBehalfOfOthersAreRefused(field: String) {
        let request = Self.request("127.0.0.1", [field: "cross-site"])
        #expect(AdminAccess(token: nil).refusal(of: request) != nil)
        // An address typed into a browser is.
        #expect(AdminAccess(token: nil).refusal(of: Self.request("127.0.0.1", ["sec-fetch-site": "none"])) == nil)
    }

    @Test(
        "A foreign name that resolves to this machine is refused",
        arguments: [
            ("localhost:8080", true), ("127.0.0.1:8080", true), ("[::1]:8080", true), ("LOCALHOST", true),
            ("evil.example:8080", false), ("127.0.0.1.evil.example", false), ("[2001:db8::1]:80", false),
            ("localhost:x@evil.example", false), ("localhost:80@evil.example", false),
            ("localhost@evil.example", false),
            ("localhost.evil.example", false), ("localhost:80:80", false), ("[::1]@evil.example", false),
            ("[::1", false),
            ("127.0.0.1:99999", false), ("", false), ("localhost,evil.example", false), ("0.0.0.0:8080", false),
            ("localhost.", false),
        ])
    func aReboundNameIsRefused(host: String, isAllowed: Bool) {
        let request = Self.request("127.0.0.1", ["host": host])
        #expect((AdminAccess(token: nil).refusal(of: request) == nil) == isAllowed)
    }
}
