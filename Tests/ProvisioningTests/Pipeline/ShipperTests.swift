import Encoding
import Logging
import Testing
import Vocabulary

@testable import LogOutput
@testable import PocketStore
@testable import ServiceKit

/// Promtail and Alloy store the services' lines as the pocket stack's tailer does.
@Suite("The log shippers")
struct ShipperTests {
    static let labels = Set(LokiShape.labels)

    // MARK: What lines become

    @Test(arguments: Shipper.allCases, LogConfiguration.Format.allCases)
    func aLineIsStoredAsThePocketTailerStoresIt(_ shipper: Shipper, _ format: LogConfiguration.Format) throws {
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
    func everyFieldOfTheShapeBecomesMetadata(_ shipper: Shipper, _ format: LogConfiguration.Format) throws {
        let runner = PipelineRunner(stages: try shipper.stages())
        let line = SampleLines.line(
            format, .error, "call failed", SampleLines.fields, requestID: "r-9", fails: true)
        let metadata = try #require(try runner.run(line, labels: ["job": "tailspan"])).metadata
        var expected = [
            LogField.traceID: SampleLines.traceID, LogField.spanID: SampleLines.spanID, LogField.requestID: "r-9",
            LogField.traceSampled: "true", LogField.message: "call failed", LogField.errorType: "Failure",
            LogField.errorMessage: SampleLines.failure,
        ]
        for field in SampleLines.fields { expected[LokiShape.name(of: field.key)] = field.value.description }
        #expect(metadata.filter { $0.key != LogField.errorType } == expected.filter { $0.key != LogField.errorType })
        #expect(metadata[LogField.errorType]?.hasSuffix("Failure") == true)
        #expect(Set(metadata.keys) == Set(LokiShape.metadata))
    }

    /// A client's line names the kind of failure; a thrown error's type says less.
    @Test(arguments: Shipper.allCases, LogConfiguration.Format.allCases)
    func theErrorTypeOfTheLineOverridesThatOfTheError(
        _ shipper: Shipper, _ format: LogConfiguration.Format
    ) throws {
        let runner = PipelineRunner(stages: try shipper.stages())
        let line = SampleLines.line(format, .error, "call failed", [LogField.errorType: "502"], fails: true)
        let metadata = try #require(try runner.run(line, labels: ["job": "tailspan"])).metadata
        #expect(metadata[LogField.errorType] == "502")
        #expect(metadata[LogField.errorMessage] == SampleLines.failure)
    }

    @Test(arguments: Shipper.allCases, LogConfiguration.Format.allCases)
    func missingFieldsMakeNoMetadata(_ shipper: Shipper, _ format: LogConfiguration.Format) throws {
        let runner = PipelineRunner(stages: try shipper.stages())
        func metadata(_ line: String) throws -> [String: String]? {
            try runner.run(line, labels: ["job": "tailspan"])?.metadata
        }
        let message = [LogField.message: "task done"]
        #expect(try metadata(SampleLines.line(format, span: nil)) == message)
        #expect(
            try metadata(SampleLines.line(format, span: nil, requestID: "r-9"))
                == message.merging([LogField.requestID: "r-9"]) { $1 })
        #expect(try metadata(SampleLines.line(format, .error, "", ["note": "a  trace_id=1 b"], span: nil)) == [:])
    }

    /// Loki refuses a line with more than 64 KB of metadata.
    @Test(arguments: Shipper.allCases, LogConfiguration.Format.allCases)
    func longTextsAreTruncated(_ shipper: Shipper, _ format: LogConfiguration.Format) throws {
        let runner = PipelineRunner(stages: try shipper.stages())
        let long = String(repeating: "ü", count: 2 * LokiShape.maximumTextLength)
        let line = SampleLines.line(format, .error, long, ["payload": .string(long + long + long)])
        let result = try #require(try runner.run(line, labels: shipper.initialLabels(service: "tasks")))
        #expect(result.metadata[LogField.message] == String(long.prefix(LokiShape.maximumTextLength)))
        #expect(result.metadata[LogField.traceID] == SampleLines.traceID)
        #expect(try result == SampleLines.tailed(line, service: "tasks"))
    }

