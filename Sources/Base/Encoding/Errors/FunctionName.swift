import CLinux
import Glibc

/// Functions as a stack trace names them.
enum FunctionName {
    /// What the compiler makes of its own accord, the standard library, and what makes the stack itself.
    private static let unshown = [
        "reabstraction thunk", "partial apply", "protocol witness", "dispatch thunk", "merged ", "outlined ", "Swift.",
        "static Swift.", "(extension in Swift)", "static (extension in Swift)",
    ]

    /// The function that a symbol belongs to, as it stands in source; `nil` if it is none of Swift or not to be shown.
    ///
    /// What injects faults is not shown: an injected error has to look like one that nobody asked for.
    static func shown(_ symbol: UnsafePointer<CChar>) -> String? {
        guard let text = swift_demangle(symbol, strlen(symbol), nil, nil, 0) else { return nil }
        defer { free(text) }
        return shown(demangled: String(cString: text))
    }

    static func shown(demangled text: String) -> String? {
        var name = text[...]
        // Optimised for certain arguments, once or several times over.
        while name.hasPrefix("function signature specialization") || name.hasPrefix("generic specialization")
            || name.hasPrefix("generic not re-abstracted specialization")
        {
            guard let range = name.ranges(of: "> of ").last else { break }
            name = name[range.upperBound...]
        }
        // A function with suspensions is cut into several.
        for part in [" suspend resume partial function for ", " await resume partial function for "] {
            if name.first == "(", let range = name.firstRange(of: part) { name = name[range.upperBound...] }
        }
        let isShown =
            !unshown.contains { name.hasPrefix($0) } && !name.contains("Fault") && !name.contains("StackTrace.")
            && !name.contains("Error.init(") && !name.contains("$s")
        return isShown ? withoutFiles(name) : nil
    }

    /// Names of private types carry their file: `(Row in _3F02…)` is `Row`.
    private static func withoutFiles(_ name: Substring) -> String {
        var (result, rest) = ("", name)
        while let mark = rest.firstRange(of: " in _"), let end = rest[mark.upperBound...].firstIndex(of: ")"),
            let start = rest[..<mark.lowerBound].lastIndex(of: "(")
        {
            result += rest[..<start] + rest[rest.index(after: start)..<mark.lowerBound]
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }
}
