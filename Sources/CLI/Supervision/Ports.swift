import FileSystem
import Glibc

/// Finds free ports, and the processes that listen on others.
package enum Ports {
    /// A process that listens on a port.
    package struct Owner: Sendable, Equatable, CustomStringConvertible {
        /// `nil` if the system does not reveal it (another user's process, another container).
        var pid: Int?
        /// Its command line, truncated.
        var command: String?

        package var description: String {
            guard let pid else { return "another process (whose, the system does not tell)" }
            return "process \(pid)" + (command.map { " (\($0))" } ?? "")
        }
    }

    /// Whether a server of ours can listen on `port` of `host`.
    package static func isFree(_ port: Int, host: String = "127.0.0.1") -> Bool {
        let descriptor = listeningSocket(port, host)
        guard let descriptor else { return false }
        close(descriptor)
        return true
    }

    /// Finds `count` different free ports. Another process may take one before it is used.
    package static func free(_ count: Int) throws(Files.Failure) -> [Int] {
        var descriptors: [Int32] = []
        defer { for descriptor in descriptors { close(descriptor) } }
        var ports: [Int] = []
        for _ in 0..<count {
            guard let descriptor = listeningSocket(0, "127.0.0.1") else {
                throw Files.Failure("find a free port on", "127.0.0.1", errno)
            }
            descriptors.append(descriptor)
            var address = sockaddr_in()
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(descriptor, $0, &length) }
            }
            ports.append(Int(UInt16(bigEndian: address.sin_port)))
        }
        return ports
    }

    /// The process that listens on `port`, according to `/proc`; `nil` if there is none.
    package static func owner(of port: Int) -> Owner? {
        let sockets = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap { listeners(in: Files.text($0) ?? "") }
        let inodes = Set(sockets.filter { $0.port == port }.map(\.inode))
        guard !inodes.isEmpty else { return nil }
        for name in Files.names(in: "/proc") {
            guard let pid = Int(name) else { continue }
            let folder = "/proc/\(pid)/fd"
            let isOwner = Files.names(in: folder).contains { descriptor in
                guard let target = Files.linkTarget("\(folder)/\(descriptor)"), target.hasPrefix("socket:[") else {
                    return false
                }
                return Int(target.dropFirst(8).dropLast()).map(inodes.contains) ?? false
            }
            if isOwner { return Owner(pid: pid, command: command(of: pid)) }
        }
        return Owner(pid: nil, command: nil)
    }

    /// The listening sockets in the format of `/proc/net/tcp` (proc(5)).
    static func listeners(in table: String) -> [(port: Int, inode: Int)] {
        table.split(separator: "\n").dropFirst().compactMap { line in
            let columns = line.split(separator: " ")
            guard columns.count > 9, columns[3] == "0A", let port = columns[1].split(separator: ":").last,
                let number = Int(port, radix: 16), let inode = Int(columns[9])
            else { return nil }
            return (number, inode)
        }
    }

    private static func command(of pid: Int) -> String? {
        guard let bytes = Files.read("/proc/\(pid)/cmdline"), !bytes.isEmpty else { return nil }
        let words = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        guard let program = words.first?.split(separator: "/").last else { return nil }
        let text = ([String(program)] + words.dropFirst()).joined(separator: " ")
        return text.count > 60 ? text.prefix(59) + "…" : text
    }

    private static func listeningSocket(_ port: Int, _ host: String) -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        // Like our servers: a port whose last connections are still closing can be used.
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        inet_pton(AF_INET, host, &address.sin_addr)
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard bound == 0, listen(descriptor, 1) == 0 else {
            close(descriptor)
            return nil
        }
        return descriptor
    }
}
