import PocketStore

/// The spans of a trace as a tree, with each span's own time and its parts of the critical path.
///
/// Spans whose parent is missing are roots. So is the first span of a cycle of parents, which no trace should have.
/// Nothing here is recursive: a trace may be as deep as it has spans.
struct SpanTree {
    /// The indices of the spans: parents before their children, siblings by start.
    private(set) var order: [Int] = []
    /// The index of each span's parent; `nil` for a root.
    private(set) var parents: [Int?]
    /// The indices of each span's children, by start.
    private(set) var children: [[Int]]
    /// Whether there is a root without a parent, and no parent is missing.
    let isComplete: Bool
    private let spans: [Interval]

    /// The times of a span in nanoseconds, its end not before its start.
    struct Interval: Equatable {
        var start: UInt64
        var end: UInt64

        var length: UInt64 { end - start }

        /// The part inside of `other`; empty, at one of its ends, if there is none.
        func clipped(to other: Interval) -> Interval {
            let start = min(max(start, other.start), other.end)
            return Interval(start: start, end: min(max(end, start), other.end))
        }
    }

    /// What the tree needs of a span. A parent of 0 is none.
    struct Node {
        var id: UInt64
        var parent: UInt64
        var times: Interval
    }

    init(_ spans: [StoredSpan]) {
        self.init(
            spans.map(\.columns).map {
                Node(id: $0.spanID, parent: $0.parentID, times: Interval(start: $0.start, end: max($0.start, $0.end)))
            })
    }

    init(_ nodes: [Node]) {
        spans = nodes.map(\.times)
        var known: [UInt64: Int] = [:]
        for (index, node) in nodes.enumerated() where known[node.id] == nil { known[node.id] = index }
        parents = nodes.map { $0.parent == 0 || $0.parent == $0.id ? nil : known[$0.parent] }
        isComplete =
            nodes.contains { $0.parent == 0 } && nodes.allSatisfy { $0.parent == 0 || known[$0.parent] != nil }
        children = Array(repeating: [], count: nodes.count)
        let byStart = nodes.indices.sorted { (nodes[$0].times.start, $0) < (nodes[$1].times.start, $1) }
        for index in byStart { if let parent = parents[index] { children[parent].append(index) } }
        arrange(byStart)
    }

    private mutating func arrange(_ byStart: [Int]) {
        var isPlaced = Array(repeating: false, count: byStart.count)
        func place(from root: Int, _ order: inout [Int], _ isPlaced: inout [Bool]) {
            var pending = [root]
            while let index = pending.popLast() {
                guard !isPlaced[index] else { continue }
                isPlaced[index] = true
                order.append(index)
                pending += children[index].reversed()
            }
        }
        for index in byStart where parents[index] == nil { place(from: index, &order, &isPlaced) }
        // Only cycles are left, and what hangs from them.
        for index in byStart where !isPlaced[index] {
            if let parent = parents[index] { children[parent].removeAll { $0 == index } }
            parents[index] = nil
            place(from: index, &order, &isPlaced)
        }
    }

    /// The span's duration without the time in which at least one of its children runs. Children count only where they
    /// overlap with the span: one that goes on after it is not waited for.
    func ownTime(of index: Int) -> UInt64 {
        let span = spans[index]
        var own: UInt64 = 0
        var covered = span.start
        for child in children[index] {
            let part = spans[child].clipped(to: span)
            if part.start > covered { own += part.start - covered }
            covered = max(covered, part.end)
        }
        return own + (span.end - covered)
    }

    /// The parts of the critical path in each span, in order of time: what the root's duration consists of.
    ///
    /// The path is walked backwards from the end of the first root. The present moment moves back through a span until
    /// a child ends there; of all children that have ended by the present moment, the path goes into the one that ends
    /// last, and comes back to the span at that child's start. Time that no child explains belongs to the span itself. A
    /// child that ends later than the present moment ran beside the path and is left out. Children count only where
    /// they overlap with their parent, so the parts of all spans together are exactly as long as the root.
    func criticalPath() -> [[Interval]] {
        var parts: [[Interval]] = Array(repeating: [], count: spans.count)
        guard let root = order.first else { return parts }
        var pending = [(index: root, bounds: spans[root])]
        while let (index, bounds) = pending.popLast() {
            var now = bounds.end
            let ended = children[index].map { (index: $0, part: spans[$0].clipped(to: bounds)) }
                .filter { $0.part.length > 0 }
                .sorted { ($0.part.end, $0.part.start) > ($1.part.end, $1.part.start) }
            for child in ended where child.part.end <= now {
                if child.part.end < now { parts[index].append(Interval(start: child.part.end, end: now)) }
                pending.append((child.index, child.part))
                now = child.part.start
            }
            if bounds.start < now { parts[index].append(Interval(start: bounds.start, end: now)) }
            parts[index].reverse()
        }
        return parts
    }
}
