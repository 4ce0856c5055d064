import Vocabulary

/// What goes wrong. The raw value is the word in a rule.
package enum FaultKind: String, Sendable, CaseIterable {
    // On the wire.
    case latency
    case error
    case abort
    case hang
    case throttle
    case slowBody = "slow-body"
    case corrupt
    case truncate
    // In the process.
    case cpu
    case memoryLeak = "memory-leak"
    case lock
    case dbSlow = "db-slow"
    case dbError = "db-error"
    case poolExhaustion = "pool-exhaustion"
    case queueStall = "queue-stall"
    case refuse
    case unready
    case crash
    case diskFull = "disk-full"
    case duplicateRequest = "duplicate-request"
    case retryStorm = "retry-storm"
    // In the correlation of logs and traces.
    case dropContext = "drop-context"
    case malformedTraceparent = "malformed-traceparent"
    case uppercaseIDs = "uppercase-ids"
    case missingSpanID = "missing-span-id"
    case wrongServiceName = "wrong-service-name"
    case lostSpans = "lost-spans"
    case unsampledButLogged = "unsampled-but-logged"
    case clockSkew = "clock-skew"
    case lateLogs = "late-logs"
    case duplicateLogs = "duplicate-logs"
    case garbageLine = "garbage-line"
    case hugeLine = "huge-line"
    case logFlood = "log-flood"
    case rotateNow = "rotate-now"
    case labelExplosion = "label-explosion"

    /// What a kind breaks.
    package enum Family: String, Sendable, CaseIterable {
        case wire
        case process
        case correlation
    }

    /// To what it happens.
    package enum Scope: String, Sendable {
        /// To single requests: the trace id decides.
        case request
        /// To the whole service while the rule is in force: it takes no `rate` and no `match`.
        case service
    }

    package var family: Family {
        switch self {
        case .latency, .error, .abort, .hang, .throttle, .slowBody, .corrupt, .truncate: .wire
        case .cpu, .memoryLeak, .lock, .dbSlow, .dbError, .poolExhaustion, .queueStall, .refuse, .unready, .crash,
            .diskFull, .duplicateRequest, .retryStorm:
            .process
        default: .correlation
        }
    }

    package var scope: Scope {
        switch self {
        case .unready, .diskFull, .clockSkew: .service
        default: .request
        }
    }

    /// The services that it can happen to.
    package var services: Set<ServiceRole> {
        switch self {
        case .lock, .dbSlow, .dbError: [.tasks, .payments]
        case .poolExhaustion: [.executor]
        case .queueStall: [.tasks]
        case .refuse, .duplicateRequest, .retryStorm, .dropContext, .malformedTraceparent: [.gateway, .tasks]
        default: Set(ServiceRole.allCases)
        }
    }

    /// The only operation that it can happen to, if it is not any.
    package var onlyOperation: String? { self == .queueStall ? "process-task" : nil }

    /// Whether it happens to calls of other services.
    package var needsUpstream: Bool {
        switch self {
        case .refuse, .duplicateRequest, .retryStorm, .dropContext, .malformedTraceparent: true
        default: false
        }
    }

    /// The argument that it takes.
    package var argument: FaultArgument.Form {
        switch self {
        case .latency, .dbSlow: .delay
        case .error: .status(default: 503)
        case .hang: .duration(default: .seconds(30))
        case .throttle: .duration(default: .seconds(1))
        case .slowBody: .rate
        case .truncate: .share(default: 0.5)
        case .cpu: .duration(default: .milliseconds(50))
        case .lock: .duration(default: .seconds(2))
        case .poolExhaustion: .duration(default: .seconds(5))
        case .queueStall: .duration(default: .seconds(5))
        case .lateLogs: .duration(default: .seconds(5))
        case .clockSkew: .signedDuration
        case .memoryLeak: .bytes(default: 1 << 20)
        case .hugeLine: .bytes(default: 300 << 10)
        case .logFlood: .count(default: 100, 2...10_000)
        case .duplicateRequest: .count(default: 2, 2...10)
        case .retryStorm: .count(default: 10, 2...100)
        case .duplicateLogs: .count(default: 2, 2...100)
        case .refuse, .dropContext, .malformedTraceparent: .upstream
        case .wrongServiceName: .name(default: "unknown-service")
        default: .none
        }
    }

    /// How long it may last at most, where it holds up more than the request that is hit.
    var longest: Duration? {
        switch self {
        case .cpu, .lock: .seconds(10)
        case .poolExhaustion: .seconds(60)
        default: nil
        }
    }

    /// What happens, in a few words.
    package var summary: String {
        switch self {
        case .latency: "waits before the request is handled"
        case .error: "answers with a status, problem+json, without handling the request"
        case .abort: "resets the connection instead of answering"
        case .hang: "answers nothing until the caller or the time given is gone, then 503"
        case .throttle: "answers 429 with Retry-After"
        case .slowBody: "sends the answer so many bytes a second"
        case .corrupt: "damages the answer's JSON"
        case .truncate: "ends the connection in the middle of the answer"
        case .cpu: "computes for nothing, on the loop that serves all requests"
        case .memoryLeak: "keeps so much memory for each request hit"
        case .lock: "has each write wait for a lock; from 1 s on it fails as locked"
        case .dbSlow: "makes each statement of the request take longer"
        case .dbError: "makes each statement of the request fail with a disk error"
        case .poolExhaustion: "keeps every thread of the executor's pool busy"
        case .queueStall: "has the worker wait before it takes a queued task"
        case .refuse: "makes the connection to an upstream be refused"
        case .unready: "fails /readyz"
        case .crash: "ends the process at once, without flushing anything"
        case .diskFull: "fails every write to the log file"
        case .duplicateRequest: "sends each upstream call so many times"
        case .retryStorm: "tries failed upstream calls so many times, without a pause"
        case .dropContext: "sends no traceparent to an upstream"
        case .malformedTraceparent: "sends an upstream a traceparent that cannot be read"
        case .uppercaseIDs: "writes trace and span ids in upper case"
        case .missingSpanID: "writes lines without their span id"
        case .wrongServiceName: "writes lines under another service's name"
        case .lostSpans: "loses the request's spans before they are sent"
        case .unsampledButLogged: "does not sample the request's spans, while its lines are written as ever"
        case .clockSkew: "has the service's clock be ahead (+) or behind (-), for lines and spans"
        case .lateLogs: "stamps and writes lines so much later"
        case .duplicateLogs: "writes each line so many times"
        case .garbageLine: "writes a line that is no JSON beside each line"
        case .hugeLine: "writes a line of so many bytes, more than Loki takes"
        case .logFlood: "writes so many extra lines"
        case .rotateNow: "rotates the log file in the middle of the request"
        case .labelExplosion: "writes lines with ever new values of what becomes a label"
        }
    }
}
