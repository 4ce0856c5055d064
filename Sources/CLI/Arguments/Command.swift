/// A command: its properties declare its arguments.
package protocol Command: ArgumentContainer {
    static var configuration: CommandConfiguration { get }
}

/// What a command is called and says of itself.
package struct CommandConfiguration: Sendable {
    package var name: String
    /// One line, without a full stop.
    package var abstract: String
    /// Some sentences more; may be empty.
    package var discussion: String
    /// Whole command lines and what they do.
    package var examples: [Example]
    /// The heading it stands under in the list of commands.
    package var section: String
    /// If it has any, it does nothing itself.
    package var subcommands: [any Command.Type]

    /// A command line to copy.
    package struct Example: Sendable, ExpressibleByStringLiteral {
        package var line: String
        package var meaning: String
        package init(_ line: String, _ meaning: String) {
            self.line = line
            self.meaning = meaning
        }
        package init(stringLiteral value: String) { self.init(value, "") }
    }

    package init(
        _ name: String, abstract: String, discussion: String = "", examples: [Example] = [],
        section: String = "Commands",
        subcommands: [any Command.Type] = []
    ) {
        self.name = name
        self.abstract = abstract
        self.discussion = discussion
        self.examples = examples
        self.section = section
        self.subcommands = subcommands
    }
}
