import Encoding
import Verification

/// Identifies a line among those that the console shows.
enum LineKey {
    static func of(_ line: LogRecord) -> String {
        let hash = line.line.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return "\(line.timestampNS)-\(Hex.string(hash))"
    }
}
