extension StringProtocol where SubSequence == Substring {
    /// The text without surrounding spaces and tabs (RFC 9110, "OWS").
    package func trimmingOptionalWhitespace() -> Substring {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
        var text = self[startIndex...]
        while let first = text.utf8.first, isSpace(first) { text = Substring(text.utf8.dropFirst()) }
        while let last = text.utf8.last, isSpace(last) { text = Substring(text.utf8.dropLast()) }
        return text
    }
}
