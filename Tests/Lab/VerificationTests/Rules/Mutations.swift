import Workload

@testable import Verification

enum Mutations {
    static let all = spans + lines + counts + links + clicks + dashboards + chains

    private static let spans = [
        Mutation(1, "a trace was never exported") { evidence in
            let id = evidence.traceID(of: .async)
            for span in evidence.traces[id]!.spans { evidence.countExported(span.service, -1) }
            evidence.traces[id] = nil
        },
        Mutation(1, "a request got no answer, and nothing is known of it") { evidence in
            let id = evidence.traceID(of: .sync)
            evidence.requests[0].outcome = .noAnswer("timed out")
            for span in evidence.traces[id]!.spans { evidence.countExported(span.service, -1) }
            evidence.traces[id] = nil
        },
        Mutation(2, "a database span is missing") { $0.removeSpan { $0.name == "INSERT tasks" } },
        Mutation(2, "one of three updates is missing") { $0.removeSpan { $0.name == "UPDATE tasks" } },
        Mutation(2, "a computation goes by another name") {
            $0.changeSpan(of: .async, where: { $0.name.hasPrefix("compute") }) { $0.name = "compute nothing" }
        },
        Mutation(2, "a span has another kind") {
            $0.changeSpan(of: .async, where: { $0.kind == .producer }) { $0.kind = .internal }
        },
        Mutation(2, "a service's span hangs under the wrong one") { evidence in
            let root = evidence.span(of: .poor) { $0.service == "gateway" && $0.kind == .server }
            evidence.changeSpan(of: .poor, where: { $0.service == "payments" && $0.kind == .server }) {
                $0.parentSpanID = root.spanID
            }
        },
        Mutation(2, "a request was answered otherwise") { $0.requests[3].outcome = .other("answered 503") },
        Mutation(3, "the root has no parent") {
            $0.changeSpan(where: { $0.service == "gateway" && $0.kind == .server }) { $0.parentSpanID = nil }
        },
        Mutation(3, "the root has another parent") {
            $0.changeSpan(where: { $0.service == "gateway" && $0.kind == .server }) {
                $0.parentSpanID = "00000000000000ff"
            }
        },
        Mutation(3, "an orphan") { evidence in
            var span = evidence.span { $0.name == "UPDATE tasks" }
            span.spanID = "00000000000000aa"
            span.parentSpanID = "00000000000000ff"
            evidence.addSpan(span)
        },
        Mutation(3, "a second root") { evidence in
            var span = evidence.span { $0.service == "gateway" && $0.kind == .server }
            span.spanID = "00000000000000aa"
            evidence.addSpan(span)
        },
        Mutation(4, "a child starts before its parent") {
            $0.changeSpan(where: { $0.name == "INSERT tasks" }) { $0.startNS -= 5_000_000 }
        },
        Mutation(4, "a child ends after its parent") {
            $0.changeSpan(where: { $0.name == "INSERT tasks" }) { $0.endNS += 500_000_000 }
        },
        Mutation(4, "a server ends long after its answered caller") {
            $0.changeSpan(where: { $0.service == "executor" && $0.kind == .server }) { $0.endNS += 500_000_000 }
        },
        Mutation(4, "a consumer starts before its producer") {
            $0.changeSpan(of: .async, where: { $0.kind == .consumer }) { $0.startNS -= 50_000_000 }
        },
        Mutation(4, "a span ends before it starts") {
            $0.changeSpan(where: { $0.name == "INSERT tasks" }) { $0.endNS = $0.startNS - 1 }
        },
        Mutation(10, "a span id in upper case") {
            $0.changeSpan(where: { $0.name == "INSERT tasks" }) { $0.spanID = $0.spanID.uppercased() }
        },
        Mutation(10, "a trace id of a span without its leading digit") {
            $0.changeSpan(where: { $0.name == "INSERT tasks" }) { $0.traceID = String($0.traceID.dropFirst()) }
        },
        Mutation(11, "a span is stored twice") { evidence in
            let span = evidence.span { $0.service == "payments" && $0.kind == .server }
            evidence.traces[span.traceID]?.spans.append(span)
        },
    ]

