import Glibc

/// The environment variables of this process.
package func processEnvironment() -> [String: String] {
    var result: [String: String] = [:]
    var entry = environ
    while let variable = entry.pointee {
        let text = String(cString: variable)
        if let split = text.firstIndex(of: "=") {
            result[String(text[..<split])] = String(text[text.index(after: split)...])
        }
        entry += 1
    }
    return result
}
