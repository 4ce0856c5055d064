extension FaultDefinition {
    /// All kinds, in display order.
    package static let all: [FaultDefinition] = [
        // On the wire.
        latency,
        error,
        abort,
        hang,
        throttle,
        slowBody,
        corrupt,
        truncate,
        // In the process.
        cpu,
        memoryLeak,
        lock,
        dbSlow,
        dbError,
        poolExhaustion,
        queueStall,
        refuse,
        unready,
        crash,
        diskFull,
        duplicateRequest,
        retryStorm,
        // In the correlation of logs and traces.
        dropContext,
        malformedTraceparent,
        uppercaseIDs,
        missingSpanID,
        wrongServiceName,
        lostSpans,
        unsampledButLogged,
        clockSkew,
        lateLogs,
        duplicateLogs,
        garbageLine,
        hugeLine,
        logFlood,
        rotateNow,
        labelExplosion,
    ]
}
