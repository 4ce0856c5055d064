import Testing

@testable import PocketConsole

@Suite("The tree of a trace's spans") struct SpanTreeTests {
    /// A span with its times; the parent 0 is none.
    private struct Span {
        var id: UInt64
        var parent: UInt64
        var start: UInt64
        var end: UInt64
    }

    private func tree(_ spans: [Span]) -> SpanTree {
        SpanTree(
            spans.map { SpanTree.Node(id: $0.id, parent: $0.parent, times: .init(start: $0.start, end: $0.end)) })
    }

    /// The critical path as `id:start-end`, in order of time.
    private func path(_ spans: [Span]) -> [String] {
        zip(spans, tree(spans).criticalPath()).flatMap { span, parts in parts.map { (span.id, $0) } }
            .sorted { $0.1.start < $1.1.start }.map { "\($0.0):\($0.1.start)-\($0.1.end)" }
    }

    @Test func parentsComeBeforeTheirChildrenAndSiblingsByStart() {
        let spans = [
            Span(id: 4, parent: 2, start: 30, end: 40), Span(id: 3, parent: 1, start: 50, end: 60),
            Span(id: 2, parent: 1, start: 20, end: 45), Span(id: 1, parent: 0, start: 10, end: 100),
        ]
        let tree = tree(spans)
        #expect(tree.order.map { spans[$0].id } == [1, 2, 4, 3])
        #expect(tree.isComplete)
    }

    @Test func theOwnTimeIsWhatNoChildCovers() {
        let spans = [
            Span(id: 1, parent: 0, start: 0, end: 100),
            // Together they cover 10…50; the part after 100 does not count.
            Span(id: 2, parent: 1, start: 10, end: 40), Span(id: 3, parent: 1, start: 30, end: 50),
            Span(id: 4, parent: 1, start: 90, end: 130),
            // Not a child.
            Span(id: 5, parent: 2, start: 10, end: 25),
        ]
        let tree = tree(spans)
        #expect(spans.indices.map { tree.ownTime(of: $0) } == [50, 15, 20, 40, 15])
    }

    @Test func aChildBeforeItsParentTakesNoneOfItsTime() {
        let tree = tree([Span(id: 1, parent: 0, start: 50, end: 60), Span(id: 2, parent: 1, start: 0, end: 55)])
        #expect(tree.ownTime(of: 0) == 5 && tree.ownTime(of: 1) == 55)
    }

    @Test func theCriticalPathGoesBackIntoTheChildThatEndsLast() {
        #expect(
            path([
                Span(id: 1, parent: 0, start: 0, end: 100), Span(id: 2, parent: 1, start: 10, end: 40),
                Span(id: 3, parent: 1, start: 20, end: 70), Span(id: 4, parent: 3, start: 25, end: 60),
                // Ends before span 3 starts, so the path goes through it, too.
                Span(id: 5, parent: 1, start: 5, end: 15),
            ]) == ["1:0-5", "5:5-15", "1:15-20", "3:20-25", "4:25-60", "3:60-70", "1:70-100"])
    }

    @Test func aChildThatOutlivesItsParentCountsToTheParentsEnd() {
        #expect(
            path([
                Span(id: 1, parent: 0, start: 0, end: 50), Span(id: 2, parent: 1, start: 20, end: 80),
                Span(id: 3, parent: 2, start: 60, end: 70), Span(id: 4, parent: 1, start: 60, end: 90),
            ]) == ["1:0-20", "2:20-50"])
    }

    @Test func thePartsAreTogetherAsLongAsTheRoot() {
        var random: UInt64 = 7
        func next(_ limit: UInt64) -> UInt64 {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (random >> 33) % limit
        }
        for _ in 0..<50 {
            var spans = [Span(id: 1, parent: 0, start: 1000, end: 2000)]
            for id in 2...60 {
                let start = 900 + next(1100)
                spans.append(
                    Span(id: UInt64(id), parent: 1 + next(UInt64(id) - 1), start: start, end: start + next(400)))
            }
            let parts = tree(spans).criticalPath().flatMap { $0 }.sorted { $0.start < $1.start }
            #expect(parts.first?.start == 1000 && parts.last?.end == 2000)
            for (left, right) in zip(parts, parts.dropFirst()) { #expect(left.end == right.start) }
        }
    }

    @Test func aMissingParentMakesARootAndAnIncompleteTrace() {
        let spans = [
            Span(id: 2, parent: 9, start: 5, end: 10), Span(id: 1, parent: 0, start: 0, end: 20),
            Span(id: 3, parent: 2, start: 6, end: 8),
        ]
        let tree = tree(spans)
        #expect(tree.order.map { spans[$0].id } == [1, 2, 3])
        #expect(tree.parents[0] == nil && !tree.isComplete)
        #expect(!self.tree([Span(id: 2, parent: 9, start: 5, end: 10)]).isComplete)
    }

    @Test func everySpanOfACycleIsThereOnce() {
        let spans = [
            Span(id: 1, parent: 3, start: 0, end: 30), Span(id: 2, parent: 1, start: 5, end: 20),
            Span(id: 3, parent: 2, start: 6, end: 9), Span(id: 4, parent: 4, start: 7, end: 8),
            Span(id: 5, parent: 3, start: 7, end: 8),
        ]
        let tree = tree(spans)
        // The span that is its own parent is a root; the cycle is cut before its first span.
        #expect(tree.order.map { spans[$0].id } == [4, 1, 2, 3, 5])
        #expect(tree.ownTime(of: 0) == 15 && !tree.isComplete)
    }

    @Test func spansWithTheSameIDKeepTheirPlaces() {
        let spans = [
            Span(id: 1, parent: 0, start: 0, end: 30), Span(id: 1, parent: 0, start: 5, end: 20),
            Span(id: 2, parent: 1, start: 6, end: 9),
        ]
        #expect(tree(spans).order == [0, 2, 1])
    }

    @Test func spansWithoutDurationAndWithoutChildrenAreNoTrouble() {
        #expect(path([]) == [])
        #expect(path([Span(id: 1, parent: 0, start: 5, end: 5)]) == [])
        let single = tree([Span(id: 1, parent: 0, start: 9, end: 9)])
        #expect(single.ownTime(of: 0) == 0)
    }

    @Test func aChainOfManySpansIsNotTooDeep() {
        let count: UInt64 = 100_000
        let spans = (1...count).map { Span(id: $0, parent: $0 - 1, start: $0, end: 3 * count - $0) }
        let tree = tree(spans)
        #expect(tree.order == Array(0..<Int(count)))
        #expect(tree.criticalPath().allSatisfy { !$0.isEmpty })
    }
}
