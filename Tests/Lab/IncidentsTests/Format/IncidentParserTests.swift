import Incidents
import Testing
import Vocabulary
import Workload

@Suite("The parser of incident files")
struct IncidentParserTests {
    @Test("A file with every key is read")
    func aFileWithEveryKeyIsRead() throws {
        let incident = try SampleIncident.read {
            $0.load =
                "{rate: 2.5, duration: '1m30s', mix: 'sync=1,poor=1', workload_mix: {sort: 1}, concurrency: 9}"
            $0.timeline = """
                [{at: '40s', deploy: {service: 'tasks', version: '2.0.0'}},
                 {at: '10s', rule: 'payments:latency=1s'}, {rule: 'executor:unready', for: '5s'}]
                """
            $0.symptoms = """
                [{id: 'a', title: 'A', logql: 'count_over_time({service="tasks"}[$window])', expect: 'between 1 and 2'},
                 {id: 'b', title: 'B', traceql: '{ status = error }', expect: '== 0'},
                 {id: 'c', title: 'C', metric: 'm{service="gateway",code!="200"}', expect: '<= 3.5'}]
                """
            $0.questions = """
                [{id: 'q', text: 'Q?', choices: ['yes', 'no'], accept: ['no'], explanation: 'E', hint: 'H'},
                 {id: 'r', text: 'R?', accept: ['/a+/', 'b'], explanation: 'E'}]
                """
            $0.more = """
                hints: ['one', 'two']
                restart: ['executor', 'tasks']
                environment: {gateway: {UPSTREAM_TIMEOUT_MS: 800, REGION: 'r'}}
                """
        }
        #expect(incident.name == "sample")
        #expect(incident.seed == 7)
        #expect(incident.load.rate == 2.5)
        #expect(incident.load.duration == .seconds(90))
        #expect(incident.load.mix.description == "sync=1,poor=1")
        #expect(incident.load.computations.description == "sort=1")
        #expect(incident.load.concurrency == 9)
        #expect(incident.timeline.map(\.at) == [.zero, .seconds(10), .seconds(40)])
        #expect(incident.timeline.map(\.length) == [.seconds(5), nil, nil])
        #expect(incident.timeline[2].event == .deploy(.tasks, version: "2.0.0"))
        #expect(incident.hasDeploys)
        #expect(incident.symptoms.map(\.expect.description) == ["between 1 and 2", "== 0", "<= 3.5"])
        #expect(incident.hints == ["one", "two"])
        #expect(incident.restart == [.executor, .tasks])
        #expect(incident.environment == [.gateway: ["UPSTREAM_TIMEOUT_MS": "800", "REGION": "r"]])
        #expect(incident.questions.map(\.hint) == ["H", nil])
        #expect(incident.questions.map(\.choices.count) == [2, 0])
        #expect(try incident.plan().count == 225)
    }

