/// Maps `items`, at most `limit` at a time; the results are in the order of the items.
/// - Throws: the first error, once the other running items are cancelled and finished.
func concurrently<Item: Sendable, Result: Sendable>(
    _ items: [Item], limit: Int, _ body: @escaping @Sendable (Item) async throws -> Result
) async throws -> [Result] {
    try await withThrowingTaskGroup(of: (Int, Result).self) { group in
        var results = [Result?](repeating: nil, count: items.count)
        for (index, item) in items.enumerated() {
            if index >= max(1, limit), let (done, result) = try await group.next() { results[done] = result }
            group.addTask { (index, try await body(item)) }
        }
        while let (done, result) = try await group.next() { results[done] = result }
        return results.compactMap { $0 }
    }
}
