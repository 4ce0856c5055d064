/// An incident's file with everything that one can say, and what it is changed into.
enum SampleFile {
    static let text = """
        title: Title
        aliases: [other]
        lesson: Lesson
        story: >-
          A story
          of two lines
        seed: 7
        load: { rate: 10, duration: 60s, mix: { sync: 80, async: 20 }, workload_mix: { sort: 1 }, concurrency: 9 }
        timeline:
          - { at: 20s, for: 30s, rule: 'payments.settle:error=503,rate=40%' }
          - { at: 30s, deploy: { service: tasks, version: '2.0.0' } }
        symptoms:
          - { id: a, title: A, logql: 'sum(rate({service="tasks"}[$window]))', expect: '> 1' }
          - { id: b, title: B, traceql: '{ status = error }', expect: between 1 and 2.5 }
          - { id: c, title: C, metric: 'm_total{service="tasks"}', expect: '== 0' }
        alerts: [TailspanErrorRate]
        hints: [First]
        questions:
          - { id: free, text: Q, accept: ['/a+/'], explanation: E, hint: H }
          - { id: choice, text: Q, choices: ['yes', 'no'], accept: ['no'], explanation: E }
        restart: [executor]
        environment: { gateway: { REGION: r }, tasks: { REGION: r }, executor: { EXECUTOR_ID: 2 }, payments: { REGION: r } }

        """

    static let mistakes: [(old: String, new: String)] = [
        ("title: Title", "titel: Title"), ("title: Title", "title: 3"), ("title: Title", "title:"),
        ("title: Title", "title: Title\ntitle: Title"), ("title: Title", "title: Title\n---\ntitle: Title"),
        ("title: Title", "title:\n\tTitle"), ("title: Title", "title: 'Title' # of\n  'two'"),
        ("title: Title", "title: *nobody"), ("[other]", "[other, other]"), ("[other]", "[an other]"),
        ("lesson: Lesson\n", ""), ("seed: 7", "seed: -7"), ("seed: 7", "seed: '7'"), ("seed: 7", "seed: 0.7"),
        ("rate: 10", "rate: '10'"), ("rate: 10", "rate: 0"), ("rate: 10", "rates: 10"), ("60s", "60"), ("60s", "0s"),
        ("60s", "1 hour"), ("60s", "60sec"), ("sync: 80", "sink: 80"), ("sync: 80", "sync: 80%"),
        ("{ sort: 1 }", "{ sorting: 1 }"),
        ("{ sort: 1 }", "'sorting=1'"), ("{ sync: 80, async: 20 }", "'sync=80;async=20'"),
        ("concurrency: 9", "concurrency: 90000"),
        ("for: 30s, rule", "until: 30s, rule"), ("at: 30s, deploy", "at: 30s, for: 5s, deploy"),
        ("at: 30s, deploy", "at: 30s, rule: 'tasks:error', deploy"),
        (", rule: 'payments.settle:error=503,rate=40%'", ""),
        ("service: tasks,", "service: task,"), ("service: tasks,", ""), ("'2.0.0'", "2.0"),
        ("'sum(rate({service=\"tasks\"}[$window]))'", "'{service=\"tasks\"}'"),
        ("'{ status = error }'", "{ status = error }"), ("traceql:", "metric: m, traceql:"), ("traceql:", "traceq:"),
        ("'m_total{service=\"tasks\"}'", "'9m'"), ("'> 1'", "'more than 1'"), ("'> 1'", "> 1"), ("'> 1'", "1"),
        ("id: a,", "id: 7,"), ("id: a,", "id: a b,"), ("id: a,", ""), ("[First]", "First"), ("[First]", "[1]"),
        ("['/a+/']", "[]"), ("['/a+/']", "[429]"), ("['/a+/']", "['  ']"), ("['yes', 'no']", "['no']"),
        (", explanation: E, hint: H", ""), ("[executor]", "[execoter]"), ("gateway: { REGION", "gatway: { REGION"),
        ("gateway: { REGION", "gateway: { REGIO"), ("gateway: { REGION: r", "gateway: { REGION: true"),
        ("gateway: { REGION", "gateway: { EXECUTOR_ID"),
    ]

    static let varieties: [(old: String, new: String)] = [
        ("title: Title", "title: |\n  Title"), ("title: Title", "title: off"), ("['yes', 'no']", "[yes, no]"),
        ("['no']", "[no]"), ("60s", "'1m0.5s'"), ("60s", "2min"), ("seed: 7", "seed: 7.0"), ("seed: 7", "seed: 0x1F"),
        ("{ sync: 80, async: 20 }", "'sync=80,async, unknown-guild = 5,poor=0,bad-body'"),
        ("{ sort: 1 }", "'sort = 1, primes = 0,sha256,mandelbrot'"), ("at: 20s, ", ""),
        ("for: 30s, ", ""), ("aliases: [other]\n", ""), ("[executor]", "[]"), ("rate: 10", "rate: 0.5"),
        ("'> 1'", "'>=-1.5e3'"), ("between 1 and 2.5", "' between  1  and 1 '"),
        ("'m_total{service=\"tasks\"}'", "m_total"), ("title: Title", "title: &t Title"),
        ("'m_total{service=\"tasks\"}'", "'m:total{ service = \"tasks\", code != \"200\" }'"),
        ("[First]", "&list [First]"), ("EXECUTOR_ID: 2", "EXECUTOR_ID: '2'"),
    ]
}
