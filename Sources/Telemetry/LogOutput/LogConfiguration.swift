import Configuration
import Logging

/// The log settings of a service, read from the environment:
///
/// | Variable | Meaning | Default |
/// |---|---|---|
/// | `LOG_FORMAT` | `json` or `text` | `json` |
/// | `LOG_LEVEL` | the minimum level: `trace` … `critical` | `info` |
/// | `LOG_DIR` | the file is `LOG_DIR/<service>/<service>.log`; empty for no file | none |
/// | `LOG_STDOUT` | whether lines also go to standard output | `true` |
/// | `LOG_MAX_BYTES` | the size at which the file is rotated; 0 for no rotation | 50 MiB |
/// | `LOG_MAX_FILES` | how many rotated files are kept; 0 for no rotation | 5 |
/// | `LOG_SOURCE` | whether lines name the source location that wrote them | `false` |
package struct LogConfiguration: Sendable, Equatable {
    /// The format of a line.
    package enum Format: String, Sendable, CaseIterable {
        /// One JSON object per line.
        case json
        /// For human readers: time, level, service, message, then `name=value` pairs.
        case text
    }

    package var format = Format.json
    package var level = Logger.Level.info
    /// The directory that holds one directory per service; `nil` for no file.
    package var directory: String?
    package var stdout = true
    package var rotation = LogRotation()
    package var source = false

    package init() {}

    /// Reads the settings.
    /// - Parameter defaultDirectory: the directory if `LOG_DIR` is not set.
    /// - Throws: `ConfigurationError` for an invalid value.
    package init(environment variables: [String: String], defaultDirectory: String? = nil) throws {
        let environment = Environment(variables)
        format = try environment.choice("LOG_FORMAT", Format.allCases) ?? .json
        level = try environment.choice("LOG_LEVEL", Logger.Level.allCases) ?? .info
        directory = variables["LOG_DIR"] == nil ? defaultDirectory : environment.string("LOG_DIR")
        stdout = try environment.bool("LOG_STDOUT", default: true)
        rotation.maxBytes = try environment.integer("LOG_MAX_BYTES", default: rotation.maxBytes, in: 0...(1 << 50))
        rotation.maxFiles = try environment.integer("LOG_MAX_FILES", default: rotation.maxFiles, in: 0...1000)
        source = try environment.bool("LOG_SOURCE", default: false)
    }
}

/// When a log file is rotated.
package struct LogRotation: Sendable, Equatable {
    /// The maximum size of a file in bytes, which only a single longer line may exceed; 0 for no limit.
    package var maxBytes: Int
    /// The number of rotated files kept besides the current one; 0 for no rotation.
    package var maxFiles: Int

    package init(maxBytes: Int = 50 << 20, maxFiles: Int = 5) {
        self.maxBytes = maxBytes
        self.maxFiles = maxFiles
    }

    var isOn: Bool { maxBytes > 0 && maxFiles > 0 }
}

extension Environment {
    /// Parses one of a few words, case-insensitively; `nil` if unset.
    fileprivate func choice<Value: RawRepresentable<String>>(_ name: String, _ values: [Value]) throws -> Value? {
        guard let text = string(name) else { return nil }
        guard let value = Value(rawValue: text.lowercased()) else {
            let words = values.map(\.rawValue)
            let expected = words.dropLast().joined(separator: ", ") + " or " + (words.last ?? "")
            throw ConfigurationError("\(name)=\(text): expected \(expected)")
        }
        return value
    }
}
