extension Environment {
    /// The value of a bearer token; `nil` if it is unset or empty. One that cannot be sent in a header would lock
    /// everybody out. The message does not repeat the token.
    /// - Throws: ``ConfigurationError`` for an invalid value.
    package func token(_ name: String) throws -> String? {
        guard let text = string(name) else { return nil }
        guard text.utf8.count <= 512, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw ConfigurationError("\(name): expected at most 512 visible ASCII characters, without spaces")
        }
        return text
    }
}
