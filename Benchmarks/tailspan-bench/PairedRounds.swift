import Glibc

/// Measures asynchronous subjects in turns, in CPU time of this thread, so that disturbances on the machine affect all
/// of them alike.
struct PairedRounds {
    typealias Run = (_ count: Int) async throws -> Void

    var rounds: Int
    var nanosecondsPerRound: Double

    /// CPU time of one repetition in nanoseconds, by subject and round.
    func times(of subjects: [Run]) async throws -> [[Double]] {
        var count = 64
        while try await Self.once(subjects[0], count) < nanosecondsPerRound { count *= 2 }
        for subject in subjects { _ = try await Self.once(subject, count) }
        var times = [[Double]](repeating: [], count: subjects.count)
        for round in 0..<rounds {
            for step in subjects.indices {
                // The order alternates, so that none is always first, or always after the same one.
                let index = round.isMultiple(of: 2) ? step : subjects.count - 1 - step
                times[index].append(try await Self.once(subjects[index], count) / Double(count))
            }
        }
        return times
    }

    private static func once(_ subject: Run, _ count: Int) async throws -> Double {
        let time = threadTime()
        try await subject(count)
        return threadTime() - time
    }

    private static func threadTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    }
}
