import Encoding
import FaultKinds
import FaultRules
import HTTP
import Logging
import OTLP
import ServiceTesting
import Testing
import Verification
import Vocabulary

/// A fault that breaks the link between logs and traces.
struct BrokenLink: Sendable, CustomTestStringConvertible {
    var fault: String
    /// Whether spans, and whether lines, tell of it.
    var isOnSpans = true
    var isOnLines = true
    var environment: [String: String] = [:]

    init(
        _ fault: String, onSpans: Bool = true, onLines: Bool = true, environment: [String: String] = [:]
    ) {
        self.fault = fault
        isOnSpans = onSpans
        isOnLines = onLines
        self.environment = environment
    }

    var testDescription: String { "\(fault) → \(rules.sorted())" }
    /// The rules of verification that catch it.
    var rules: Set<Int> { Set([FaultKind(rawValue: kind)?.brokenRule].compactMap(\.self)) }
    var kind: String { String(fault.split(separator: ":")[1].prefix { $0 != "=" && $0 != "," }) }
    var seed: UInt64 { fault.utf8.reduce(1) { ($0 &* 31 &+ UInt64($1)) % 1_000_000 } }
}

@Suite("Broken correlation over sockets and files")
struct BrokenCorrelationTests {
    private static let links = [
        BrokenLink("gateway:drop-context"),
        BrokenLink("tasks:drop-context=payments"),
        BrokenLink("tasks:malformed-traceparent=executor"),
        BrokenLink("tasks:uppercase-ids"),
        BrokenLink("payments:uppercase-ids", environment: ["LOG_FORMAT": "text"]),
        BrokenLink("tasks:missing-span-id"),
        BrokenLink("tasks:wrong-service-name=gateway-2"),
        BrokenLink("executor:wrong-service-name", environment: ["LOG_FORMAT": "text"]),
        BrokenLink("tasks:lost-spans", onSpans: false),
        BrokenLink("payments:lost-spans", onSpans: false),
        BrokenLink("tasks:unsampled-but-logged", onSpans: false),
        BrokenLink("gateway:unsampled-but-logged", onSpans: false),
        BrokenLink("payments:clock-skew=+5s", onSpans: false, onLines: false),
        BrokenLink("executor:clock-skew=-30s", onSpans: false, onLines: false),
        BrokenLink("tasks:late-logs=300ms"),
        BrokenLink("tasks:duplicate-logs=3"),
        BrokenLink("payments:garbage-line"),
        BrokenLink("tasks:huge-line"),
        BrokenLink("payments:log-flood"),
        BrokenLink("gateway:label-explosion"),
        BrokenLink("tasks:label-explosion", environment: ["LOG_FORMAT": "text"]),
        BrokenLink("executor:disk-full", onSpans: false, onLines: false),
        BrokenLink("tasks:disk-full", onSpans: false, onLines: false),
        // A shipper that works loses nothing by a rotation, unless a file is gone before it was read.
        BrokenLink("tasks:rotate-now", environment: ["LOG_MAX_FILES": "100"]),
    ]

    @Test(
        "Each fault violates its rule alone and shows in span, line, metric and ledger", arguments: links)
    func eachFaultViolatesItsRuleAlone(_ link: BrokenLink) async throws {
        let outcome = try await verifyWithFaults(link.fault, seed: link.seed, environment: link.environment)
        #expect(outcome.violated == link.rules, "\(outcome.complaints)")
        #expect(outcome.report.surprises.isEmpty, "\(outcome.report.surprises)")

        let entries = outcome.ledger.filter { $0["kind"]?.string == link.kind }
        #expect(!entries.isEmpty)
        #expect(entries.count == outcome.ledger.count)
        #expect(outcome.injected == [link.kind: entries.count])
        let spans = outcome.spans.filter { $0.attribute("tailspan.fault.kind") == link.kind }
        #expect(spans.isEmpty != link.isOnSpans)
        #expect(spans.allSatisfy { $0.attribute("tailspan.fault.id") != nil })
        let lines = outcome.lines.filter { $0.field("tailspan.fault.kind") == link.kind }
        #expect(lines.isEmpty != link.isOnLines)
        #expect(lines.allSatisfy { $0.field("tailspan.fault.id") != nil })
        if link.kind == "rotate-now" { #expect((outcome.files[.tasks]?.count ?? 0) > 5) }
    }

    @Test("Every kind that breaks correlation is tested, and no other kind has a rule")
    func everyCorrelationFaultIsTested() {
        let kinds = FaultKind.allCases.filter { $0.family == .correlation } + [.diskFull]
        #expect(Set(Self.links.map(\.kind)) == Set(kinds.map(\.rawValue)))
        #expect(Set(FaultKind.allCases.filter { $0.brokenRule != nil }) == Set(kinds).subtracting([.rotateNow]))
    }

    @Test("A file that is removed before it is read loses its lines")
    func aFileRemovedBeforeItIsReadLosesItsLines() async throws {
        let outcome = try await verifyWithFaults(
            "executor:rotate-now", seed: 11, environment: ["LOG_MAX_FILES": "1"])
        #expect(outcome.violated == [5], "\(outcome.complaints)")
    }

    @Test("Hidden faults appear in the ledger alone")
    func hiddenFaultsAppearInTheLedgerAlone() async throws {
        let outcome = try await verifyWithFaults(
            "tasks:missing-span-id", seed: 12, environment: ["FAULTS_HIDDEN": "true"])
        #expect(outcome.violated == [9], "\(outcome.complaints)")
        #expect(!outcome.ledger.isEmpty)
        #expect(outcome.injected.isEmpty)
        #expect(
            !outcome.spans.contains {
                $0.attribute("tailspan.fault.kind") != nil || $0.attribute("tailspan.fault.id") != nil
            })
        #expect(!outcome.lines.contains { $0.line.contains("fault") })
    }

