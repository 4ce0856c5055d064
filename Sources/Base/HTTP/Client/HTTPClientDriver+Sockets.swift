import CCurlLinked
import CLinux
import EventLoop
import Glibc

/// The callbacks for libcurl, and the sockets it asks to watch.
extension ClientDriver {
    /// A socket that libcurl waits on.
    struct Socket {
        /// Whether we opened it and will close it, so that it may stay watched while its connection is idle.
        var isOwn: Bool
        var watch: EventLoop.Watch?
        var interest: EventLoop.Interest?
        var isIdle = true
        /// Whether it was watched for reading. libcurl does that only once the socket is connected.
        var hasConnected = false
    }

    private static func driver(_ context: UnsafeMutableRawPointer?) -> ClientDriver? {
        context.map { Unmanaged<ClientDriver>.fromOpaque($0).takeUnretainedValue() }
    }

    static let onOpen: curl_opensocket_callback = { context, _, address in
        guard let address, let driver = driver(context) else { return CURL_SOCKET_BAD }
        let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.pointee.family, address.pointee.socktype | flags, address.pointee.protocol)
        guard descriptor >= 0 else { return CURL_SOCKET_BAD }
        tailspan_notice_silence(descriptor)
        guard driver.opened(descriptor) else {
            Glibc.close(descriptor)
            return CURL_SOCKET_BAD
        }
        return descriptor
    }

    static let onClose: curl_closesocket_callback = { context, descriptor in
        driver(context)?.sockets.removeValue(forKey: descriptor)?.watch?.cancel()
        return Glibc.close(descriptor)
    }

    static let onSocket: curl_socket_callback = { easy, descriptor, what, context, _ in
        driver(context)?.wait(for: descriptor, what, easy)
        return 0
    }

    static let onTimer: curl_multi_timer_callback = { _, milliseconds, context in
        driver(context)?.wake(after: milliseconds)
        return 0
    }

    /// Registers a new socket. If its number is already known, the old socket of that number is closed: libcurl 7.88
    /// closes a socket that never connected without a callback. If it then tries the next address at once, it assumes
    /// that the new socket is watched like the old one.
    /// - Returns: `false` if the socket cannot be used.
    private func opened(_ descriptor: Int32) -> Bool {
        let old = sockets.updateValue(Socket(isOwn: true), forKey: descriptor)
        old?.watch?.cancel()
        guard let old, !old.isIdle, let interest = old.interest else { return true }
        do {
            try watch(descriptor, for: interest)
            return true
        } catch {
            sockets[descriptor] = nil
            return false
        }
    }

    /// Updates the watch of a socket. An idle connection stays watched, which saves two system calls per request. If
    /// something arrives in the meantime (usually the server closing it), the watch is dropped and libcurl notices when
    /// it next uses the connection. A socket that never connected is not kept: libcurl closes it without a callback.
    private func wait(for descriptor: Int32, _ what: Int32, _ easy: UnsafeMutableRawPointer?) {
        if what == CURL_POLL_REMOVE {
            guard let socket = sockets[descriptor] else { return }
            sockets[descriptor]?.isIdle = true
            guard !socket.isOwn || !socket.hasConnected else { return }
            socket.watch?.cancel()
            if socket.isOwn { sockets[descriptor]?.watch = nil } else { sockets[descriptor] = nil }
            return
        }
        do {
            try watch(
                descriptor, for: what == CURL_POLL_IN ? .read : what == CURL_POLL_OUT ? .write : [.read, .write])
        } catch {
            sockets[descriptor]?.watch?.cancel()
            sockets[descriptor]?.watch = nil
            fail(easy, error)
        }
    }

    private func watch(_ descriptor: Int32, for interest: EventLoop.Interest) throws {
        var socket = sockets[descriptor] ?? Socket(isOwn: false)
        socket.isIdle = false
        socket.interest = interest
        if interest.contains(.read) { socket.hasConnected = true }
        sockets[descriptor] = socket
        if let watch = socket.watch { return try watch.update(interest) }
        sockets[descriptor]?.watch = try startWatching(descriptor, interest) { [unowned self] in ready(descriptor, $0) }
    }

    private func ready(_ descriptor: Int32, _ ready: EventLoop.Interest) {
        if let socket = sockets[descriptor], socket.isIdle {
            socket.watch?.cancel()
            sockets[descriptor]?.watch = nil
            return
        }
        var events: Int32 = 0
        if ready.contains(.read) { events |= CURL_CSELECT_IN }
        if ready.contains(.write) { events |= CURL_CSELECT_OUT }
        if ready.contains(.error) { events |= CURL_CSELECT_ERR }
        kick(descriptor, events)
    }

    // MARK: Time

    /// libcurl moves its deadline with every transfer. The timer is reset only if it would fire too late.
    private func wake(after milliseconds: Int) {
        guard milliseconds >= 0 else {
            due = nil
            return
        }
        if milliseconds == 0, willKick { return }
        let due = ContinuousClock.now + .milliseconds(milliseconds)
        self.due = due
        if let timer, timer.due <= due { return }
        timer?.timer.cancel()
        setTimer(after: .milliseconds(milliseconds), due)
    }

    private func setTimer(after delay: Duration, _ due: ContinuousClock.Instant) {
        timer = (loop.schedule(after: delay) { [unowned self] in timerFired() }, due)
    }

    private func timerFired() {
        timer = nil
        guard let due else { return }
        let now = ContinuousClock.now
        if due > now { return setTimer(after: due - now, due) }
        self.due = nil
        kick(CURL_SOCKET_BAD, 0)
    }
}
