import Glibc
import Testing

@testable import Supervision

@Suite("The ports of the machine")
struct PortsTests {
    @Test("Listening sockets are read from the kernel's table")
    func listeningSocketsAreReadFromTheKernelsTable() {
        let table = """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 41234 1 0 100 0
               1: 0100007F:1F91 0100007F:C000 01 00000000:00000000 00:00000000 00000000  1000        0 41235 1 0 20 4
            garbage
            """
        let listeners = Ports.listeners(in: table)
        #expect(listeners.map(\.port) == [8080])
        #expect(listeners.map(\.inode) == [41234])
    }

    @Test("A port on which this process listens is taken by this process")
    func aPortOfThisProcessIsTakenByIt() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        try #require(listen(descriptor, 1) == 0)
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(descriptor, $0, &length) }
        }
        let port = Int(UInt16(bigEndian: address.sin_port))
        #expect(!Ports.isFree(port))
        let owner = try #require(Ports.owner(of: port))
        #expect(owner.pid == Int(getpid()))
        #expect(owner.command?.isEmpty == false)
        #expect(owner.description.hasPrefix("process \(getpid()) ("))
    }

    @Test("Free ports are free and differ")
    func freePortsAreFreeAndDiffer() throws {
        let ports = try Ports.free(8)
        #expect(Set(ports).count == 8)
        #expect(ports.allSatisfy { Ports.isFree($0) && Ports.owner(of: $0) == nil })
    }
}
