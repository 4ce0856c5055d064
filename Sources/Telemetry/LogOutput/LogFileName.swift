import Encoding

/// A service's name as the name of a file.
enum LogFileName {
    /// The longest name in bytes: with `.log`, a number behind it and what a shipper adds it stays below the 255 of most file
    /// systems.
    static let longest = 100

    /// `name`, so that it stays within its folder and can be typed: a slash, white space or a control character becomes `_`, and
    /// so does a dot in front. Names that had to be changed end in a hash of what they were, so that two of them have two files.
    static func safe(_ name: String) -> String {
        var safe = ""
        for scalar in name.unicodeScalars {
            guard safe.utf8.count < longest else { break }
            let isKept =
                scalar != "/" && scalar != "\\" && !scalar.properties.isWhitespace
                && scalar.properties.generalCategory != .control && scalar.properties.generalCategory != .format
                && !(scalar == "." && safe.isEmpty)
            safe.unicodeScalars.append(isKept ? scalar : "_")
        }
        guard safe != name || name.isEmpty else { return name }
        // FNV-1a: the same in every process, as files are kept over restarts.
        let hash = name.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
        return safe + "-" + Hex.string(hash).prefix(8)
    }
}
