import Encoding
import Testing
import Vocabulary
import Workload

@testable import Verification

@Suite("Judging one trace that nobody planned")
struct ObservedTraceTests {
    /// What the stores have of the first request of a kind, with the span of its sender as a load leaves it.
    private static func observed(
        _ kind: RequestKind = .sync, hasCaller: Bool = true, isRoot: Bool = false,
        _ change: (inout ObservedTrace) -> Void = { _ in }
    ) throws -> ObservedTrace {
        let evidence = SyntheticEvidence.few()
        let request = try #require(evidence.requests.first { $0.request.kind == kind })
        var trace = try #require(evidence.traces[request.traceID])
        let sender = request.request.parentSpanID
        if hasCaller {
            trace.spans.append(
                SpanRecord(
                    traceID: request.traceID, spanID: sender, service: "load", name: "POST /v1/tasks", kind: .client,
                    startNS: trace.startNS - 1000, endNS: trace.endNS + 1000))
        }
        if isRoot {
            for index in trace.spans.indices where trace.spans[index].parentSpanID == sender {
                trace.spans[index].parentSpanID = nil
            }
        }
        var observed = ObservedTrace(
            traceID: request.traceID, trace: trace,
            lines: evidence.lines.filter { $0.requestID == request.request.requestID })
        change(&observed)
        return observed
    }

    private static func broken(_ observed: ObservedTrace) -> [Int] {
        LinkRules.check(observed.evidence, by: LinkRules.ofOneTrace)
            .filter { !$0.findings.violations.isEmpty }.map(\.rule.number)
    }

    @Test("The rules are those that need neither a plan, nor counters, nor Grafana's files")
    func theRulesNeedNoPlan() {
        #expect(LinkRules.ofOneTrace.map(\.number) == [1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 16, 17, 18, 19])
    }

    @Test("A whole trace breaks no rule, whoever sent its request", arguments: RequestKind.allCases)
    func aWholeTraceBreaksNoRule(_ kind: RequestKind) throws {
        #expect(try Self.broken(Self.observed(kind)).isEmpty)
        // Sent with a traceparent by somebody who sends no spans, and without one.
        #expect(try Self.broken(Self.observed(kind, hasCaller: false)).isEmpty)
        #expect(try Self.broken(Self.observed(kind, hasCaller: false, isRoot: true)).isEmpty)
    }

    @Test("Each rule looks at something in a whole trace")
    func eachRuleLooksAtSomething() throws {
        let evidence = try Self.observed(.poor).evidence
        for result in LinkRules.check(evidence, by: LinkRules.ofOneTrace) {
            #expect(result.findings.checked > 0, "\(result.rule.number)")
        }
    }

    @Test(
        "What is broken is found by its rule",
        arguments: [
            (1, "no span was stored"), (3, "a span has lost its parent"), (3, "a second root"),
            (4, "a span ends late"), (5, "a service says nothing"), (6, "a line's span is another service's"),
            (7, "a line is late"), (8, "an error is not logged"), (9, "a line has no span id"),
            (9, "a line of the request is in another trace"), (10, "ids are in upper case"), (11, "a line twice"),
            (16, "a line is cut off"), (17, "a line is not sampled"), (18, "an unknown level"),
            (19, "a flood of lines"),
        ] as [(Int, String)])
    func whatIsBrokenIsFound(_ rule: Int, _ what: String) throws {
        let observed = try Self.observed { observed in
            let line = observed.lines.firstIndex { $0.service == "payments" } ?? 0
            let span = observed.trace?.spans.firstIndex { $0.name == "INSERT reservations" } ?? 0
            func change(_ name: String, _ value: String?) {
                var labels = observed.lines[line].labels
                labels[name] = value
                let old = observed.lines[line]
                let text = old.fields[name]?.string.map { own in
                    old.line.replacing("\"\(own)\"", with: "\"\(value ?? "")\"")
                }
                observed.lines[line] = LogRecord(
                    timestampNS: old.timestampNS, labels: labels, line: text ?? old.line)
            }
            switch what {
            case "no span was stored": observed.trace = nil
            case "a span has lost its parent": observed.trace?.spans[span].parentSpanID = "00000000000000aa"
            case "a second root":
                let caller = observed.trace?.spans.last?.spanID
                observed.trace?.spans[span].parentSpanID = caller
            case "a span ends late": observed.trace?.spans[span].endNS += 1_000_000_000
            case "a service says nothing": observed.lines.removeAll { $0.service == "payments" }
            case "a line's span is another service's":
                change(LogField.spanID, observed.trace?.spans.first { $0.service == "tasks" }?.spanID)
            case "a line is late":
                observed.lines[line].ownTimestampNS = observed.lines[line].timestampNS + 1_000_000_000
            case "an error is not logged": observed.trace?.spans[span].statusError = true
            case "a line has no span id": change(LogField.spanID, nil)
            case "a line of the request is in another trace":
                change(LogField.traceID, "0af7651916cd43dd8448eb211c80319c")
            case "ids are in upper case": change(LogField.traceID, observed.traceID.uppercased())
            case "a line twice": observed.lines.append(observed.lines[line])
            case "a line is cut off":
                observed.lines[line] = LogRecord(
                    timestampNS: observed.lines[line].timestampNS, labels: observed.lines[line].labels,
                    line: String(observed.lines[line].line.dropLast(5)))
            case "a line is not sampled": observed.lines[line].sampled = false
            case "an unknown level": observed.lines[line].level = "loud"
            default:
                for index in 0..<100 {
                    var copy = observed.lines[line]
                    copy.line += String(repeating: " ", count: index + 1)
                    observed.lines.append(copy)
                }
            }
        }
        #expect(Self.broken(observed).contains(rule))
    }

    @Test("A violation names its span or its line")
    func aViolationNamesItsPlace() throws {
        let late = try Self.observed { $0.trace?.spans[0].endNS = 0 }
        let violation = LinkRules.check(late.evidence, by: LinkRules.ofOneTrace).flatMap(\.findings.violations).first
        #expect(violation?.spanID == late.trace?.spans[0].spanID)
        let unknown = try Self.observed { $0.lines[1].level = "loud" }
        let line = LinkRules.check(unknown.evidence, by: LinkRules.ofOneTrace).flatMap(\.findings.violations).first
        #expect(line?.line == unknown.lines[1].line)
    }
}
