/// A condition did not become true in time.
package struct ConditionNotMet: Error, CustomStringConvertible {
    package let description: String
}

/// Polls until `condition` holds: for effects of another thread or process.
/// - Throws: ``ConditionNotMet`` after `deadline`, or what the condition throws.
package func eventually(
    within deadline: Duration = .seconds(10), _ what: String = "the condition",
    _ condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + deadline
    while try await !condition() {
        guard ContinuousClock.now < end else {
            throw ConditionNotMet(description: "\(what) did not come true within \(deadline)")
        }
        await pause(microseconds: 5000)
    }
}
