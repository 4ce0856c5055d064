import Glibc

/// Standard output as a destination. Never blocks, because its reader may have stopped.
struct StandardStream: LogTarget, ~Copyable {
    /// The amount a pipe accepts atomically (`PIPE_BUF`). Lines of several processes do not mix up to this size.
    private static let chunk = 4096

    let description: String
    private let descriptor: Int32
    /// Whether the descriptor is our own non-blocking one, for a pipe.
    private let isOwned: Bool
    /// Whether it accepts any amount at once: a file, or a device such as `/dev/null`.
    private let isFile: Bool

    init(descriptor: Int32, description: String) {
        self.description = description
        var status = stat()
        let type = fstat(descriptor, &status) == 0 ? status.st_mode & S_IFMT : 0
        isFile = type == S_IFREG || type == S_IFCHR && isatty(descriptor) == 0
        // Blocking mode belongs to the open file description, which other processes share, so a pipe is opened a second
        // time. This fails for another user's pipe, which is instead polled before each write.
        let own =
            type == S_IFIFO ? open("/proc/self/fd/\(descriptor)", O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY) : -1
        isOwned = own >= 0
        self.descriptor = own >= 0 ? own : descriptor
    }

    deinit { if isOwned { close(descriptor) } }

    func prepare(at nanoseconds: UInt64) -> LogFailure? { nil }

    func write(_ lines: UnsafeBufferPointer<UInt8>, at nanoseconds: UInt64) -> LogWriteResult {
        var result = LogWriteResult()
        while result.consumed < lines.count {
            let rest = UnsafeBufferPointer(rebasing: lines[result.consumed...])
            var length = rest.count
            if !isFile {
                guard isOwned || hasRoom() else { return result }
                length = rest.wholeLines(fitting: StandardStream.chunk)
                if length == 0 { length = min(rest.count, StandardStream.chunk) }
            }
            let count = Glibc.write(descriptor, rest.baseAddress, length)
            if count > 0 {
                result.consumed += count
            } else if count == 0 || errno == EAGAIN {
                return result
            } else if errno != EINTR {
                result.failure = LogFailure(operation: "write", path: description, errno: errno)
                return result
            }
        }
        return result
    }

    /// Whether writing one chunk would not block, or would fail at once.
    private func hasRoom() -> Bool { waitForRoom(milliseconds: 0) }

    func waitForRoom(milliseconds: Int32) -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&request, 1, milliseconds) > 0
    }
}
