import Foundation
import Testing

@testable import Prometheus

@Suite("Process metrics")
struct ProcessMetricsTests {
    @Test("Every metric of this process is read")
    func everyMetricOfThisProcessIsRead() throws {
        let factory = PrometheusMetricsFactory()
        ProcessMetrics().register(in: factory)
        var values: [String: Double] = [:]
        for line in factory.samples {
            let parts = line.split(separator: " ")
            values[String(parts[0])] = Double(parts[1])
        }
        #expect(
            Set(values.keys) == [
                "process_cpu_seconds_total", "process_resident_memory_bytes", "process_virtual_memory_bytes",
                "process_open_fds", "process_max_fds", "process_start_time_seconds", "process_threads",
            ])
        #expect(try #require(values["process_cpu_seconds_total"]) >= 0)
        let resident = try #require(values["process_resident_memory_bytes"])
        #expect(resident > 1_000_000)
        #expect(try #require(values["process_virtual_memory_bytes"]) > resident)
        let open = try #require(values["process_open_fds"])
        #expect(open >= 3)
        #expect(try #require(values["process_max_fds"]) >= open)
        #expect(try #require(values["process_threads"]) >= 1)
        let started = try #require(values["process_start_time_seconds"])
        // Between the machine's start and now, both by the kernel's clock: the process's own may be shifted.
        let booted = try #require(try Self.kernelNumber("/proc/stat", after: "btime "))
        let uptime = try #require(try Self.kernelNumber("/proc/uptime", after: ""))
        #expect(started > booted && started < booted + uptime + 2)
    }

    /// The number that follows `name` at the beginning of a line of a file of the kernel.
    private static func kernelNumber(_ path: String, after name: String) throws -> Double? {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
        return line.flatMap { $0.dropFirst(name.count).split(separator: " ").first }.flatMap { Double($0) }
    }

    @Test("Descriptors are counted exactly")
    func descriptorsAreCountedExactly() throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "tailspan-proc-\(UInt64.random(in: 0 ... .max))")
        defer { try? FileManager.default.removeItem(at: folder) }  // What is left in a temporary folder harms nothing.
        try FileManager.default.createDirectory(
            at: folder.appending(path: "self/fd"), withIntermediateDirectories: true)
        for name in ["0", "1", "2", "7"] { try Data().write(to: folder.appending(path: "self/fd/\(name)")) }
        let factory = PrometheusMetricsFactory()
        ProcessMetrics(procDirectory: folder.path).register(in: factory)
        // One of the four stands for the descriptor of the folder itself.
        #expect(factory.samples.contains("process_open_fds 3"))
        // All other files are missing.
        #expect(factory.samples.contains("process_cpu_seconds_total NaN"))
        #expect(factory.samples.contains("process_max_fds NaN"))
    }

    @Test("The stat line of a program with an unusual name is parsed")
    func aStatLineWithAnUnusualNameIsParsed() throws {
        let line =
            "42 (a) b (c) S 1 42 42 0 -1 4194560 1 0 0 0 150 50 0 0 20 0 4 0 777 10000000 2500 18446744073709551615 1\n"
        let stat = try #require(ProcessStat(parsing: line))
        #expect(stat.userTicks == 150)
        #expect(stat.systemTicks == 50)
        #expect(stat.threads == 4)
        #expect(stat.startTicks == 777)
        #expect(stat.virtualBytes == 10_000_000)
        #expect(stat.residentPages == 2500)
        #expect(ProcessStat(parsing: "") == nil)
        #expect(ProcessStat(parsing: "42 (a) S 1 2 3") == nil)
    }

    @Test("Limits and the boot time are parsed")
    func limitsAndBootTimeAreParsed() {
        let limits =
            "Limit                     Soft Limit           Hard Limit           Units\nMax open files            1024                 524288               files\n"
        #expect(ProcessStat.maximumDescriptors(limits: limits) == 1024)
        #expect(ProcessStat.maximumDescriptors(limits: "Max open files   unlimited   unlimited   files") == .infinity)
        #expect(ProcessStat.maximumDescriptors(limits: "") == nil)
        #expect(ProcessStat.bootTime(stat: "cpu 1 2\nbtime 1700000000\nprocesses 5\n") == 1_700_000_000)
        #expect(ProcessStat.bootTime(stat: nil) == nil)
    }
}
