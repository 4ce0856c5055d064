import HTTP
import Testing

@Suite("Names and addresses of hosts")
struct HostAddressTests {
    @Test(
        "A loopback name always means this machine, whatever a name server says",
        arguments: [
            ("localhost", true), ("pocket.localhost", true), ("127.0.0.1", true), ("127.1.2.3", true), ("::1", true),
            ("[::1]", true), ("127.evil.example", false), ("127.0.0.1.evil.example", false), ("notlocalhost", false),
            ("127.0.0", false), ("127.0.0.256", false), ("10.0.0.1", false), ("[::2]", false), ("", false),
        ])
    func aLoopbackNameAlwaysMeansThisMachine(name: String, isLoopback: Bool) {
        #expect(HostAddress.isLoopback(name) == isLoopback)
    }
}