    private static let lines = [
        Mutation(5, "a service's lines did not arrive") { evidence in
            let id = evidence.traceID(of: .sync)
            evidence.lines.removeAll { $0.traceID == id && $0.service == "executor" }
        },
        Mutation(5, "the only service wrote nothing") { evidence in
            let id = evidence.traceID(of: .badBody)
            evidence.lines.removeAll { $0.traceID == id }
        },
        Mutation(6, "a line names a span that is not there") { $0.rewriteLine(["span_id": "00000000000000ff"]) },
        Mutation(6, "a line names the caller's span") { evidence in
            let call = evidence.span { $0.service == "tasks" && $0.kind == .client }
            evidence.rewriteLine(where: { $0.service == "payments" }, ["span_id": call.spanID])
        },
        Mutation(6, "a line of another service has the span's id") { $0.rewriteLine(["service": "stranger"]) },
        Mutation(7, "a line is much older than its span") { $0.rewriteLine(timeNS: 1_795_192_300_000_000_000) },
        Mutation(7, "a line is younger than its span") { evidence in
            let line = evidence.lines.first { $0.traceID == evidence.traceID(of: .sync) }!
            evidence.rewriteLine(timeNS: line.timestampNS + 400_000_000)
        },
        Mutation(7, "the store took another time than the line's") { evidence in
            let id = evidence.traceID(of: .sync)
            evidence.lines[evidence.lines.firstIndex { $0.traceID == id }!].timestampNS += 3_000_000_000
        },
        Mutation(8, "an error was only marked on the span") {
            $0.changeSpan(where: { $0.name == "INSERT tasks" }) { $0.statusError = true }
        },
        Mutation(8, "a refused call was only logged as a notice") {
            $0.rewriteLine(of: .poor, where: { $0.isRefusal && $0.service == "tasks" }, level: "notice")
        },
        Mutation(8, "a call that failed was only logged as a warning") {
            $0.changeSpan(of: .poor, where: { $0.service == "tasks" && $0.isRefusedCall }) {
                $0.attributes = [.init("http.response.status_code", "503")]
            }
        },
        Mutation(8, "a call without an answer was only logged as a warning") {
            $0.changeSpan(of: .poor, where: { $0.service == "tasks" && $0.isRefusedCall }) { $0.attributes = [] }
        },
        Mutation(8, "an answer of our own was only logged as a warning") {
            $0.changeSpan(of: .poor, where: { $0.service == "payments" && $0.kind == .server }) {
                $0.statusError = true
                $0.attributes = [.init("http.response.status_code", "402")]
            }
        },
        Mutation(8, "an error was logged on a span that is fine") { $0.rewriteLine(level: "error") },
        Mutation(8, "something critical was logged on a span that is fine") { $0.rewriteLine(level: "critical") },
        Mutation(9, "a line of a request has no ids") {
            $0.rewriteLine(["trace_id": nil, "span_id": nil])
        },
        Mutation(9, "a line of a request has no span id") { $0.rewriteLine(["span_id": nil]) },
        Mutation(9, "a line about a task has no ids") { evidence in
            evidence.lines.append(.made("tasks", evidence.lines[0].timestampNS, "info", "odd", ["task_id": "t-1"]))
        },
        Mutation(9, "a line carries another request's ids") { evidence in
            let other = evidence.span(of: .badBody) { _ in true }
            evidence.rewriteLine(["trace_id": other.traceID, "span_id": other.spanID])
        },
        Mutation(9, "a line carries a trace of its own") {
            $0.rewriteLine(["trace_id": String(repeating: "b", count: 32)])
        },
        Mutation(9, "the store cannot find a line by its trace id") { evidence in
            let id = evidence.traceID(of: .sync)
            evidence.lines[evidence.lines.firstIndex { $0.traceID == id }!].labels["trace_id"] = nil
        },
        Mutation(10, "a trace id in upper case") { evidence in
            evidence.rewriteLine(["trace_id": evidence.traceID(of: .sync).uppercased()])
        },
        Mutation(10, "a span id of zeros") { $0.rewriteLine(["span_id": String(repeating: "0", count: 16)]) },
        Mutation(10, "a span id as a number") { $0.rewriteLine(["span_id": "48131768981101"]) },
        Mutation(11, "a line is stored twice, a moment later") { evidence in
            let line = evidence.lines.first { $0.traceID == evidence.traceID(of: .sync) }!
            var fields: [String: String] = [:]
            for name in ["trace_id", "span_id", "trace_sampled", "request_id"] { fields[name] = line.field(name) }
            evidence.lines.append(
                .made(line.service!, line.ownTimestampNS! + 1_000_000, line.level!, line.message, fields))
        },
        Mutation(16, "a library prints past the logger") { evidence in
            let line = evidence.lines[0]
            evidence.lines.append(
                LogRecord(timestampNS: line.timestampNS, labels: line.labels, line: "Fatal: half a line"))
        },
        Mutation(16, "a line was cut") { evidence in
            let index = evidence.lines.firstIndex { $0.traceID == evidence.traceID(of: .sync) }!
            let line = evidence.lines[index]
            evidence.lines[index] = LogRecord(
                timestampNS: line.timestampNS, labels: line.labels, line: String(line.line.dropLast(9)))
        },
        Mutation(16, "a shipper leaves out the request's id") { evidence in
            let id = evidence.traceID(of: .sync)
            evidence.lines[evidence.lines.firstIndex { $0.traceID == id }!].labels["request_id"] = nil
        },
        Mutation(16, "a shipper changes a message") { evidence in
            let id = evidence.traceID(of: .sync)
            evidence.lines[evidence.lines.firstIndex { $0.traceID == id }!].labels["message"] = "something"
        },
        Mutation(17, "a line says that it is not sampled") { $0.rewriteLine(["trace_sampled": "false"]) },
        Mutation(18, "a level is made up") { $0.rewriteLine(level: "info-7f3a") },
        Mutation(18, "the level of an error is made up") {
            $0.rewriteLine(of: .poor, where: { $0.isRefusal }, level: "warning-7f3a")
        },
        Mutation(19, "a line is in a loop") { evidence in
            let line = evidence.lines.first { $0.traceID == evidence.traceID(of: .badBody) }!
            for number in 0..<50 {
                var fields = ["number": String(number)]
                for name in ["trace_id", "span_id", "trace_sampled", "request_id"] { fields[name] = line.field(name) }
                evidence.lines.append(
                    .made(line.service!, line.ownTimestampNS!, line.level!, line.message, fields))
            }
        },
        Mutation(11, "a line is stored twice") { evidence in
            evidence.lines.append(evidence.lines.first { $0.traceID == evidence.traceID(of: .sync) }!)
        },
    ]

