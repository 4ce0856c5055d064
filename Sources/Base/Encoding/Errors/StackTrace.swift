import CLinux

/// The call stack of the thread at the moment an error was created.
///
/// Creating one takes microseconds, because only addresses are stored; names are resolved when the trace is written. It
/// reaches back to the last suspension: the callers of a resumed asynchronous function are not on the stack.
package struct StackTrace: Sendable {
    /// The maximum number of frames. Longer traces are cut at the outer end.
    package static let maximumFrames = 32

    private let addresses: [UInt]

    /// Captures the stack of the calling thread.
    @inline(never)
    package init() {
        addresses = withUnsafeTemporaryAllocation(of: UnsafeMutableRawPointer?.self, capacity: Self.maximumFrames) {
            guard let start = $0.baseAddress else { return [] }
            let count = Int(backtrace(start, Int32($0.count)))
            // A return address is the address of the next instruction, which may already belong to the next function.
            return $0[..<count].map { UInt(bitPattern: $0) &- 1 }
        }
    }

    /// The functions of this program, one per line, innermost first; empty if the program file was stripped of names.
    package var text: String {
        var lines: [String] = []
        for name in SymbolNames.shared.names(of: addresses) where lines.last != name { lines.append(name) }
        return lines.joined(separator: "\n")
    }
}

extension StackTrace: Equatable {
    /// Always `true`, so that two errors are equal wherever they were created.
    package static func == (left: StackTrace, right: StackTrace) -> Bool { true }
}
