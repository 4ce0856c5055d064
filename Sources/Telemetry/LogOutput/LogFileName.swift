import Encoding

/// Turns a service's name into a file name.
enum LogFileName {
    /// The maximum length of a name in bytes. With `.log`, a rotation number and a shipper's suffix it stays below the
    /// limit of 255 that most file systems have.
    static let longest = 100

    /// Makes `name` safe to use inside its directory and easy to type. A slash, white space, a control character or a
    /// leading dot becomes `_`. A name that had to be changed gets a hash of the original, so different names keep
    /// different files.
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
        // FNV-1a gives the same hash in every process; files outlive restarts.
        let hash = name.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
        return safe + "-" + Hex.string(hash).prefix(8)
    }
}