    @Test(arguments: Shipper.allCases)
    func anUnreadableLineIsKept(_ shipper: Shipper) throws {
        let runner = PipelineRunner(stages: try shipper.stages())
        for line in SampleLines.strange {
            let result = try #require(
                try runner.run(line, labels: shipper.initialLabels(service: "gateway")), "\(line)")
            #expect(Set(result.labels.keys) == Self.labels, "\(line)")
            #expect(result.labels[LogField.service] == "gateway" && result.labels["service_name"] == "gateway")
            #expect(result.labels["service_namespace"] == "tailspan" && result.labels["job"] == "tailspan")
            #expect(LineFields.levels.contains(result.labels[LogField.level] ?? ""), "\(line)")
            let message = (try? JSONValue(parsing: line))?[LogField.message]?.string
            #expect(result.metadata == (message.map { [LogField.message: $0] } ?? [:]), "\(line)")
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
    func theDroppedLevelsAreConfigurable(_ shipper: Shipper) throws {
        let all = PipelineRunner(stages: try shipper.stages(["SHIP_DROP_LEVELS": "none"]))
        let fewer = PipelineRunner(stages: try shipper.stages(["SHIP_DROP_LEVELS": "trace|debug|info"]))
        for level in Logger.Level.allCases {
            let line = SampleLines.line(.json, level)
            #expect(try all.run(line, labels: [:]) != nil)
            #expect(try (fewer.run(line, labels: [:]) != nil) == (level > .info))
        }
    }

    // MARK: One pipeline in five files

    @Test func allShippersHaveTheSameStages() throws {
        // Those that read files begin by taking the service from the path.
        let own = 3
        let shared = Array(try Shipper.promtail.stages().dropFirst(own))
        #expect(shared.count == 10)
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
    func fieldsAndLabelsUseTheVocabulary(_ shipper: Shipper) throws {
        let stages = try shipper.stages()
        let names = LokiShape.metadata
        for case .json(let expressions) in stages {
            #expect(Set(expressions.keys) == Set(names + [LogField.timestamp, LogField.level]))
        }
        for case .match(_, let inner) in stages {
            let mapped = inner.flatMap { stage -> [String] in
                if case .logfmt(_, let mapping) = stage { Array(mapping.keys) } else { [] }
            }
            #expect(Set(mapped) == Set(names).subtracting([LogField.message]))
        }
        #expect(stages.contains(.labels([LogField.level: LogField.level])))
        #expect(stages.contains(.structuredMetadata(Dictionary(uniqueKeysWithValues: names.map { ($0, $0) }))))
        for field in LokiShape.longFields {
            let template = #"{{ with .Value }}{{ printf "%.\#(LokiShape.maximumTextLength)s" . }}{{ end }}"#
            #expect(stages.contains(.template(source: field, template: template)))
        }
        #expect(
            stages.contains(.timestamp(source: LogField.timestamp, format: "RFC3339Nano", onFailure: "skip")))
        for case .template(let source, let template) in stages {
            guard source == LogField.level else { continue }
            #expect(
                try Set(PipelineRunner.words(inTemplate: template) + ["unknown"]) == Set(LineFields.levels))
            #expect(
                try Set(Logger.Level.allCases.map(\.rawValue)).isSubset(of: PipelineRunner.words(inTemplate: template)))
        }
    }

    /// RE2 has no lookaround and no back references; Swift would accept them.
    @Test(arguments: Shipper.allCases)
    func everyExpressionIsValidRE2(_ shipper: Shipper) throws {
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
    func samplingKeepsWarningsAndErrors(_ shipper: Shipper) throws {
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
