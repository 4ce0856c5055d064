import Metrics
import Synchronization

extension BatchPipeline {
    func exportBatches() async {
        while true {
            let (batch, isStopped) = state.withLock { ($0.queue.take(), $0.isStopped) }
            if isStopped { return reportLosses() }
            if let batch {
                await export(batch)
            } else {
                await waitForWork()
            }
        }
    }

    private func waitForWork() async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if state.queue.isReady || state.isStopped { return true }
                state.idleWorker = continuation
                return false
            }
            if isReady { continuation.resume() }
        }
    }

    /// Exports a batch, again and again while its backend is away: for minutes, as the OpenTelemetry Collector does. What
    /// comes meanwhile waits in the queue, whose bound decides what is lost.
    private func export(_ batch: [Record]) async {
        metrics.processed.increment(by: Int64(batch.count))
        let giveUpAt = now() + RetryPolicy.maximumElapsed
        var retries = 0
        var result = await call(batch)
        while case .retryable(let reason, let after)? = result {
            retries += 1
            var pause = RetryPolicy.betweenExports.delay(beforeRetry: retries, random: random())
            if state.withLock({ !$0.flushes.isEmpty }) { pause = min(pause, .seconds(1)) }
            pause = max(pause, after ?? .zero)
            guard now() + pause < giveUpAt, await wait(pause) else {
                sink.giveUp(batch.count, reason)
                break
            }
            result = await call(batch)
        }
        // First: who waited for a flush finds nothing in the queue.
        state.withLock { $0.queue.release(batch.count) }
        if result != nil { finish(batch.count) }
    }

    private func finish(_ count: Int) {
        let flushes = state.withLock { state in
            state.queue.finish(count)
            return state.takeFlushes(upTo: state.queue.finished)
        }
        flushes.forEach { $0.fulfil(true) }
    }

    /// One export; `nil` if it took too long: the batch is lost then, and done with.
    private func call(_ batch: [Record]) async -> ExportResult? {
        let returned = OneShot<ExportResult?>()
        let call = Task.detached(executorPreference: executor) {
            // What became of the batch is the exporter's to count and to log.
            let result = await self.sink.export(batch)
            if case .success = result { self.state.withLock { $0.delivered += batch.count } }
            returned.fulfil(result)
        }
        state.withLock { $0.call = call }
        let result = await bounded(returned)
        if result == nil {
            state.withLock { $0.losses.exportTimeout += batch.count }
            finish(batch.count)
            // The exporter still has the batch. It is told to stop and waited for, because it must not be called a second
            // time meanwhile; the queue fills up and drops if it never comes back.
            call.cancel()
        }
        await call.value
        state.withLock { $0.call = nil }
        return result
    }

    /// Waits before the batch in hand is exported again, until a flush at the longest.
    /// - Returns: `false` if it is not to be exported again: the pipeline has stopped.
    private func wait(_ duration: Duration) async -> Bool {
        let pause = OneShot<Bool?>()
        let isStopped = state.withLock { state in
            state.pause = pause
            return state.isStopped
        }
        if isStopped { return false }
        let timer = Task.detached(executorPreference: executor) {
            do {
                try await self.sleep(duration)
                pause.fulfil(true)
            } catch {
                // Cancelled: a flush came first. A loop that ends wakes its sleepers too, and with it the pipeline ends.
                pause.fulfil(nil)
            }
        }
        defer { timer.cancel() }
        let isWanted = await pause.wait() == true
        return state.withLock { state in
            state.pause = nil
            return isWanted && !state.isStopped
        }
    }
}
