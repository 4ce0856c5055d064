import Glibc

/// Suspends a test briefly without blocking other tasks: between two polls of something that happens elsewhere.
///
/// Not `Task.sleep`: its Dispatch timer is set in absolute time and never fires when the tests run under `faketime`.
/// This sleeps on a thread of its own, in relative time.
/// - Parameter microseconds: how long, from 0 to 999,999.
package func pause(microseconds: UInt32) async {
    await withCheckedContinuation { continuation in
        let box = Unmanaged.passRetained(Sleeper(microseconds, continuation))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { pointer in
                guard let pointer else { return nil }
                let sleeper = Unmanaged<Sleeper>.fromOpaque(pointer).takeRetainedValue()
                usleep(sleeper.microseconds)
                sleeper.continuation.resume()
                return nil
            }, box.toOpaque())
        guard code == 0 else {
            // No thread available: the next poll just comes sooner.
            box.takeRetainedValue().continuation.resume()
            return
        }
        pthread_detach(thread)
    }
}

private final class Sleeper {
    let microseconds: UInt32
    let continuation: CheckedContinuation<Void, Never>

    init(_ microseconds: UInt32, _ continuation: CheckedContinuation<Void, Never>) {
        self.microseconds = microseconds
        self.continuation = continuation
    }
}
