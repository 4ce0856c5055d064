/// An environment variable that the programs read, as `tailspan settings` and docs/CONFIGURATION.md describe it. Tests
/// compare the description with the code that reads the variable.
package struct Setting: Sendable, Equatable {
    package var name: String
    package var form: Form
    package var fallback: Default
    package var readers: Set<Reader>
    /// One phrase without a full stop. Names and values in it stand in backquotes.
    package var meaning: String

    package init(
        _ name: String, _ form: Form, default fallback: Default, read readers: Set<Reader>, _ meaning: String
    ) {
        self.name = name
        self.form = form
        self.fallback = fallback
        self.readers = readers
        self.meaning = meaning
    }

    /// A program that reads settings.
    package enum Reader: String, Sendable, CaseIterable {
        case gateway, tasks, executor, payments
        /// The pocket stack.
        case pocket
        /// The other commands of `tailspan`.
        case commands

        /// The four services.
        package static let services: [Reader] = [.gateway, .tasks, .executor, .payments]
    }

    /// What applies while a variable is unset or empty.
    package enum Default: Sendable, Equatable, ExpressibleByStringLiteral {
        /// Setting the variable to this value changes nothing.
        case value(String)
        /// What happens instead, where no single value has the same effect. Values in it stand in backquotes.
        case described(String)

        package init(stringLiteral value: String) { self = .value(value) }

        package static let none = Default.described("none")
    }

    /// The readers in words: `services, commands`.
    package var readerNames: [String] {
        let services = Set(Reader.services)
        let others = Reader.allCases.filter { readers.contains($0) && !services.contains($0) }
        let own =
            services.isSubset(of: readers) ? ["services"] : Reader.services.filter(readers.contains).map(\.rawValue)
        return own + others.map { $0 == .pocket ? "pocket stack" : $0.rawValue }
    }
}

extension Set<Setting.Reader> {
    package static var services: Set { Set(Setting.Reader.services) }
    /// The services and the commands.
    package static var servicesAndCommands: Set { services.union([.commands]) }
    /// The services and the pocket stack.
    package static var servicesAndPocket: Set { services.union([.pocket]) }
    package static var everybody: Set { Set(Setting.Reader.allCases) }
}
