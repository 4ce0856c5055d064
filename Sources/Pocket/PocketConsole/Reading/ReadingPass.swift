import QuerySupport
import SQLite

/// Looks at the clock while a pass over many rows goes on.
struct ReadingPass {
    private let end: ContinuousClock.Instant
    private var rows = 0
    fileprivate private(set) var isOver = false

    /// The number of rows between two looks at the clock.
    private static let rowsPerLook = 256

    fileprivate init(patience: Duration) { end = .now + patience }

    /// Whether there is time for another row.
    mutating func goesOn() -> Bool {
        rows += 1
        if rows % Self.rowsPerLook == 0, ContinuousClock.now >= end { isOver = true }
        return !isOver
    }
}

extension QueryBudget {
    /// How long a pass may take until what it has found by then is shown.
    static let patience = Duration.seconds(5)

    /// Runs `body`, which passes over many rows. Returns whether it came to the end before its time or its work was
    /// used up; if not, what it has found is still right, but not all.
    func pass(_ body: (inout ReadingPass) throws -> Void) throws -> Bool {
        var pass = ReadingPass(patience: Self.patience)
        do {
            do { try body(&pass) } catch let error as SQLiteError {
                // The database was interrupted because the budget is spent.
                _ = try goesOn()
                throw error
            }
        } catch let error as QueryBudgetError where error.leavesFigures {
            return false
        }
        return !pass.isOver
    }
}

extension QueryBudgetError {
    /// Whether what was found before can still be shown.
    fileprivate var leavesFigures: Bool {
        switch self {
        case .tooMuchWork, .timedOut: true
        case .tooLarge, .textTooLong, .abandoned: false
        }
    }
}
