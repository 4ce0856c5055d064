import Contracts
import Encoding
import Logging
import Testing

@testable import PocketStack
@testable import ServiceKit

/// Promtail and Alloy file the services' lines as the pocket stack's tailer does.
@Suite("Log shippers")
struct ShipperTests {
    static let labels: Set = ["job", LogField.service, "service_name", "service_namespace", LogField.level]
    static let metadata: Set = [LogField.traceID, LogField.spanID, LogField.requestID]

    // MARK: What lines become

    @Test(arguments: Shipper.allCases, LogConfiguration.Format.allCases)
    func aLineIsFiledAsTheTailerFilesIt(_ shipper: Shipper, _ format: LogConfiguration.Format) throws {
        let runner = PipelineRunner(stages: try shipper.stages(["SHIP_DROP_LEVELS": "none"]))
        let labels = try shipper.initialLabels(service: "tasks")
        for line in SampleLines.all(format) {
            let result = try #require(try runner.run(line, labels: labels), "\(line)")
            #expect(try result == SampleLines.tailed(line, service: "tasks"), "\(line)")
            #expect(Set(result.labels.keys) == Self.labels)
            #expect(result.time == SampleLines.time)
        }
    }

    @Test(arguments: Shipper.allCases, LogConfiguration.Format.allCases)
    func aLineHasTheIDsOfItsSpanAndNoEmptyOnes(_ shipper: Shipper, _ format: LogConfiguration.Format) throws {
        let runner = PipelineRunner(stages: try shipper.stages())
        func metadata(_ line: String) throws -> [String: String]? {
            try runner.run(line, labels: ["job": "tailspan"])?.metadata
        }
        #expect(
            try metadata(SampleLines.line(format, requestID: "r-9")) == [
                LogField.traceID: SampleLines.traceID, LogField.spanID: SampleLines.spanID, LogField.requestID: "r-9",
            ])
        #expect(try metadata(SampleLines.line(format, span: nil, requestID: "r-9")) == [LogField.requestID: "r-9"])
        #expect(try metadata(SampleLines.line(format, span: nil)) == [:])
        #expect(try metadata(SampleLines.line(format, .error, "m", ["note": "a  trace_id=1 b"], span: nil)) == [:])
    }

    @Test(arguments: Shipper.allCases)
    func aLineThatCannotBeReadArrives(_ shipper: Shipper) throws {
        let runner = PipelineRunner(stages: try shipper.stages())
        for line in SampleLines.strange {
            let result = try #require(
                try runner.run(line, labels: shipper.initialLabels(service: "gateway")), "\(line)")
            #expect(Set(result.labels.keys) == Self.labels, "\(line)")
            #expect(result.labels[LogField.service] == "gateway" && result.labels["service_name"] == "gateway")
            #expect(result.labels["service_namespace"] == "tailspan" && result.labels["job"] == "tailspan")
            #expect(LineFields.levels.contains(result.labels[LogField.level] ?? ""), "\(line)")
            #expect(result.metadata.isEmpty, "\(line)")
        }
        func level(_ line: String) throws -> String? {
            try runner.run(line, labels: ["job": "tailspan"])?.labels["level"]
        }
        #expect(try level("this is garbage") == "unknown")
        #expect(try level(#"{"level":"LOUD"}"#) == "unknown")
        #expect(try level(#"{"level":"ERROR"}"#) == "error")
    }

    // MARK: What is dropped

    @Test(arguments: Shipper.allCases, LogConfiguration.Format.allCases)
    func onlyVerboseLinesAndProbesAreDropped(_ shipper: Shipper, _ format: LogConfiguration.Format) throws {
        let runner = PipelineRunner(stages: try shipper.stages())
        func isKept(_ level: Logger.Level, _ operation: String? = nil) throws -> Bool {
            let fields: Logger.Metadata = operation.map { ["operation": .string($0), "status": 200] } ?? [:]
            let line = SampleLines.line(format, level, "request completed", fields)
            return try runner.run(line, labels: ["job": "tailspan"]) != nil
        }
        for level in Logger.Level.allCases {
            #expect(try isKept(level) == (level > .debug), "\(level)")
            #expect(try isKept(level, "POST /v1/tasks") == (level > .debug))
        }
        for path in [HealthRoutes.alive, HealthRoutes.ready, MetricsRoutes.path] {
            #expect(try !isKept(.info, "GET " + path))
            #expect(try !isKept(.notice, "HEAD " + path))
            // A probe that went wrong is news.
            #expect(try isKept(.warning, "GET " + path))
            #expect(try isKept(.error, "GET " + path))
            #expect(try isKept(.info, "GET " + path + "/history"))
            #expect(try isKept(.info, "POST " + path))
        }
    }

    @Test(arguments: Shipper.allCases)
    func whichLevelsAreDroppedCanBeChosen(_ shipper: Shipper) throws {
        let all = PipelineRunner(stages: try shipper.stages(["SHIP_DROP_LEVELS": "none"]))
        let fewer = PipelineRunner(stages: try shipper.stages(["SHIP_DROP_LEVELS": "trace|debug|info"]))
        for level in Logger.Level.allCases {
            let line = SampleLines.line(.json, level)
            #expect(try all.run(line, labels: [:]) != nil)
            #expect(try (fewer.run(line, labels: [:]) != nil) == (level > .info))
        }
    }

    // MARK: One pipeline in five files

    @Test func allHaveTheSameStages() throws {
        // Those that read files begin by taking the service from the path.
        let own = 3
        let shared = Array(try Shipper.promtail.stages().dropFirst(own))
        #expect(shared.count == 8)
        #expect(try Shipper.docker.stages() == shared)
        // Alloy says more of a pod than becomes a label.
        #expect(try Shipper.pods.stages().dropFirst() == shared[...])
        let kept = Self.labels.subtracting([LogField.level])
        #expect(try Shipper.pods.stages().first == .labelKeep(kept.sorted()))
        for shipper in Shipper.tailers {
            #expect(try shipper.stages() == Shipper.promtail.stages(), "\(shipper.rawValue)")
        }
    }

    @Test(arguments: Shipper.allCases)
    func fieldsAndLabelsHaveTheNamesOfTheVocabulary(_ shipper: Shipper) throws {
        let stages = try shipper.stages()
        let fields = [
            LogField.timestamp, LogField.level, LogField.operation, LogField.traceID, LogField.spanID,
            LogField.requestID,
        ]
        #expect(stages.contains(.json(Dictionary(uniqueKeysWithValues: fields.map { ($0, $0) }))))
        #expect(stages.contains(.labels([LogField.level: LogField.level])))
        #expect(
            stages.contains(.structuredMetadata(Dictionary(uniqueKeysWithValues: Self.metadata.map { ($0, $0) }))))
        #expect(
            stages.contains(.timestamp(source: LogField.timestamp, format: "RFC3339Nano", onFailure: "skip")))
        for case .template(let source, let template) in stages {
            #expect(source == LogField.level)
            #expect(
                try Set(PipelineRunner.words(inTemplate: template) + ["unknown"]) == Set(LineFields.levels))
            #expect(
                try Set(Logger.Level.allCases.map(\.rawValue)).isSubset(of: PipelineRunner.words(inTemplate: template)))
        }
    }

    /// RE2 knows no lookaround and no back references; Swift would take them.
    @Test(arguments: Shipper.allCases)
    func expressionsAreThoseOfRE2(_ shipper: Shipper) throws {
        func check(_ stages: [PipelineStage]) throws {
            for stage in stages {
                switch stage {
                case .regex(_, let expression), .drop(_, _, let expression, _):
                    #expect(!expression.contains(/\(\?(?!P<|:)|\\[0-9]/), "\(expression)")
                    _ = try PipelineRunner.regex(expression)
                case .match(_, let stages): try check(stages)
                default: continue
                }
            }
        }
        try check(shipper.stages())
    }

    // MARK: What can be switched on

    @Test(arguments: Shipper.allCases)
    func samplingSparesWarningsAndErrors(_ shipper: Shipper) throws {
        let stages = try shipper.stages(with: "sampling")
        #expect(try stages.dropLast() == shipper.stages()[...])
        #expect(stages.last == .match(selector: #"{level=~"info|notice"}"#, stages: [.sampling(rate: "0.1")]))
    }

    @Test(arguments: Shipper.allCases)
    func eachServiceCanHaveATenant(_ shipper: Shipper) throws {
        let stages = try shipper.stages(with: "tenants")
        #expect(try stages.dropLast() == shipper.stages()[...])
        #expect(stages.last == .tenant(label: LogField.service))
    }
}
