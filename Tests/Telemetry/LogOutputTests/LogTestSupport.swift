import Encoding
import Glibc
import HTTP
import Logging
import Synchronization
import TraceContext
import Tracing

@testable import LogOutput

/// A folder of its own for one test, removed after it with all that is in it.
final class LogFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/tailspan-log-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw LogFailure(operation: "create", path: "/tmp", errno: errno) }
        path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }

    deinit { LogFolder.remove(path) }

    private static func remove(_ path: String) {
        for name in names(in: path) { remove(path + "/" + name) }
        Glibc.remove(path)
    }

    static func names(in path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// The path of the log of the service named `service`.
    func log(_ service: String = "tasks", _ number: Int? = nil) -> String {
        "\(path)/\(service)/\(service).log" + (number.map { ".\($0)" } ?? "")
    }
}

/// What a file holds; empty if there is none.
func content(of path: String) -> String {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    return String(decoding: readAvailable(descriptor), as: UTF8.self)
}

/// All that can be read until the end, or until there is nothing more for now.
func readAvailable(_ descriptor: Int32) -> [UInt8] {
    var result: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = read(descriptor, &buffer, buffer.count)
        guard count > 0 else { return result }
        result += buffer[..<count]
    }
}

func append(_ text: String, to path: String) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o644)
    defer { close(descriptor) }
    _ = Array(text.utf8).withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
}

/// A clock that stands until it is moved: 2026-11-20T16:32:01.123456Z at first.
final class ManualClock: Sendable {
    private let now = Atomic<UInt64>(1_795_192_321_123_456_000)

    func advance(milliseconds: UInt64) { now.add(milliseconds * 1_000_000, ordering: .relaxed) }
    func goBack(milliseconds: UInt64) { now.subtract(milliseconds * 1_000_000, ordering: .relaxed) }

    var nanoseconds: UInt64 { now.load(ordering: .relaxed) }
    var clock: WallClock { WallClock { self.nanoseconds } }
}

/// What was reported about destinations in trouble.
final class Reports: Sendable {
    private let messages = Mutex<[String]>([])

    var all: [String] { messages.withLock { $0 } }
    var report: @Sendable (String) -> Void { { message in self.messages.withLock { $0.append(message) } } }
}

/// A context with a span, a request id, or both.
func context(span: SpanContext? = nil, requestID: String? = nil) -> ServiceContext {
    var context = ServiceContext.topLevel
    context.spanContext = span
    context.requestID = requestID
    return context
}

let exampleSpan = SpanContext(
    traceID: TraceID(high: 0x4BF9_2F35_77B3_4DA6, low: 0xA3CE_929D_0E0E_4736),
    spanID: SpanID(value: 0x00F0_67AA_0BA9_02B7),
    traceFlags: .sampled)

/// One line, as `format` has it.
func line(
    _ format: LogConfiguration.Format = .json, _ level: Logger.Level = .info, _ message: String = "hello",
    _ fields: Logger.Metadata = [:], loggerFields: Logger.Metadata = [:], error: (any Error)? = nil,
    context: ServiceContext? = nil, identity: LogIdentity = LogIdentity(service: "tasks"), source: Bool = false
) -> String {
    var encoder = LogLineEncoder(format: format, identity: identity, source: source)
    var output = ByteWriter()
    let event = LogEvent(
        level: level, message: message, metadata: fields, error: error, file: "TasksService/Saga.swift", line: 12)
    let origin = LogLine.Origin(context: context, error: error)
    event.lend { encoder.encode($0, loggerFields, origin, at: ManualClock().nanoseconds, to: &output) }
    return output.string
}

/// A thread of its own, for what blocks: the tests' tasks share few.
final class TestThread: Sendable {
    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private let thread: pthread_t

    init(_ run: @escaping @Sendable () -> Void) throws {
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { body in
                if let body { Unmanaged<Body>.fromOpaque(body).takeRetainedValue().run() }
                return nil
            }, Unmanaged.passRetained(Body(run)).toOpaque())
        guard code == 0 else { throw LogFailure(operation: "start", path: "a thread", errno: code) }
        self.thread = thread
    }

    /// Waits until the thread has ended.
    func join() { pthread_join(thread, nil) }
}
