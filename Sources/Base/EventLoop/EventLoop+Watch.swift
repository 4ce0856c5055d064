import CLinux
import Glibc

extension EventLoop {
    /// The readiness states of a descriptor.
    public struct Interest: OptionSet, Sendable {
        /// The bits.
        public let rawValue: UInt32
        /// Creates a set from bits.
        public init(rawValue: UInt32) { self.rawValue = rawValue }
        /// Readable, or at its end.
        public static let read = Interest(rawValue: 1)
        /// Writable.
        public static let write = Interest(rawValue: 2)
        /// Failed or hung up; always reported.
        public static let error = Interest(rawValue: 4)
        /// The peer has closed its side, or both. Watched alone, it is reported once, and data is never reported.
        public static let peerClosed = Interest(rawValue: 8)

        var events: UInt32 {
            var events: UInt32 = 0
            if contains(.read) { events |= TAILSPAN_EPOLLIN }
            if contains(.write) { events |= TAILSPAN_EPOLLOUT }
            if contains(.peerClosed) { events |= TAILSPAN_EPOLLRDHUP }
            if self == .peerClosed { events |= TAILSPAN_EPOLLET }
            return events
        }

        init(events: UInt32) {
            var interest: Interest = []
            if events & (TAILSPAN_EPOLLIN | TAILSPAN_EPOLLHUP) != 0 { interest.insert(.read) }
            if events & TAILSPAN_EPOLLOUT != 0 { interest.insert(.write) }
            if events & (TAILSPAN_EPOLLERR | TAILSPAN_EPOLLHUP) != 0 { interest.insert(.error) }
            if events & (TAILSPAN_EPOLLRDHUP | TAILSPAN_EPOLLHUP) != 0 { interest.insert(.peerClosed) }
            self = interest
        }
    }

    /// A watched descriptor. Loop thread only.
    public final class Watch {
        /// The tag of the loop's own wake-up descriptor. No watch has it, because its low half is not a valid
        /// descriptor.
        static let wakeUpTag = UInt64.max

        let descriptor: Int32
        /// The descriptor and a number unique among its watches. An event that was fetched before its watch was
        /// cancelled therefore matches no watch.
        let tag: UInt64
        let onReady: (Interest) -> Void
        private unowned let loop: EventLoop
        private(set) var interest: Interest
        private var isOver = false

        init(
            _ loop: EventLoop, _ descriptor: Int32, tag: UInt64, _ interest: Interest,
            _ onReady: @escaping (Interest) -> Void
        ) {
            self.loop = loop
            self.descriptor = descriptor
            self.tag = tag
            self.interest = interest
            self.onReady = onReady
        }

        /// Changes the states to watch for.
        /// - Throws: ``EventLoopError`` if the watch is over or the descriptor was closed.
        public func update(_ interest: Interest) throws {
            guard !isOver else { throw EventLoopError("epoll_ctl", EBADF) }
            guard interest != self.interest else { return }
            guard tailspan_epoll_ctl(loop.epoll, EPOLL_CTL_MOD, descriptor, interest.events, tag) == 0 else {
                throw EventLoopError("epoll_ctl", errno)
            }
            self.interest = interest
        }

        /// Stops watching. The descriptor stays open. Does nothing if the watch is already over because its
        /// descriptor's number is watched again.
        public func cancel() {
            guard !isOver else { return }
            isOver = true
            loop.watches[Int(descriptor)] = nil
            // Fails if the descriptor has already been closed, which has the same effect.
            _ = tailspan_epoll_ctl(loop.epoll, EPOLL_CTL_DEL, descriptor, 0, 0)
        }

        /// Ends a watch whose descriptor was closed; the kernel has already removed it.
        func descriptorIsGone() { isOver = true }
    }

    /// Calls `onReady` on the loop whenever `descriptor` is ready for one of `interest` (level-triggered). Loop thread
    /// only. Cancel the watch before closing the descriptor, because its number is reused immediately. If a library
    /// closes it on its own, the watch of the new descriptor replaces the old one, which is then over.
    /// - Throws: ``EventLoopError`` if the descriptor cannot be watched or is already being watched.
    public func watch(
        _ descriptor: Int32, for interest: Interest, _ onReady: @escaping (Interest) -> Void
    ) throws
        -> Watch
    {
        guard descriptor >= 0 else { throw EventLoopError("epoll_ctl", EBADF) }
        let index = Int(descriptor)
        while watches.count <= index { watches.append(nil) }
        watchGeneration &+= 1
        let tag = UInt64(watchGeneration) << 32 | UInt64(descriptor)
        // The kernel reports EEXIST for a descriptor it already watches. It does not know a new descriptor with a
        // reused number.
        guard tailspan_epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, interest.events, tag) == 0 else {
            throw EventLoopError("epoll_ctl", errno)
        }
        watches[index]?.descriptorIsGone()
        let watch = Watch(self, descriptor, tag: tag, interest, onReady)
        watches[index] = watch
        return watch
    }

    func deliver(_ events: UInt32, tag: UInt64) {
        let index = Int(tag & 0xFFFF_FFFF)
        guard index < watches.count, let watch = watches[index], watch.tag == tag else { return }
        watch.onReady(Interest(events: events))
    }
}