    private static let counts = [
        Mutation(12, "the store dropped a span that no rule expects") { $0.countExported("payments", 1) },
        Mutation(12, "a service counts too few") { $0.countExported("gateway", -2) },
    ]

    private static let links = [
        Mutation(13, "an expression that fits no line of this format") {
            $0.searchLines(#""trace_id": "([0-9a-f]{32})""#)
        },
        Mutation(13, "an expression that fits only ids that begin with certain digits") {
            $0.searchLines(#""trace_id":"([0-7][0-9a-f]{31})""#)
        },
        Mutation(13, "an expression that finds the span's id") { $0.searchLines(#""span_id":"([0-9a-f]{16})""#) },
        Mutation(13, "an expression that takes the name for the value") {
            $0.searchLines(#""(trace_id)":"([0-9a-f]{32})""#)
        },
        Mutation(13, "an expression without a group") { $0.searchLines(#""trace_id":"[0-9a-f]{32}""#) },
        Mutation(13, "an expression that is none") { $0.searchLines(#"([0-9a-f]{32}"#) },
        Mutation(13, "two fields of one name") {
            $0.addField(DerivedField(name: "Label", expression: "x=(.)", datasourceUID: "tempo"))
        },
        Mutation(13, "a label that finds another id") { $0.changeField("Label") { $0.expression = "_id$" } },
        Mutation(13, "a label of a name that no line has, beside a pattern that finds the id") {
            $0.changeField("Label") { $0.expression = "^traceid$" }
            $0.addField(.line)
        },
        Mutation(13, "only a label, of a name that no line has") {
            $0.changeField("Label") { $0.expression = "^traceid$" }
        },
        Mutation(13, "a pattern for other lines, beside a label that finds the id") {
            $0.addField(DerivedField(name: "Text", expression: "x=([0-9a-f]{32})", datasourceUID: "tempo"))
        },
        Mutation(13, "no field that leads to traces") { $0.changeLinks { $0[0].derivedFields = [] } },
        Mutation(13, "no log store") {
            $0.changeLinks {
                $0[0].type = "elasticsearch"; $0[1].tracesToLogs = nil
            }
        },
        Mutation(14, "a link to a data source that is not there") {
            $0.changeField("Label") { $0.datasourceUID = "P1" }
        },
        Mutation(14, "a link to a data source without traces") {
            $0.changeField("Label") { $0.datasourceUID = "loki" }
        },
        Mutation(14, "a query that provisioning made empty") { $0.changeField("Label") { $0.url = "" } },
        Mutation(14, "a query of a variable that is not there") {
            $0.changeField("Label") { $0.url = "${__value.text}" }
        },
        Mutation(14, "a query that is a path") { $0.changeField("Label") { $0.url = "/trace/${__value.raw}" } },
        Mutation(14, "a search for something else") {
            $0.changeField("Label") { $0.url = #"{ span:id = "${__value.raw}" }"# }
        },
        Mutation(14, "a dashboard that is not there") {
            $0.changeField("Label") {
                ($0.datasourceUID, $0.url) = (nil, "/d/traces?var-trace_id=${__value.raw}")
            }
        },
        Mutation(14, "a variable that the dashboard does not have") {
            $0.changeField("Label") { ($0.datasourceUID, $0.url) = (nil, "/d/trace?var-traceID=${__value.raw}") }
        },
        Mutation(15, "shifts the wrong way") {
            $0.changeTracesToLogs { swap(&$0.startShift, &$0.endShift) }
        },
        Mutation(15, "a shift that is no time") { $0.changeTracesToLogs { $0.startShift = "five minutes" } },
        Mutation(15, "a query for a label that no stream has") {
            $0.changeTracesToLogs { $0.tags = [.init("service.name", "app")] }
        },
        Mutation(15, "a query that forgets the trace") { $0.changeTracesToLogs { $0.customQuery = "{${__tags}}" } },
        Mutation(15, "a query that provisioning emptied") {
            $0.changeTracesToLogs { $0.customQuery = #"{service_namespace="tailspan"} | trace_id="""# }
        },
        Mutation(15, "a query that is not LogQL") { $0.changeTracesToLogs { $0.customQuery = "${__trace.traceId}" } },
        Mutation(15, "a tag that no span has") { $0.changeTracesToLogs { $0.tags = [.init("app.name", "app")] } },
        Mutation(15, "a way to a data source that is not there") {
            $0.changeTracesToLogs { $0.datasourceUID = "logs" }
        },
        Mutation(15, "a way to a data source without lines") { $0.changeTracesToLogs { $0.datasourceUID = "tempo" } },
    ]

    /// Causes with many effects: each is told by one rule.
    private static let chains = [
        Mutation(2, "the context was lost on the way to a service, which began a trace of its own") { evidence in
            evidence.breakOff("tasks", of: .sync) { line in line["trace_id"] = String(repeating: "b", count: 32) }
        },
        Mutation(6, "a service's spans were lost") { evidence in
            evidence.removeSpans("tasks", of: .sync)
        },
        Mutation(6, "a service has another's name in its lines") { evidence in
            evidence.rewriteLines("tasks", of: .poor) { $0["service"] = "stranger" }
        },
        Mutation(9, "a service leaves out span ids") { evidence in
            evidence.rewriteLines("tasks", of: .poor) { $0["span_id"] = nil }
        },
        Mutation(10, "a service writes ids in upper case") { evidence in
            evidence.rewriteLines("tasks", of: .poor) { fields in
                for name in ["trace_id", "span_id"] { fields[name] = fields[name]?.uppercased() }
            }
        },
        Mutation(5, "a service's log file is full, errors and all") { evidence in
            let id = evidence.traceID(of: .poor)
            evidence.lines.removeAll { $0.traceID == id && $0.service == "tasks" }
        },
        Mutation(17, "a service does not sample what it was sent sampled") { evidence in
            for service in ["tasks", "executor", "payments"] {
                evidence.removeSpans(service, of: .sync)
                evidence.rewriteLines(service, of: .sync) { $0["trace_sampled"] = "false" }
            }
        },
        Mutation(17, "nothing of a request was sampled") { evidence in
            evidence.removeSpans("gateway", of: .badBody)
            evidence.traces[evidence.traceID(of: .badBody)] = nil
            evidence.rewriteLines("gateway", of: .badBody) { $0["trace_sampled"] = "false" }
        },
    ]

    /// What happens to a healthy environment, and is no violation.
    static let harmless = [
        Mutation(0, "a link to somewhere else for something else") {
            $0.changeLinks {
                $0[0].derivedFields += [
                    DerivedField(name: "Request", expression: #""request_id":"([^"]+)""#, datasourceUID: "loki"),
                    DerivedField(name: "Wiki", expression: #""message":"([^"]+)""#, url: "http://wiki/${__value.raw}"),
                ]
            }
        },
        Mutation(0, "only the line is searched") { $0.searchLines() },
        Mutation(0, "a data source is referred to by its name") {
            $0.changeField("Label") { $0.datasourceUID = "Tempo" }
        },
        Mutation(0, "a link to a search for the trace") {
            $0.changeField("Label") { $0.url = #"{ trace:id = "${__value.raw}" }"# }
        },
        Mutation(0, "a link to a dashboard for the trace") {
            $0.changeField("Label") { ($0.datasourceUID, $0.url) = (nil, "/d/trace?var-trace_id=${__value.raw}") }
        },
        Mutation(0, "two links to different places") {
            $0.addField(
                DerivedField(
                    name: "Page", matcher: .label, expression: "^trace_id$", url: "/d/trace?var-trace_id=${__value.raw}"
                ))
        },
        Mutation(0, "a time that is wide enough") {
            $0.changeTempo { $0.traceQuery = .init(isShifted: true, startShift: "1h", endShift: "1h") }
        },
        .answer(0, "a trace of an hour ago that is found") { clicks in
            clicks.traces.append(
                TraceClick(
                    source: "Tempo", traceID: "a", isOld: true,
                    outcome: .trace(GrafanaTrace(spans: [.init(spanID: "b")]))))
        },
        Mutation(0, "Grafana's own time") { $0.changeTempo { $0.traceQuery = .init(isShifted: true) } },
        Mutation(0, "a link to the same page that says all") {
            $0.linkDashboard("/d/logs?${__all_variables}", keepsTime: true)
        },
        Mutation(0, "a link to the same page for one trace") {
            $0.linkDashboard("/d/trace?var-trace_id=${trace}&${__url_time_range}")
        },
        Mutation(0, "a template with a variable of its own") {
            $0.changeAlert { $0.annotations[0].text = "{{ $name := $labels.service }}{{ $name }} {{ .Values.A }}" }
        },
        .answer(0, "Prometheus has nothing yet") { clicks in
            for name in clicks.numbers["prometheus"]!.keys { clicks.numbers["prometheus"]![name] = [] }
        },
        Mutation(0, "a query for all lines of the trace") {
            $0.changeTracesToLogs {
                $0.customQuery = #"{service_namespace="tailspan"} | trace_id="${__span.traceId}""#
            }
        },
        Mutation(0, "a query for the lines of the span") {
            $0.changeTracesToLogs {
                $0.customQuery = #"{${__tags}} | trace_id="${__trace.traceId}" | span_id="${__span.spanId}""#
            }
        },
        Mutation(0, "no way from spans to lines") { $0.changeLinks { $0[1].tracesToLogs = nil } },
        Mutation(0, "a refused call was logged as an error") {
            $0.rewriteLine(of: .poor, where: { $0.isRefusal }, level: "error")
        },
        Mutation(0, "a retry left a call without an answer") { evidence in
            var call = evidence.span { $0.service == "tasks" && $0.name == "POST /v1/executions" }
            call.spanID = "00000000000000aa"
            call.statusError = true
            evidence.addSpan(call)
            evidence.lines.append(
                .made(
                    "tasks", call.endNS, "error", "upstream call failed",
                    ["trace_id": call.traceID, "span_id": call.spanID]))
        },
        Mutation(0, "a server ends a little after its caller") {
            $0.changeSpan(where: { $0.service == "payments" && $0.kind == .server }) { $0.endNS += 20_000_000 }
        },
        Mutation(0, "a server outlives a caller that gave up") { evidence in
            evidence.changeSpan(where: { $0.name == "POST /v1/executions" && $0.kind == .client }) {
                $0.attributes = []
            }
            evidence.changeSpan(where: { $0.service == "executor" && $0.kind == .server }) { $0.endNS += 9_000_000_000 }
        },
        Mutation(0, "a consumer ends after its producer") { evidence in
            evidence.changeSpan(of: .async, where: { $0.kind == .consumer }) { $0.endNS += 9_000_000_000 }
        },
        Mutation(0, "a line in the span's first microsecond") { evidence in
            let span = evidence.span { $0.service == "gateway" && $0.kind == .server }
            evidence.rewriteLine(where: { $0.spanID == span.spanID }, timeNS: span.startNS)
        },
        Mutation(0, "faults make requests end otherwise") { evidence in
            evidence.toleratesFailures = true
            evidence.requests[0].outcome = .other("answered 500")
            evidence.removeSpan { $0.name == "INSERT tasks" }
        },
        Mutation(0, "faults leave requests without an answer and a trace") { evidence in
            evidence.toleratesFailures = true
            evidence.requests[0].outcome = .noAnswer("timed out")
            let id = evidence.requests[0].traceID
            for span in evidence.traces[id]!.spans { evidence.countExported(span.service, -1) }
            evidence.traces[id] = nil
        },
        Mutation(0, "a service logs in text") { evidence in
            let line = evidence.lines.first { $0.traceID == evidence.traceID(of: .sync) }!
            let time = line.line.split(separator: "\"")[3]
            let labels = line.labels.merging(["message": "hello"]) { $1 }
            evidence.lines.append(
                LogRecord(
                    timestampNS: line.timestampNS, labels: labels,
                    line:
                        "\(time) INFO  \(line.service!)  hello  trace_id=\(line.traceID!) span_id=\(line.spanID!) request_id=\(line.requestID!)"
                ))
        },
    ]
}

extension DerivedField {
    /// Finds the trace id of a line in JSON.
    static let line = DerivedField(name: "Line", expression: #""trace_id":"([0-9a-f]{32})""#, datasourceUID: "tempo")
}
