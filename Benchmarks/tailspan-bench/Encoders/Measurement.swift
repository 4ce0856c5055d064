import CAllocationCounter
import Glibc

/// Something to measure: `run` repeats it the given number of times.
struct Subject {
    let name: String
    let run: (_ count: Int) -> Void
}

/// The cost of a subject per repetition.
struct Cost {
    /// CPU time of the thread in nanoseconds; the median of the rounds.
    let nanoseconds: Double
    /// The same, round by round.
    let rounds: [Double]
    /// Calls of `malloc` and similar functions in the round with the fewest. The first rounds fill caches and buffers;
    /// what is left is the lasting cost.
    let allocations: Double
}

/// Measures the subjects in turns, so that disturbances on the machine affect all of them alike.
struct Measurement {
    var rounds: Int
    var nanosecondsPerRound: Double

    func costs(of subjects: [Subject]) -> [(name: String, cost: Cost)] {
        let counts = subjects.map { calibrate($0) }
        var times = [[Double]](repeating: [], count: subjects.count)
        var allocations = [[Double]](repeating: [], count: subjects.count)
        for _ in 0..<rounds {
            for (index, subject) in subjects.enumerated() {
                let (nanoseconds, allocated) = Self.once(subject, counts[index])
                times[index].append(nanoseconds / Double(counts[index]))
                allocations[index].append(Double(allocated) / Double(counts[index]))
            }
        }
        return subjects.indices.map { index in
            (
                subjects[index].name,
                Cost(
                    nanoseconds: Self.median(times[index]), rounds: times[index],
                    allocations: allocations[index].min() ?? 0)
            )
        }
    }

    /// How many repetitions fill a round; also warms up.
    private func calibrate(_ subject: Subject) -> Int {
        var count = 64
        while true {
            let (nanoseconds, _) = Self.once(subject, count)
            guard nanoseconds < nanosecondsPerRound / 2 else {
                return max(1, Int(Double(count) * nanosecondsPerRound / nanoseconds))
            }
            count *= 2
        }
    }

    private static func once(_ subject: Subject, _ count: Int) -> (nanoseconds: Double, allocations: UInt) {
        let (time, allocations) = (threadTime(), tailspan_allocation_count())
        subject.run(count)
        return (threadTime() - time, tailspan_allocation_count() - allocations)
    }

    /// The CPU time of this thread: other processes do not count.
    private static func threadTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return 0 }
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
}
