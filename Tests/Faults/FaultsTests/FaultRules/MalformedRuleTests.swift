import Testing
import Vocabulary

@testable import FaultKinds
@testable import FaultRules

/// The errors for rules that are malformed or could not work.
@Suite("Malformed rules")
struct MalformedRuleTests {
    /// A rule and, on the next line, what is said after it.
    private static let table = #"""
        payments
            expected SERVICE[.OPERATION]:KIND, such as payments:latency=200ms
        latency=200ms
            expected SERVICE[.OPERATION]:KIND, such as payments:latency=200ms
        payments latency=200ms
            expected SERVICE[.OPERATION]:KIND, such as payments:latency=200ms
        :latency=1s
            no service before the ':': expected gateway, tasks, executor, payments or *
        payment:latency=1s
            no service 'payment': did you mean 'payments'?
        paymets:latency=1s
            no service 'paymets': did you mean 'payments'?
        PAYMENTS:latency=1s
            no service 'PAYMENTS': did you mean 'payments'?
        all:latency=1s
            no service 'all': did you mean '*'?
        latency:payments
            'latency' is a kind of fault: expected a service before it, such as payments:latency
        database:latency=1s
            no service 'database': expected gateway, tasks, executor, payments or *
        payments.:latency=1s
            no operation after the '.': expected reserve, show-reservation, release, settle or show-balance
        payments.reserv:latency=1s
            payments has no operation 'reserv': did you mean 'reserve'?
        payments.execute:latency=1s
            payments has no operation 'execute': did you mean executor.execute?
        gateway.settle:latency=1s
            gateway has no operation 'settle': did you mean payments.settle?
        executor.create-task:latency=1s
            executor has no operation 'create-task': did you mean gateway.create-task or tasks.create-task?
        *.nothing:latency=1s
            no service has no operation 'nothing': expected create-task, list-tasks, show-task, show-balance, process-task, execute, reserve, show-reservation, release or settle
        gateway.process-task:latency=1s
            gateway has no operation 'process-task': did you mean tasks.process-task?
        payments:
            no kind of fault after the ':': 'tailspan fault kinds' lists them
        payments:=200ms
            no kind of fault after the ':': 'tailspan fault kinds' lists them
        payments:latncy=1s
            no kind of fault 'latncy': did you mean 'latency'?
        payments:Latency=1s
            no kind of fault 'Latency': did you mean 'latency'?
        payments:slow=1s
            no kind of fault 'slow': did you mean 'slow-body'?
        payments:memory_leak
            no kind of fault 'memory_leak': did you mean 'memory-leak'?
        payments:unready=5
            'unready' takes no argument, not '5'
        payments:crash=now
            'crash' takes no argument, not 'now'
        executor:lock
            'lock' cannot happen to executor: expected tasks or payments
        gateway:db-slow=1s
            'db-slow' cannot happen to gateway: expected tasks or payments
        payments:pool-exhaustion
            'pool-exhaustion' cannot happen to payments: expected executor
        payments:queue-stall
            'queue-stall' cannot happen to payments: expected tasks
        executor:refuse
            'refuse' cannot happen to executor: expected gateway or tasks
        payments:retry-storm
            'retry-storm' cannot happen to payments: expected gateway or tasks
        payments:drop-context
            'drop-context' cannot happen to payments: expected gateway or tasks
        *.reserve:refuse
            'refuse' cannot happen to 'reserve': expected an operation of gateway or tasks
        *.execute:db-error
            'db-error' cannot happen to 'execute': expected an operation of tasks or payments
        tasks.create-task:queue-stall
            'queue-stall' cannot happen to 'create-task': expected process-task
        tasks.process-task:error
            'error' needs a request to answer: 'process-task' works on a queue
        tasks.process-task:abort
            'abort' needs a request to answer: 'process-task' works on a queue
        tasks.list-tasks:refuse
            'refuse' happens to calls of other services: 'list-tasks' makes none
        tasks.show-task:retry-storm
            'retry-storm' happens to calls of other services: 'show-task' makes none
        gateway.show-balance:refuse=tasks
            refuse=tasks: gateway.show-balance does not call it: expected payments
        gateway.create-task:refuse=payments
            refuse=payments: gateway.create-task does not call it: expected tasks
        gateway:refuse=executor
            refuse=executor: gateway does not call it: expected tasks or payments
        gateway:refuse=taks
            refuse=taks: gateway does not call it: did you mean 'tasks'?
        tasks:refuse=gateway
            refuse=gateway: tasks does not call it: expected executor or payments
        *:refuse=gateway
            refuse=gateway: no service calls it: expected tasks, executor or payments
        payments.reserve:unready
            'unready' happens to the whole service: expected no operation
        tasks.create-task:clock-skew=+1s
            'clock-skew' happens to the whole service: expected no operation
        payments:latency
            'latency' needs a delay: 200ms, uniform(50ms,200ms), normal(200ms,50ms), lognormal(p50=100ms,p99=2s) or pareto(50ms,1.5)
        payments:latency=
            latency=: expected a delay: 200ms, uniform(50ms,200ms), normal(200ms,50ms), lognormal(p50=100ms,p99=2s) or pareto(50ms,1.5)
        payments:latency=200
            latency=200: it has no unit: did you mean 200ms?
        payments:latency=0ms
            latency=0ms: expected a delay above zero
        payments:latency=fast
            latency=fast: expected a delay: 200ms, uniform(50ms,200ms), normal(200ms,50ms), lognormal(p50=100ms,p99=2s) or pareto(50ms,1.5)
        payments:latency=-1s
            latency=-1s: expected a delay: 200ms, uniform(50ms,200ms), normal(200ms,50ms), lognormal(p50=100ms,p99=2s) or pareto(50ms,1.5)
        payments:latency=2m
            latency=2m: expected at most 1m
        payments:latency=1 s 5
            latency=1 s 5: expected a delay: 200ms, uniform(50ms,200ms), normal(200ms,50ms), lognormal(p50=100ms,p99=2s) or pareto(50ms,1.5)
        payments:latency=gaussian(1s,2s)
            latency=gaussian(1s,2s): no distribution 'gaussian': expected uniform, normal, lognormal or pareto
        payments:latency=unifrom(1s,2s)
            latency=unifrom(1s,2s): no distribution 'unifrom': did you mean 'uniform'?
        payments:latency=uniform(1s)
            latency=uniform(1s): expected two values, such as uniform(50ms,200ms)
        payments:latency=uniform(1s,2s,3s)
            latency=uniform(1s,2s,3s): expected two values, such as uniform(50ms,200ms)
        payments:latency=uniform(2s,1s)
            latency=uniform(2s,1s): expected the least before the most: uniform(50ms,200ms)
        payments:latency=uniform(50,200)
            latency=uniform(50,200): the least '50' has no unit: did you mean 50ms?
        payments:latency=uniform(a,2s)
            latency=uniform(a,2s): expected a duration for the least, such as 200ms, not 'a'
        payments:latency=uniform(1s,2s)x
            latency=uniform(1s,2s)x: expected nothing after the ')'
        payments:latency=uniform(1s,2s
            a '(' without its ')'
        payments:latency=uniform 1s,2s)
            a ')' without its '('
        payments:latency=normal(1s,-1s)
            latency=normal(1s,-1s): expected a duration for the deviation, such as 200ms, not '-1s'
        payments:latency=normal(0s,0s)
            latency=normal(0s,0s): expected a delay above zero
        payments:latency=normal(2m,1s)
            latency=normal(2m,1s): expected at most 1m
        payments:latency=lognormal(100ms,2s)
            latency=lognormal(100ms,2s): expected p50=…, as in lognormal(p50=100ms,p99=2s), not '100ms'
        payments:latency=lognormal(p50=2s,p99=1s)
            latency=lognormal(p50=2s,p99=1s): expected a p99 of at least the p50: lognormal(p50=100ms,p99=2s)
        payments:latency=lognormal(p50=0s,p99=1s)
            latency=lognormal(p50=0s,p99=1s): expected a p50 above zero
        payments:latency=lognormal(p99=2s,p50=1s)
            latency=lognormal(p99=2s,p50=1s): expected p50=…, as in lognormal(p50=100ms,p99=2s), not 'p99=2s'
        payments:latency=lognormal(p50=1s,p99=2m)
            latency=lognormal(p50=1s,p99=2m): expected at most 1m
        payments:latency=pareto(50ms)
            latency=pareto(50ms): expected two values, such as pareto(50ms,1.5)
        payments:latency=pareto(50ms,0)
            latency=pareto(50ms,0): expected an alpha from 0.1 to 100, not '0': pareto(50ms,1.5)
        payments:latency=pareto(50ms,1e3)
            latency=pareto(50ms,1e3): expected an alpha from 0.1 to 100, not '1e3': pareto(50ms,1.5)
        payments:latency=pareto(0ms,2)
            latency=pareto(0ms,2): expected a least delay above zero
        tasks:db-slow
            'db-slow' needs a delay: 200ms, uniform(50ms,200ms), normal(200ms,50ms), lognormal(p50=100ms,p99=2s) or pareto(50ms,1.5)
        tasks:db-slow=5
            db-slow=5: it has no unit: did you mean 5ms?
        payments:error=200
            error=200: expected a status from 400 to 599, and a message if wanted: 503 or 503:"closed for today"
        payments:error=600
            error=600: expected a status from 400 to 599, and a message if wanted: 503 or 503:"closed for today"
        payments:error=abc
            error=abc: expected a status from 400 to 599, and a message if wanted: 503 or 503:"closed for today"
        payments:error=503:
            error=503:: expected a status from 400 to 599, and a message if wanted: 503 or 503:"closed for today"
        payments:error=503:""
            error=503:"": expected a status from 400 to 599, and a message if wanted: 503 or 503:"closed for today"
        payments:error=503:"no
            a '"' without its end
        payments:error=503:"no"w
            error=503:"no"w: expected nothing after the closing quote
        payments:error=+503
            error=+503: expected a status from 400 to 599, and a message if wanted: 503 or 503:"closed for today"
        payments:hang=0s
            hang=0s: expected a duration above zero and up to 24h, such as 200ms, 5s or 1m
        payments:hang=5
            hang=5: expected a duration above zero and up to 24h, such as 200ms, 5s or 1m; did you mean 5s?
        payments:hang=25h
            hang=25h: expected a duration above zero and up to 24h, such as 200ms, 5s or 1m
        payments:throttle=soon
            throttle=soon: expected a duration above zero and up to 24h, such as 200ms, 5s or 1m
        payments:slow-body
            'slow-body' needs bytes a second, at least one, such as 200B/s or 4KiB/s
        payments:slow-body=200
            slow-body=200: expected bytes a second, at least one, such as 200B/s or 4KiB/s; did you mean 200B/s?
        payments:slow-body=200B
            slow-body=200B: expected bytes a second, at least one, such as 200B/s or 4KiB/s; did you mean 200B/s?
        payments:slow-body=0B/s
            slow-body=0B/s: expected bytes a second, at least one, such as 200B/s or 4KiB/s
        payments:truncate=100%
            truncate=100%: expected a share from 0% to less than 100%
        payments:truncate=half
            truncate=half: expected a share from 0% to less than 100%
        payments:cpu=1.5.2s
            cpu=1.5.2s: expected a duration above zero and up to 24h, such as 200ms, 5s or 1m
        payments:memory-leak=0
            memory-leak=0: expected a size from 1 to 1GiB, such as 512, 64KiB or 1MiB
        payments:memory-leak=2GiB
            memory-leak=2GiB: expected a size from 1 to 1GiB, such as 512, 64KiB or 1MiB
        payments:memory-leak=lots
            memory-leak=lots: expected a size from 1 to 1GiB, such as 512, 64KiB or 1MiB
        payments:clock-skew
            'clock-skew' needs a duration with its sign, such as +5s or -200ms, not zero
        payments:clock-skew=5s
            clock-skew=5s: expected a duration with its sign, such as +5s or -200ms, not zero; did you mean +5s?
        payments:clock-skew=+0s
            clock-skew=+0s: expected a duration with its sign, such as +5s or -200ms, not zero
        payments:clock-skew=-soon
            clock-skew=-soon: expected a duration with its sign, such as +5s or -200ms, not zero
        payments:log-flood=1
            log-flood=1: expected a whole number from 2 to 10000
        payments:log-flood=+5
            log-flood=+5: expected a whole number from 2 to 10000
        payments:log-flood=20000
            log-flood=20000: expected a whole number from 2 to 10000
        gateway:duplicate-request=11
            duplicate-request=11: expected a whole number from 2 to 10
        gateway:retry-storm=1
            retry-storm=1: expected a whole number from 2 to 100
        payments:duplicate-logs=many
            duplicate-logs=many: expected a whole number from 2 to 100
        payments:wrong-service-name=
            wrong-service-name=: expected a name of up to 64 letters, digits, '-', '_' and '.'
        payments:wrong-service-name=a b
            wrong-service-name=a b: expected a name of up to 64 letters, digits, '-', '_' and '.'
        payments:abort=1s
            'abort' takes no argument, not '1s'
        payments:error,rate=0
            rate=0: expected more than 0% and at most 100%, such as 30% or 0.3
        payments:error,rate=0%
            rate=0%: expected more than 0% and at most 100%, such as 30% or 0.3
        payments:error,rate=101%
            rate=101%: expected more than 0% and at most 100%, such as 30% or 0.3
        payments:error,rate=30
            rate=30: expected more than 0% and at most 100%, such as 30% or 0.3; did you mean 30%?
        payments:error,rate=-5%
            rate=-5%: expected more than 0% and at most 100%, such as 30% or 0.3
        payments:error,rate=1e-3
            rate=1e-3: expected more than 0% and at most 100%, such as 30% or 0.3
        payments:error,rate=0.0000000001
            rate=0.0000000001: expected more than 0% and at most 100%, such as 30% or 0.3
        payments:error,rate=
            'rate' needs a value, such as 30%
        payments:error,rate
            'rate' needs a value, such as 30%
        payments:error,rat=30%
            no option 'rat': did you mean 'rate'?
        payments:error,probability=30%
            no option 'probability': expected rate, match, from, for, id or seed
        payments:error,
            an empty option: expected rate, match, from, for, id or seed
        payments:error,,rate=1%
            an empty option: expected rate, match, from, for, id or seed
        payments:error,rate=1%,rate=2%
            'rate' is given twice
        payments:error,from=1s,from=2s
            'from' is given twice
        payments:error,from=10
            from=10: expected a duration up to 24h, such as 10s or 500ms; did you mean 10s?
        payments:error,from=-1s
            from=-1s: expected a duration up to 24h, such as 10s or 500ms
        payments:error,from=25h
            from=25h: expected a duration up to 24h, such as 10s or 500ms
        payments:error,for=0s
            for=0s: expected a duration above zero and up to 24h, such as 30s
        payments:error,for=30
            for=30: expected a duration above zero and up to 24h, such as 30s; did you mean 30s?
        payments:error,for=ever
            for=ever: expected a duration above zero and up to 24h, such as 30s
        payments:error,from=20h,for=5h
            from and for are more than 24h together: expected the rule to end within a day
        payments:error,id=
            'id' needs a value, such as brownout
        payments:error,id=a b
            id=a b: expected up to 64 letters, digits, '-', '_' and '.', not dots alone
        payments:error,id=..
            id=..: expected up to 64 letters, digits, '-', '_' and '.', not dots alone
        payments:error,id=a/b
            id=a/b: expected up to 64 letters, digits, '-', '_' and '.', not dots alone
        payments:error,seed=-1
            seed=-1: expected a whole number from 0 to 18446744073709551615
        payments:error,seed=1.5
            seed=1.5: expected a whole number from 0 to 18446744073709551615
        payments:error,seed=99999999999999999999
            seed=99999999999999999999: expected a whole number from 0 to 18446744073709551615
        payments:error,match=
            'match' needs a value, such as guild_id:g-7
        payments:error,match=guild_id
            match=guild_id: expected NAME:VALUE, such as guild_id:g-7
        payments:error,match=guild_id:
            match=guild_id:: expected a value after the colon, which may end in '*'
        payments:error,match=guild_id:*
            match=guild_id:*: expected a value after the colon, which may end in '*'
        payments:error,match=guild_id:g*7
            match=guild_id:g*7: expected '*' at the end alone
        payments:error,match=guildid:g-7
            nothing to match called 'guildid': did you mean 'guild_id'?
        payments:error,match=colour:red
            nothing to match called 'colour': expected guild_id, task_id, workload, mode, request_id or baggage.NAME
        payments:error,match=baggage.:x
            nothing to match called 'baggage.': expected guild_id, task_id, workload, mode, request_id or baggage.NAME
        payments:error,match=mode:syncc
            match=mode:syncc: no request has this mode: did you mean 'sync'?
        payments:error,match=mode:batch
            match=mode:batch: no request has this mode: expected sync or async
        payments:error,match=workload:md5
            match=workload:md5: no request has this workload: expected sha256, primes, mandelbrot or sort
        payments:error,match=workload:sha25
            match=workload:sha25: no request has this workload: did you mean 'sha256'?
        payments:error,match=guild_id:"g-7
            a '"' without its end
        payments:error,match=guild_id:"g-7"x
            match=guild_id:"g-7"x: expected nothing after the closing quote
        payments:error,match=guild_id:a,match=guild_id:b
            match=guild_id:b: no request can match 'guild_id:a' too
        payments:error,match=guild_id:a*,match=guild_id:b
            match=guild_id:b: no request can match 'guild_id:a*' too
        payments:error,match=guild_id:a*,match=guild_id:b*
            match=guild_id:b*: no request can match 'guild_id:a*' too
        payments:unready,rate=50%
            'unready' happens to the whole service: expected no 'rate'
        payments:unready,match=guild_id:g-7
            'unready' happens to the whole service: expected no 'match'
        payments:disk-full,rate=1%
            'disk-full' happens to the whole service: expected no 'rate'
        payments:clock-skew=+5s,match=mode:sync
            'clock-skew' happens to the whole service: expected no 'match'
        payments:error;tasks:error
            expected one rule, without a ';' outside of quotes
        payments:error=503:a)b
            a ')' without its '('
        """#

    static let cases: [(rule: String, message: String)] = {
        let lines = table.split(separator: "\n").map(String.init)
        return stride(from: 0, to: lines.count - 1, by: 2).map { index in
            (lines[index], String(lines[index + 1].drop { $0 == " " }))
        }
    }()

    @Test("A malformed rule says what was expected, or suggests the nearest word", arguments: cases)
    func aMalformedRuleSaysWhatWasExpected(rule: String, message: String) {
        let error = #expect(throws: FaultRuleError.self) { try FaultRule(parsing: rule) }
        #expect(error?.description == "fault '\(rule)': \(message)")
        // One line, whatever was given.
        #expect(error?.description.contains { $0.isNewline } == false)
        // A list says the same.
        guard let error, !rule.contains(";") else { return }
        #expect(throws: error) { try FaultRule.list(parsing: rule) }
    }

    @Test("The table holds more than 150 distinct cases")
    func theTableHoldsManyDistinctCases() {
        #expect(Self.cases.count > 150)
        #expect(Set(Self.cases.map(\.rule)).count == Self.cases.count)
    }

    @Test("Empty rules and control characters are refused")
    func emptyRulesAndControlCharactersAreRefused() {
        #expect(throws: FaultRuleError("fault '': expected SERVICE[.OPERATION]:KIND, such as payments:latency=200ms")) {
            try FaultRule(parsing: "  ")
        }
        for character in ["\u{1B}", "\u{7F}", "\n", "\0"] {
            let error = #expect(throws: FaultRuleError.self) {
                try FaultRule(parsing: "payments:error=503:\"a\(character)b\"")
            }
            #expect(error?.description == "fault 'payments:error=503:\"a\u{FFFD}b\"': expected no control characters")
        }
    }

    @Test("Duplicate ids are refused with a remedy, and too many rules with the limit")
    func duplicateIDsAndTooManyRulesAreRefused() {
        #expect(
            throws: FaultRuleError(
                "two fault rules with the id 'payments-error': give one another id, such as ,id=payments-error-2")
        ) { try FaultRule.list(parsing: "payments:error=500;payments:error=503") }
        let many = (0...FaultPlan.largest).map { "payments:error,id=r\($0)" }.joined(separator: ";")
        #expect(throws: FaultRuleError("101 fault rules: expected at most 100")) { try FaultRule.list(parsing: many) }
        // They are counted before any is read.
        let wrong = [String](repeating: "nonsense", count: 5000).joined(separator: ";")
        #expect(throws: FaultRuleError("5000 fault rules: expected at most 100")) { try FaultRule.list(parsing: wrong) }
    }

    @Test("A rule over the length limit is refused, whatever makes it long")
    func aRuleOverTheLengthLimitIsRefused() throws {
        let longest = "payments:error=503:"
        let text = longest + String(repeating: "x", count: 200)
        #expect(try FaultRule(parsing: text).service == .payments)
        for word in ["a", ",", "é", "\u{202E}"] {
            let long = longest + String(repeating: word, count: 60_000)
            let error = #expect(throws: FaultRuleError.self) { try FaultRule(parsing: long) }
            #expect(error?.description.hasSuffix("bytes: expected at most 1024") == true)
            #expect((error?.description.utf8.count ?? .max) < 300)
        }
    }
}
