/// Accounts for the work of searches, so that their caller can be stopped.
package protocol RegexMeter: AnyObject {
    /// Whether this many more steps are within the limit; if not, the caller must stop.
    func affords(_ steps: Int) -> Bool
    /// Records completed steps. Returns whether to continue.
    func spend(_ steps: Int) -> Bool
}

/// Matches texts against one pattern.
package struct RegexMatcher {
    private let expression: RegularExpression
    private let anchored: Bool
    private let meter: (any RegexMeter)?

    /// - Parameters:
    ///   - anchored: whether the whole text must match; otherwise a part of it is enough.
    ///   - meter: limits the work. A text that exceeds it does not match.
    package init(_ expression: RegularExpression, anchored: Bool, meter: (any RegexMeter)? = nil) {
        self.expression = expression
        self.anchored = anchored
        self.meter = meter
    }

    package func matches(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { matches($0) }
    }

    package func matches(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        mayMatch(bytes) && expression.program.matches(bytes, whole: anchored)
    }

    /// Whether a search is worthwhile and within the limit.
    func mayMatch(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard anchored || expression.requiredText.isIn(bytes) else { return false }
        guard let meter else { return true }
        let work = bytes.count * expression.program.size
        return meter.affords(work * Self.stepsAtWorst) && meter.spend(1 + work / Self.workPerStep)
    }

    /// RE2 normally looks up one state per byte. If a text leads to too many states, it executes every instruction for
    /// every byte, at about 20 ns each, and cannot be stopped. This number of steps for each keeps one search below a
    /// few seconds with the steps that a query has.
    private static let stepsAtWorst = 16
    /// In the worst case, a step takes some microseconds, so the clock is checked in time.
    private static let workPerStep = 256
}
