import SQLite
import Testing

@testable import PocketStore
@testable import QuerySupport

@Suite("The budget of a query") struct QueryBudgetTests {
    @Test func aBudgetLimitsTheWork() throws {
        let budget = QueryBudget(.init(steps: 10_000))
        try budget.charge(9_000)
        #expect(throws: QueryBudgetError.tooMuchWork) { for _ in 0..<10_000 { try budget.charge() } }
        #expect(budget.steps < 10_000 + 4_097)
        // Once it is spent, nothing is given any more.
        #expect(!budget.spend(1) && !budget.keep(1) && budget.isSpent)
        #expect(throws: QueryBudgetError.tooMuchWork) { try budget.check() }
    }

    @Test func workThatCannotBeInterruptedStartsOnlyWithinTheBudget() throws {
        let budget = QueryBudget(.init(steps: 10_000))
        try budget.charge(4_000)
        #expect(budget.affords(6_000) && budget.affords(6_000))
        #expect(budget.steps == 4_000)
        #expect(!budget.affords(6_001))
        // The request ends, though little of what it has is spent.
        #expect(!budget.affords(1) && !budget.spend(1))
        #expect(throws: QueryBudgetError.tooMuchWork) { try budget.check() }
    }

    @Test func aBudgetLimitsMemoryAndTakesItBack() throws {
        let budget = QueryBudget(.init(bytes: 1000))
        try budget.hold(600)
        let held = budget.bytes
        try budget.hold(400)
        budget.release(to: held)
        try budget.hold(400)
        #expect(throws: QueryBudgetError.tooLarge(1000)) { try budget.hold(1) }
        let other = QueryBudget(.init(bytes: .max))
        #expect(other.keep(.max) && !other.keep(1))
    }

    @Test func aBudgetLimitsTheLengthOfAText() {
        let budget = QueryBudget(.init(bytes: .max))
        #expect(budget.keep(text: QueryBudget.maximumText))
        #expect(!budget.keep(text: QueryBudget.maximumText + 1))
        #expect(throws: QueryBudgetError.textTooLong(QueryBudget.maximumText)) { try budget.check() }
    }

    @Test func aBudgetLimitsTheTime() {
        let budget = QueryBudget(.init(time: .zero))
        #expect(throws: QueryBudgetError.timedOut(.zero)) { try budget.check() }
    }

    @Test func aCancelledBudgetStopsTheWork() {
        let budget = QueryBudget()
        budget.cancel()
        #expect(throws: QueryBudgetError.abandoned) { for _ in 0..<10_000 { try budget.charge() } }
    }

    @Test func aCancelledReadStops() async throws {
        let folder = TemporaryFolder()
        let database = try await PocketDatabase.open(path: folder.path + "/pocket.sqlite", components: [])
        let reading = Task {
            try await database.read { _, budget -> Int in
                while true { try budget.charge() }
            }
        }
        reading.cancel()
        await #expect(throws: QueryBudgetError.abandoned) { try await reading.value }
        await database.close()
    }

    @Test func theBudgetInterruptsSQLiteItself() async throws {
        let folder = TemporaryFolder()
        var configuration = PocketDatabase.Configuration()
        configuration.budget = .init(time: .seconds(600), steps: 1_000_000)
        let database = try await PocketDatabase.open(
            path: folder.path + "/pocket.sqlite", components: [], configuration: configuration)
        await #expect(throws: QueryBudgetError.tooMuchWork) {
            try await database.read { database, _ in
                try database.first(
                    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
                ) { $0.int64(0) }
            }
        }
        #expect(try await database.read { database, _ in try database.first("SELECT 7") { $0.int64(0) } } == 7)
        await database.close()
    }

    @Test func workOutsideTheReadersReturnsItsResultOrError() async throws {
        let database = try await PocketDatabase.open(path: ":memory:", components: [])
        #expect(try await database.work { 7 } == 7)
        await #expect(throws: QueryBudgetError.tooMuchWork) {
            try await database.work { throw QueryBudgetError.tooMuchWork }
        }
        await database.close()
        await #expect(throws: PocketDatabaseError.closed) { try await database.work { 7 } }
    }

    private static let sums: [(Int64, Int64, Int64, Int64, Int64)] = [
        (.max, 1, .max, .max - 1, .max), (.min, -1, .min, .min + 1, .max),
        (.min, 1, .min + 1, .min, .min), (.max, -1, .max - 1, .max, -.max), (.max, .min, -1, .max, .min),
        (5, 3, 8, 2, 15),
    ]

    @Test(arguments: sums)
    func integerArithmeticSaturates(left: Int64, right: Int64, sum: Int64, difference: Int64, product: Int64) {
        #expect(left.plus(right) == sum)
        #expect(left.minus(right) == difference)
        #expect(left.times(right) == product)
    }

    @Test func aDoubleConvertsToTheNearestInteger() {
        #expect(Int64(nearest: .nan) == 0 && Int64(nearest: .infinity) == .max && Int64(nearest: -.infinity) == .min)
        #expect(Int64(nearest: 1e300) == .max && Int64(nearest: -1e300) == .min)
        #expect(Int64(nearest: 0x1p63) == .max && Int64(nearest: -0x1p63) == .min && Int64(nearest: -2.7) == -2)
        #expect(Int64(nearest: (0x1p63).nextDown) == 9_223_372_036_854_774_784)
    }
}
