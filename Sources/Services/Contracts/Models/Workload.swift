import Encoding
import Vocabulary

/// The computation that the executor is asked to run.
package struct WorkloadSpec: Sendable, Equatable {
    package typealias Kind = WorkloadKind

    /// The bounds of `size`. At the upper bound, the slowest kind takes about a second.
    package static let sizes: ClosedRange<Int64> = 1...5_000_000

    package var kind: Kind
    package var size: Int64

    package init(kind: Kind, size: Int64) {
        self.kind = kind
        self.size = size
    }

    package init?(from reader: inout FieldReader) {
        let kind = reader.choice("kind", Kind.self)
        let size = reader.integer("size", in: Self.sizes)
        guard let kind else { return nil }
        self.init(kind: kind, size: size)
    }

    package func write(to json: inout JSONWriter) {
        json.object {
            $0.member("kind", kind.rawValue)
            $0.member("size", size)
        }
    }
}
