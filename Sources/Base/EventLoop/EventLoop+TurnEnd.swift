/// Something that was produced in a turn of the loop and is sent at the turn's end.
package protocol TurnOutput: AnyObject {
    /// Sends it. Everything the turn wrote has been committed.
    func sendOutput()
    /// Drops it, because a commit of the turn failed: nobody may hear of what was not stored. An answer that says so
    /// may be queued at once; it belongs to what follows.
    func discardOutput(_ error: any Error)
}

extension EventLoop {
    /// Outputs that cause new ones are followed this many times in one turn. After that, other work gets its turn.
    private static let roundsPerTurn = 16

    /// Sends `output` at the end of this turn, after the commits of ``commitAtEndOfTurn(_:)``. Queue it once a turn.
    /// Loop thread only.
    package func sendAtEndOfTurn(_ output: any TurnOutput) { outputs.append(output) }

    /// Runs `commit` once at the end of this turn, before anything is sent. If it returns an error, all outputs of the
    /// turn are dropped with that error. Loop thread only.
    package func commitAtEndOfTurn(_ commit: @escaping () -> (any Error)?) { commits.append(commit) }

    /// Commits, then sends.
    /// - Returns: whether something is left for the next turn.
    func endTurn() -> Bool {
        for _ in 0..<Self.roundsPerTurn {
            if outputs.isEmpty, commits.isEmpty { return false }
            let failure = runCommits()
            swap(&outputs, &outputsInProgress)
            outputRound &+= 1
            for output in outputsInProgress {
                if let failure { output.discardOutput(failure) } else { output.sendOutput() }
            }
            outputsInProgress.removeAll(keepingCapacity: true)
        }
        return true
    }

    /// Runs every commit, also after a failure.
    /// - Returns: the first error.
    private func runCommits() -> (any Error)? {
        guard !commits.isEmpty else { return nil }
        var failure: (any Error)?
        // A commit may not queue another one: it would be sent before what it belongs to.
        for commit in commits {
            let error = commit()
            if failure == nil { failure = error }
        }
        commits.removeAll(keepingCapacity: true)
        return failure
    }
}
