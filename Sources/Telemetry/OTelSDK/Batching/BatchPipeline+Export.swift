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

    /// Exports a batch and repeats it while the backend is unavailable: for minutes, as the OpenTelemetry Collector
    /// does. Records that arrive meanwhile wait in the queue, whose limit decides what is lost.
    private func export(_ batch: Batch) async {
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
        // Done first, so that a task that waited for a flush finds an empty queue.
        let count = batch.count
        state.withLock {
            $0.queue.release(count, bytes: batch.byteCount)
            $0.queue.recycle(batch)
        }
        if result != nil { finish(count) }
    }

    private func finish(_ count: Int) {
        let flushes = state.withLock { state in
            state.queue.finish(count)
            return state.takeFlushes(upTo: state.queue.finished)
        }
        flushes.forEach { $0.fulfil(true) }
    }

    /// Makes one export call; `nil` if it timed out, in which case the batch is lost.
    private func call(_ batch: Batch) async -> ExportResult? {
        let returned = OneShot<ExportResult?>()
        let call = Task.detached(executorPreference: executor) {
            // The exporter counts and logs the outcome of the batch.
            let result = await self.sink.export(batch)
            if case .success = result { self.state.withLock { $0.delivered += batch.count } }
            returned.fulfil(result)
        }
        state.withLock { $0.call = call }
        let result = await bounded(returned)
        if result == nil {
            state.withLock { $0.losses.exportTimeout += batch.count }
            finish(batch.count)
            // The exporter still holds the batch. It is cancelled and awaited, because it must not be called again in
            // the meantime. If it never returns, the queue fills up and drops records.
            call.cancel()
        }
        await call.value
        state.withLock { $0.call = nil }
        return result
    }

    /// Waits before the current batch is exported again, at most until a flush.
    /// - Returns: `false` if the pipeline has stopped and the batch must not be exported again.
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
                // Cancelled because a flush came first. A loop that ends wakes its sleepers too, and the pipeline ends
                // with it.
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
