/// Pays for searches, so that what asks for them can be ended.
package protocol RegexMeter: AnyObject {
    /// Whether so many steps could still be paid for; if not, whatever asked must end.
    func affords(_ steps: Int) -> Bool
    /// Pays for steps that are done. Answers whether to go on.
    func spend(_ steps: Int) -> Bool
}

/// Tests texts against one pattern.
package struct RegexMatcher {
    private let expression: RegularExpression
    private let anchored: Bool
    private let meter: (any RegexMeter)?

    /// - Parameters:
    ///   - anchored: whether the whole text must match, or a part of it is enough.
    ///   - meter: bounds the work. A text that it does not pay for does not match.
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

    /// Whether a search is worth while and paid for.
    func mayMatch(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard anchored || expression.requiredText.isIn(bytes) else { return false }
        guard let meter else { return true }
        let work = bytes.count * expression.program.size
        return meter.affords(work * Self.stepsAtWorst) && meter.spend(1 + work / Self.workPerStep)
    }

    /// RE2 mostly looks up one state a byte. Where a text leads through too many states it carries out every instruction at
    /// every byte, some 20 ns each, and cannot be stopped: this many steps for each keep one search below a few seconds
    /// with the steps that a query has.
    private static let stepsAtWorst = 16
    /// At worst that makes some microseconds a step, so that the clock is looked at in time.
    private static let workPerStep = 256
}
