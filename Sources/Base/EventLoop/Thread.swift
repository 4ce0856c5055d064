import CLinux
import Glibc

/// Starts named threads.
package enum Thread {
    private final class Start {
        let name: String
        let body: @Sendable () -> Void
        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// Runs `body` on a new thread that is never joined; the process may end while it runs.
    /// - Parameter name: the thread's name, of which Linux keeps 15 bytes.
    /// - Throws: ``EventLoopError`` if no thread can be created.
    package static func detach(name: String, _ body: @escaping @Sendable () -> Void) throws {
        pthread_detach(try start(name: name, body))
    }

    /// Runs `body` on a new thread, which the caller must join or detach.
    static func start(name: String, _ body: @escaping @Sendable () -> Void) throws -> pthread_t {
        let start = Unmanaged.passRetained(Start(name: name, body: body))
        var handle = pthread_t()
        let code = pthread_create(
            &handle, nil,
            { pointer in
                guard let pointer else { return nil }
                let start = Unmanaged<Start>.fromOpaque(pointer).takeRetainedValue()
                tailspan_name_thread(start.name)
                start.body()
                return nil
            }, start.toOpaque())
        guard code == 0 else {
            start.release()
            throw EventLoopError("pthread_create", code)
        }
        return handle
    }
}
