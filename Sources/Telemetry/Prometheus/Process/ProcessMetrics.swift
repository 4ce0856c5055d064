import Glibc
import Metrics

/// Linux's statistics of this process, under the names that Prometheus clients share: `process_cpu_seconds_total`,
/// `process_resident_memory_bytes`, `process_virtual_memory_bytes`, `process_open_fds`, `process_max_fds`,
/// `process_start_time_seconds`, `process_threads`.
public struct ProcessMetrics: Sendable {
    private let procDirectory: String

    /// Creates the collector.
    public init() { self.init(procDirectory: "/proc") }

    package init(procDirectory: String) { self.procDirectory = procDirectory }

    /// Registers the metrics in `factory`, which reads them on every collection. A value that cannot be read is NaN.
    public func register(in factory: any MetricsFactory) {
        let bootTime = ProcessStat.bootTime(stat: Self.contents(of: procDirectory + "/stat"))
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        let pageSize = Double(sysconf(Int32(_SC_PAGESIZE)))

        gauge("process.resident_memory", "Resident memory size in bytes.", "By", factory) {
            $0.residentPages * pageSize
        }
        gauge("process.virtual_memory", "Virtual memory size in bytes.", "By", factory) { $0.virtualBytes }
        gauge("process.threads", "Number of threads of the process.", "{thread}", factory) { $0.threads }
        gauge(
            "process.start_time", "Start time of the process since the Unix epoch in seconds.", "s", factory
        ) { (bootTime ?? .nan) + $0.startTicks / ticks }
        factory.observe(
            label: "process.cpu", description: "Total user and system CPU time spent in seconds.", unit: "s",
            kind: .counter, dimensions: []
        ) { stat().map { ($0.userTicks + $0.systemTicks) / ticks } ?? .nan }
        factory.observe(
            label: "process.open_fds", description: "Number of open file descriptors.", unit: "{file_descriptor}",
            kind: .gauge, dimensions: []
        ) { Self.countEntries(of: procDirectory + "/self/fd") }
        factory.observe(
            label: "process.max_fds", description: "Maximum number of open file descriptors.",
            unit: "{file_descriptor}", kind: .gauge, dimensions: []
        ) {
            Self.contents(of: procDirectory + "/self/limits").flatMap { ProcessStat.maximumDescriptors(limits: $0) }
                ?? .nan
        }
    }

    private func gauge(
        _ label: String, _ description: String, _ unit: String, _ factory: any MetricsFactory,
        _ value: @escaping @Sendable (ProcessStat) -> Double
    ) {
        factory.observe(label: label, description: description, unit: unit, kind: .gauge, dimensions: []) {
            stat().map(value) ?? .nan
        }
    }

    private func stat() -> ProcessStat? {
        Self.contents(of: procDirectory + "/self/stat").flatMap { ProcessStat(parsing: $0) }
    }

    /// The contents of a small file as text; `nil` if it cannot be read.
    private static func contents(of path: String) -> String? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            bytes.append(contentsOf: chunk.prefix(count))
            // /proc/stat grows with the size of the machine; what we need comes long before this limit.
            if count < chunk.count || bytes.count > 1 << 20 { break }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The number of entries in a directory, except the descriptor opened to read it.
    private static func countEntries(of path: String) -> Double {
        guard let directory = opendir(path) else { return .nan }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        // `.`, `..` and the descriptor of this directory.
        return Double(max(count - 3, 0))
    }
}