    @Test(
        "A structural error is reported in one line with its place",
        arguments: [
            ("[]", "1:1: expected an incident to be a mapping"),
            ("title: 'a' 'b'", "1:12: did not find expected key while parsing a block mapping"),
            ("\n titel: 'x'", "2:2: an incident has no key 'titel': did you mean 'title'?"),
            (
                "colour: x",
                "1:1: an incident has no key 'colour': expected title, aliases, lesson, story, seed, "
                    + "load, timeline, symptoms, alerts, hints, questions, restart or environment"
            ),
            ("title: x", "1:1: an incident needs 'load'"),
            ("load: {rate: 1}", "1:7: load needs 'duration'"),
            ("title: a\ntitle: b", "2:1: the key title stands here twice"),
            ("title: a\n---\ntitle: b", "3:1: expected one document: here a second one begins"),
            ("", "1:1: expected a document: there is nothing in it"),
        ])
    func aStructuralErrorIsReportedInOneLineWithItsPlace(text: String, message: String) {
        let error = #expect(throws: IncidentError.self) {
            try Incident(name: "sample", parsing: Array(text.utf8), file: "sample.yaml")
        }
        #expect(error?.description == "sample.yaml:" + message)
    }

    typealias Change = @Sendable (inout SampleIncident) -> Void

    static let mistakes: [(message: String, change: Change)] = [
        ("2:8: expected 'title' to be a text that is not empty", { $0.title = "' '" }),
        (
            "2:8: expected 'title' to be a text that is not empty, not a number: quotes make it a text",
            { $0.title = "3" }
        ),
        ("2:7: expected 'title' to be a text that is not empty", { $0.title = "" }),
        (
            "2:8: expected 'title' to be a text that is not empty, not a list: quotes make a text of what begins with '['",
            { $0.title = "[a]" }
        ),
        (
            "5:39: expected 'traceql' to be a text that is not empty, not a mapping: quotes make a text of what begins with '{'",
            { $0.symptoms = "[{id: s, title: S, traceql: { status = error }, expect: '> 1'}]" }
        ),
        (
            "5:17: expected 'id' to be up to 64 letters, digits and '-', not a number: quotes make it a text",
            { $0.symptoms = "[{id: 7, title: S, metric: m, expect: '> 1'}]" }
        ),
        (
            "6:55: expected 'accept' to be a text that is not empty, not a number: quotes make it a text",
            { $0.questions = "[{id: q, text: Q, explanation: E, accept: [429]}]" }
        ),
        (
            "3:28: expected 'duration' to be a duration above zero, such as '20s'",
            { $0.load = "{rate: 10, duration: 60}" }
        ),
        ("3:14: expected 'rate' to be a number", { $0.load = "{rate: '1', duration: '1s'}" }),
        (
            "3:7: load: a rate of -1.0: expected more than 0 and at most 1000000 requests a second",
            { $0.load = "{rate: -1, duration: '1s'}" }
        ),
        ("3:7: load: these are no requests: expected 1 to 10000000", { $0.load = "{rate: 0.1, duration: '1s'}" }),
        (
            "3:38: mix: 'sink' is not known, expected names of sync, async, unknown-guild, poor, bad-body",
            { $0.load = "{rate: 1, duration: '1s', mix: {sink: 1}}" }
        ),
        ("4:11: an incident needs a 'timeline' of one entry or more", { $0.timeline = "[]" }),
        ("4:11: expected 'timeline' to be a list", { $0.timeline = "{}" }),
        ("4:12: a timeline entry needs exactly one of rule or deploy", { $0.timeline = "[{at: '1s'}]" }),
        (
            "4:17: the load is over at 1m: expected 'at' before",
            { $0.timeline = "[{at: '60s', rule: 'tasks:error'}]" }
        ),
        (
            "4:23: a timeline entry has no key 'untill': expected at, for, rule or deploy",
            { $0.timeline = "[{at: '1s', untill: '2s', rule: 'tasks:error'}]" }
        ),
        (
            "4:19: fault 'tasks:eror': no kind of fault 'eror': did you mean 'error'?",
            { $0.timeline = "[{rule: 'tasks:eror'}]" }
        ),
        (
            "4:19: the rule's time is given beside it: expected 'at' and 'for' instead of from= and for=",
            { $0.timeline = "[{rule: 'tasks:error,from=1s'}]" }
        ),
        (
            "4:35: two rules with the id 'tasks-error': expected ,id=NAME on one of them",
            { $0.timeline = "[{rule: 'tasks:error'}, {rule: 'tasks:error=500'}]" }
        ),
        (
            "4:31: no service 'task': did you mean 'tasks'?",
            { $0.timeline = "[{deploy: {service: 'task', version: '2'}}]" }
        ),
        (
            "4:18: a deploy stays: expected no 'for'",
            {
                $0.timeline = "[{for: '5s', deploy: {service: 'tasks', version: '2'}}]".replacing(
                    "{ for: ", with: "{  for:  ")
            }
        ),
        ("5:11: an incident needs 'symptoms', one or more", { $0.symptoms = "[]" }),
        (
            "5:12: a symptom needs exactly one of logql, traceql or metric",
            { $0.symptoms = "[{id: 's', title: 'S', expect: '> 1'}]" }
        ),
        (
            "5:55: expected 'expect' to be a comparison such as '> 10', '== 0' or 'between 5 and 20'",
            { $0.symptoms = "[{id: 's', title: 'S', metric: 'm', expect: 'many'}]" }
        ),
        (
            "5:20: expected a metric query, such as sum(count_over_time({service=\"tasks\"}[$window]))",
            { $0.symptoms = "[{logql: '{a=\"b\"}', id: 's', title: 'S', expect: '> 1'}]" }
        ),
        (
            "5:17: expected 'id' to be up to 64 letters, digits and '-'",
            { $0.symptoms = "[{id: 'a b', title: 'S', metric: 'm', expect: '> 1'}]" }
        ),
        ("6:12: expected 'questions' to be a list", { $0.questions = "3" }),
        (
            "6:13: a question needs 'accept', one answer or more",
            { $0.questions = "[{id: 'q', text: 'Q', explanation: 'E'}]" }
        ),
        (
            "6:23: 'c' is none of the choices",
            { $0.questions = "[{accept: ['c'], choices: ['a', 'b'], id: 'q', text: 'Q', explanation: 'E'}]" }
        ),
        ("7:11: no service 'execoter': did you mean 'executor'?", { $0.more = "restart: ['execoter']" }),
        (
            "7:15: the environment has no key 'gatway': did you mean 'gateway'?",
            { $0.more = "environment: {gatway: {}}" }
        ),
        (
            "7:25: the environment of gateway has no key 'UPSTREAM_TIMEOUT': did you mean 'UPSTREAM_TIMEOUT_MS'?",
            { $0.more = "environment: {gateway: {UPSTREAM_TIMEOUT: '800'}}" }
        ),
        (
            "7:34: expected 'LOG_LEVEL' to be a text that is not empty, not a boolean: quotes make it a text",
            { $0.more = "environment: {tasks: {LOG_LEVEL: true}}" }
        ),
    ]

    @Test("Unquoted shares, durations and the booleans of YAML 1.1 are texts")
    func unquotedWordsSharesAndDurationsAreTexts() throws {
        let incident = try SampleIncident.read {
            $0.title = "off"
            $0.timeline = "[{at: 5s, for: 1m30s, rule: \"payments:error,rate=5%\"}]"
            $0.questions = "[{id: q, text: Q, choices: [yes, no, on], accept: [no], explanation: 5%}]"
        }
        #expect(incident.title == "off")
        #expect(incident.timeline.map(\.length) == [.seconds(90)])
        #expect(incident.questions.map(\.choices) == [["yes", "no", "on"]])
        #expect(incident.questions.map(\.explanation) == ["5%"])
    }

    @Test("A file that is longer, larger or deeper than the limits is refused")
    func aFileThatExceedsTheLimitsIsRefused() {
        let endless = String(repeating: "# and so on\n", count: 30_000)
        let deep = String(repeating: "[", count: 30) + String(repeating: "]", count: 30)
        let lists = (1...5).map { level in
            "  - &l\(level) [\((0..<10).map { _ in "*l\(level - 1)" }.joined(separator: ", "))]"
        }
        let bomb = (["hints:", "  - &l0 [x]"] + lists).joined(separator: "\n")
        for (text, message) in [
            (endless, "1:1: longer than 262144 bytes"), (deep, "1:21: nested more than 20 deep"),
            (bomb, "6:35: more than 20000 values"),
        ] {
            let error = #expect(throws: IncidentError.self) {
                try Incident(name: "sample", parsing: Array(text.utf8), file: "sample.yaml")
            }
            #expect(error?.description == "sample.yaml:" + message)
        }
    }

    @Test("A mistake is reported at its place", arguments: mistakes.indices)
    func aMistakeIsReportedAtItsPlace(index: Int) {
        let (message, change) = Self.mistakes[index]
        let error = #expect(throws: IncidentError.self) { try SampleIncident.read(change) }
        #expect(error?.description == "sample.yaml:" + message)
        #expect(error?.description.contains("\n") == false)
    }
}
