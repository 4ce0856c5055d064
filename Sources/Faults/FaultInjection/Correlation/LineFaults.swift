import Encoding
import Logging
import Vocabulary

/// What happens to one line, and beside it, because its request is hit.
package struct LineFaults: Sendable {
    /// How the line differs from what it should be; `nil` if it does not.
    package var shape: LineShape?
    /// How often it is written.
    package var copies = 1
    /// How much later it is stamped and written.
    package var delay: Duration?
    /// Whether a line that is no JSON follows it.
    package var isFollowedByGarbage = false
    /// The size of a line that follows it, in bytes.
    package var hugeSize: Int?
    /// How many more lines follow it.
    package var flood = 0
    /// Whether the file is rotated after it.
    package var rotates = false
    /// `tailspan.fault.id` and `tailspan.fault.kind` of the line; empty if there is nothing to say, or it is hidden.
    package var marks: Logger.Metadata = [:]
}

/// How a line differs from what it should be. An object, so that a line without it carries no more than a `nil`.
package final class LineShape: Sendable {
    package let hasUppercaseIDs: Bool
    package let hasSpanID: Bool
    /// In the place of the service's.
    package let serviceName: String?
    /// Follows the level.
    package let levelSuffix: String?

    package init(
        hasUppercaseIDs: Bool = false, hasSpanID: Bool = true, serviceName: String? = nil, levelSuffix: String? = nil
    ) {
        self.hasUppercaseIDs = hasUppercaseIDs
        self.hasSpanID = hasSpanID
        self.serviceName = serviceName
        self.levelSuffix = levelSuffix
    }

    /// An id as the line is to have it.
    package func text(_ id: some CustomStringConvertible) -> String {
        hasUppercaseIDs ? id.description.uppercased() : id.description
    }
}

extension LineFaults {
    /// What `faults` mean for the line that is about to be written. What happens once a request happens to its first.
    /// - Returns: `nil` if the line is as ever.
    init?(_ faults: RequestFaults) {
        var hasUppercaseIDs = false
        var hasSpanID = true
        var serviceName: String?
        var levelSuffix: String?
        for hit in faults.hits {
            switch hit.kind {
            case .uppercaseIDs:
                faults.inject(hit)
                hasUppercaseIDs = true
            case .missingSpanID:
                faults.inject(hit)
                hasSpanID = false
            case .wrongServiceName:
                guard case .name(let name) = hit.rule.argument else { continue }
                faults.inject(hit)
                serviceName = name
            case .labelExplosion:
                faults.inject(hit)
                levelSuffix = "-" + Hex.string(hit.decision.word(1)).prefix(8)
            case .duplicateLogs:
                faults.inject(hit)
                copies = hit.count
            case .lateLogs:
                faults.inject(hit)
                delay = hit.delay
            case .garbageLine:
                faults.inject(hit)
                isFollowedByGarbage = true
            case .hugeLine: if faults.inject(hit) { hugeSize = hit.bytes }
            case .logFlood: if faults.inject(hit) { flood = hit.count }
            case .rotateNow: if faults.inject(hit) { rotates = true }
            default: continue
            }
        }
        if hasUppercaseIDs || !hasSpanID || serviceName != nil || levelSuffix != nil {
            shape = LineShape(
                hasUppercaseIDs: hasUppercaseIDs, hasSpanID: hasSpanID, serviceName: serviceName,
                levelSuffix: levelSuffix)
        }
        marks = faults.fields
        if !isOutOfOrder, marks.isEmpty { return nil }
    }

    private var isOutOfOrder: Bool {
        shape != nil || copies != 1 || delay != nil || isFollowedByGarbage || hugeSize != nil || flood > 0 || rotates
    }
}

extension RequestFaults {
    /// ``marks`` as a line's fields; empty if there are none, or they are hidden.
    package var fields: Logger.Metadata {
        guard let marks else { return [:] }
        return [LogField.faultID: .string(marks.ids), LogField.faultKind: .string(marks.kinds)]
    }
}