    @Test(
        "A fault of another kind violates no rule",
        arguments: [
            "tasks:latency=20ms,rate=50%", "payments.reserve:error=503,rate=30%", "executor:abort,rate=30%",
            "executor:throttle=1s,rate=30%", "payments:corrupt,rate=30%", "payments:truncate,rate=30%",
            "payments:db-slow=5ms", "tasks:db-error,rate=20%", "payments.reserve:lock=1s,rate=10%", "tasks:cpu=10ms",
            "tasks.create-task:refuse=payments,rate=30%", "tasks:retry-storm=5;payments:error=503,rate=30%",
            "gateway:duplicate-request=2", "executor:pool-exhaustion=200ms,rate=20%", "tasks:queue-stall=100ms",
            "executor:memory-leak=64KiB", "gateway:slow-body=20KiB/s",
        ])
    func aFaultOfAnotherKindViolatesNoRule(_ faults: String) async throws {
        let seed = BrokenLink(faults).seed
        let outcome = try await verifyWithFaults(
            faults, seed: seed, requests: 18, toleratesFailures: true, settle: .seconds(3))
        #expect(outcome.violated.isEmpty, "\(outcome.complaints)")
        #expect(!outcome.ledger.isEmpty)
    }

    @Test("Log records over OTLP name the fault")
    func logRecordsOverOTLPNameTheFault() async throws {
        let backend = try await FakeUpstream { _ in Response(headers: ["content-type": "application/x-protobuf"]) }
        let environment = [
            "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": backend.url + "/v1/logs", "LOG_STDOUT": "false",
            "FAULTS": "payments:missing-span-id,id=gone",
        ]
        try await withFourServices(environment: environment, telemetryIsReal: true) { services in
            #expect(try await services.client.createTask(services.url(.gateway)).status == .created)
            try await services.drain()
        }
        let logs = try backend.requests.map { try OTLPDecoder.logs(protobuf: $0.body) }.flatMap(\.resourceLogs)
        for role in ServiceRole.allCases {
            let records = logs.filter { $0.resource.string("service.name") == role.rawValue }.flatMap(\.records)
            let marked = records.filter { $0.attributes["tailspan.fault.id"] == .string("gone") }
            #expect(marked.isEmpty == (role != .payments), "\(role)")
            #expect(marked.allSatisfy { $0.attributes["tailspan.fault.kind"] == .string("missing-span-id") })
        }
        await backend.stop()
    }

    @Test("A test's log handler sees the fault's fields")
    func aTestsLogHandlerSeesTheFaultFields() async throws {
        try await withFourServices(environment: ["FAULTS": "payments.reserve:latency=1ms,id=slow"]) { services in
            #expect(try await services.client.createTask(services.url(.gateway)).status == .created)
            try await eventually("the request is logged") {
                services.logs.entries.contains { $0.metadata["tailspan.fault.id"] == "slow" }
            }
            let marked = services.logs.entries.filter { $0.metadata["tailspan.fault.kind"] != nil }
            #expect(marked.allSatisfy { $0.metadata["tailspan.fault.kind"] == "latency" })
        }
    }

    @Test("An environment without faults violates no rule")
    func anEnvironmentWithoutFaultsViolatesNoRule() async throws {
        let outcome = try await verifyWithFaults("", seed: 13)
        #expect(outcome.violated.isEmpty, "\(outcome.complaints)")
        #expect(outcome.ledger.isEmpty)
    }
}
