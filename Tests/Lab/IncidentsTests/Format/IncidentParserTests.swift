import Incidents
import Testing
import Vocabulary
import Workload

@Suite("Reading an incident's file")
struct IncidentParserTests {
    @Test("Everything that a file can say")
    func whole() throws {
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
            $0.more =
                "hints: ['one', 'two'], restart: ['executor', 'tasks'], environment: {gateway: {UPSTREAM_TIMEOUT_MS: 800, REGION: 'r'}},"
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
        "What is wrong is said in one line, with its place",
        arguments: [
            ("[]", "1:1: expected an incident to be an object"),
            ("{title: 'a' 'b'}", "1:13: expected ',' or '}'"),
            ("{\n titel: 'x'}", "2:2: an incident has no member 'titel': did you mean 'title'?"),
            (
                "{colour: 'x'}",
                "1:2: an incident has no member 'colour': expected title, aliases, lesson, story, seed, "
                    + "load, timeline, symptoms, alerts, hints, questions, restart or environment"
            ),
            ("{title: 'x'}", "1:1: an incident needs 'load'"),
            ("{load: {rate: 1}}", "1:8: load needs 'duration'"),
        ])
    func structure(text: String, message: String) {
        let error = #expect(throws: IncidentError.self) {
            try Incident(name: "sample", parsing: Array(text.utf8), file: "sample.json5")
        }
        #expect(error?.description == "sample.json5:" + message)
    }

    typealias Change = @Sendable (inout SampleIncident) -> Void

    static let mistakes: [(message: String, change: Change)] = [
        ("2:10: expected 'title' to be a text that is not empty", { $0.title = "' '" }),
        ("2:10: expected 'title' to be a text that is not empty", { $0.title = "3" }),
        (
            "3:30: expected 'duration' to be a duration above zero, such as '20s'",
            { $0.load = "{rate: 10, duration: 60}" }
        ),
        ("3:16: expected 'rate' to be a number", { $0.load = "{rate: '1', duration: '1s'}" }),
        (
            "3:9: load: a rate of -1.0: expected more than 0 and at most 1000000 requests a second",
            { $0.load = "{rate: -1, duration: '1s'}" }
        ),
        ("3:9: load: these are no requests: expected 1 to 10000000", { $0.load = "{rate: 0.1, duration: '1s'}" }),
        (
            "3:40: mix: 'sink' is not known, expected names of sync, async, unknown-guild, poor, bad-body",
            { $0.load = "{rate: 1, duration: '1s', mix: {sink: 1}}" }
        ),
        ("4:13: an incident needs a 'timeline' of one entry or more", { $0.timeline = "[]" }),
        ("4:13: expected 'timeline' to be an array", { $0.timeline = "{}" }),
        ("4:14: a timeline entry needs exactly one of rule or deploy", { $0.timeline = "[{at: '1s'}]" }),
        (
            "4:19: the load is over at 1m: expected 'at' before",
            { $0.timeline = "[{at: '60s', rule: 'tasks:error'}]" }
        ),
        (
            "4:24: a timeline entry has no member 'untill': expected at, for, rule or deploy",
            { $0.timeline = "[{at:'1s', untill: '2s', rule: 'tasks:error'}]" }
        ),
        (
            "4:21: fault 'tasks:eror': no kind of fault 'eror': did you mean 'error'?",
            { $0.timeline = "[{rule: 'tasks:eror'}]" }
        ),
        (
            "4:21: the rule's time is given beside it: expected 'at' and 'for' instead of from= and for=",
            { $0.timeline = "[{rule: 'tasks:error,from=1s'}]" }
        ),
        (
            "4:37: two rules with the id 'tasks-error': expected ,id=NAME on one of them",
            { $0.timeline = "[{rule: 'tasks:error'}, {rule: 'tasks:error=500'}]" }
        ),
        (
            "4:33: no service 'task': did you mean 'tasks'?",
            { $0.timeline = "[{deploy: {service: 'task', version: '2'}}]" }
        ),
        (
            "4:20: a deploy stays: expected no 'for'",
            {
                $0.timeline = "[{for: '5s', deploy: {service: 'tasks', version: '2'}}]".replacing(
                    "{ for: ", with: "{  for:  ")
            }
        ),
        ("5:13: an incident needs 'symptoms', one or more", { $0.symptoms = "[]" }),
        (
            "5:14: a symptom needs exactly one of logql, traceql or metric",
            { $0.symptoms = "[{id: 's', title: 'S', expect: '> 1'}]" }
        ),
        (
            "5:50: expected 'expect' to be a comparison such as '> 10', '== 0' or 'between 5 and 20'",
            { $0.symptoms = "[{id:'s',title:'S',metric:'m',expect:'many'}]" }
        ),
        (
            "5:22: expected a metric query, such as sum(count_over_time({service=\"tasks\"}[$window]))",
            { $0.symptoms = "[{logql: '{a=\"b\"}', id: 's', title: 'S', expect: '> 1'}]" }
        ),
        (
            "5:18: expected 'id' to be up to 64 letters, digits and '-'",
            { $0.symptoms = "[{id:'a b', title: 'S', metric: 'm', expect: '> 1'}]" }
        ),
        ("6:14: expected 'questions' to be an array", { $0.questions = "3" }),
        (
            "6:15: a question needs 'accept', one answer or more",
            { $0.questions = "[{id: 'q', text: 'Q', explanation: 'E'}]" }
        ),
        (
            "6:24: 'c' is none of the choices",
            { $0.questions = "[{accept:['c'], choices: ['a', 'b'], id: 'q', text: 'Q', explanation: 'E'}]" }
        ),
        ("7:13: no service 'execoter': did you mean 'executor'?", { $0.more = "restart: ['execoter']," }),
        (
            "7:17: the environment has no member 'gatway': did you mean 'gateway'?",
            { $0.more = "environment: {gatway: {}}," }
        ),
        (
            "7:27: the environment of gateway has no member 'UPSTREAM_TIMEOUT': did you mean 'UPSTREAM_TIMEOUT_MS'?",
            { $0.more = "environment: {gateway: {UPSTREAM_TIMEOUT: '800'}}," }
        ),
        (
            "7:36: expected 'LOG_LEVEL' to be a text that is not empty",
            { $0.more = "environment: {tasks: {LOG_LEVEL: true}}," }
        ),
    ]

    @Test("Mistakes, each where it is", arguments: mistakes.indices)
    func mistake(index: Int) {
        let (message, change) = Self.mistakes[index]
        let error = #expect(throws: IncidentError.self) { try SampleIncident.read(change) }
        #expect(error?.description == "sample.json5:" + message)
        #expect(error?.description.contains("\n") == false)
    }
}
