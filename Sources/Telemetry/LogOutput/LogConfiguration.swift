import Configuration
import Logging

/// How a service logs. Read from the environment:
///
/// | Variable | Meaning | Default |
/// |---|---|---|
/// | `LOG_FORMAT` | `json` or `text` | `json` |
/// | `LOG_LEVEL` | the least level written: `trace` … `critical` | `info` |
/// | `LOG_DIR` | the file is `LOG_DIR/<service>/<service>.log`; empty for no file | none |
/// | `LOG_STDOUT` | whether lines also go to standard output | `true` |
/// | `LOG_MAX_BYTES` | the size at which the file is rotated; 0 for never | 50 MiB |
/// | `LOG_MAX_FILES` | how many rotated files are kept; 0 for never rotating | 5 |
/// | `LOG_SOURCE` | whether lines name the place in the program that wrote them | `false` |
package struct LogConfiguration: Sendable, Equatable {
    /// What a line looks like.
    package enum Format: String, Sendable, CaseIterable {
        /// One JSON object a line.
        case json
        /// For people: time, level, service, message, then `name=value` pairs.
        case text
    }

    package var format = Format.json
    package var level = Logger.Level.info
    /// The folder in which each service has one; `nil` for no file.
    package var directory: String?
    package var stdout = true
    package var rotation = LogRotation()
    package var source = false

    package init() {}

    /// Reads the settings.
    /// - Parameter defaultDirectory: the folder if `LOG_DIR` is not set at all.
    /// - Throws: `ConfigurationError` for a value that cannot be used.
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

/// When a log file makes room for a new one.
package struct LogRotation: Sendable, Equatable {
    /// The size in bytes that a file does not grow beyond, except by a single line that is longer; 0 for no limit.
    package var maxBytes: Int
    /// How many full files are kept beside the current one; 0 for never rotating.
    package var maxFiles: Int

    package init(maxBytes: Int = 50 << 20, maxFiles: Int = 5) {
        self.maxBytes = maxBytes
        self.maxFiles = maxFiles
    }

    var isOn: Bool { maxBytes > 0 && maxFiles > 0 }
}

extension Environment {
    /// One of a few words, in upper or lower case; `nil` if unset.
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
