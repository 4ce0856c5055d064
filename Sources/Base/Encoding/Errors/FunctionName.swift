import CLinux
import Glibc

/// Function names in stack traces.
enum FunctionName {
    /// Compiler-generated functions, the standard library, and the code that captures the stack.
    private static let unshown = [
        "reabstraction thunk", "partial apply", "protocol witness", "dispatch thunk", "merged ", "outlined ", "Swift.",
        "static Swift.", "(extension in Swift)", "static (extension in Swift)",
    ]

    /// The function a symbol belongs to, as written in source; `nil` if it is not a Swift function or must not be
    /// shown.
    ///
    /// Code that injects faults is hidden: an injected error must look like a real one.
    static func shown(_ symbol: UnsafePointer<CChar>) -> String? {
        guard let text = swift_demangle(symbol, strlen(symbol), nil, nil, 0) else { return nil }
        defer { free(text) }
        return shown(demangled: String(cString: text))
    }

    static func shown(demangled text: String) -> String? {
        var name = text[...]
        // Specialisations by the optimiser, possibly nested.
        while name.hasPrefix("function signature specialization") || name.hasPrefix("generic specialization")
            || name.hasPrefix("generic not re-abstracted specialization")
        {
            guard let range = name.ranges(of: "> of ").last else { break }
            name = name[range.upperBound...]
        }
        // A function with suspension points is split into several.
        for part in [" suspend resume partial function for ", " await resume partial function for "] {
            if name.first == "(", let range = name.firstRange(of: part) { name = name[range.upperBound...] }
        }
        let isShown =
            !unshown.contains { name.hasPrefix($0) } && !name.contains("Fault") && !name.contains("StackTrace.")
            && !name.contains("Error.init(") && !name.contains("$s")
        return isShown ? withoutFiles(name) : nil
    }

    /// Removes the file from names of private types: `(Row in _3F02…)` becomes `Row`.
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
