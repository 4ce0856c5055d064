import CLinux

/// Where an error was made: the functions that the thread was in at that moment.
///
/// Making one takes microseconds, since only addresses are taken; names are looked up when somebody writes them down.
/// It reaches back to the last suspension: the callers of an asynchronous function that was resumed are on no stack.
package struct StackTrace: Sendable {
    /// Longer ones are cut off at their outer end.
    package static let maximumFrames = 32

    private let addresses: [UInt]

    /// Takes the functions that the calling thread is in.
    @inline(never)
    package init() {
        addresses = withUnsafeTemporaryAllocation(of: UnsafeMutableRawPointer?.self, capacity: Self.maximumFrames) {
            guard let start = $0.baseAddress else { return [] }
            let count = Int(backtrace(start, Int32($0.count)))
            // A return address is that of the next instruction, which may belong to the next function already.
            return $0[..<count].map { UInt(bitPattern: $0) &- 1 }
        }
    }

    /// The functions of this program, one a line, innermost first; empty if the names were stripped from its file.
    package var text: String {
        var lines: [String] = []
        for name in SymbolNames.shared.names(of: addresses) where lines.last != name { lines.append(name) }
        return lines.joined(separator: "\n")
    }
}

extension StackTrace: Equatable {
    /// Always: two errors are equal whatever way led to them.
    package static func == (left: StackTrace, right: StackTrace) -> Bool { true }
}
