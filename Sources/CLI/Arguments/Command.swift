/// A command: its properties declare its arguments.
package protocol Command: ArgumentContainer {
    static var configuration: CommandConfiguration { get }
}

/// The name and documentation of a command.
package struct CommandConfiguration: Sendable {
    package var name: String
    /// One line, without a full stop.
    package var abstract: String
    /// More sentences; may be empty.
    package var discussion: String
    /// Complete command lines and what they do.
    package var examples: [Example]
    /// The heading that it is listed under.
    package var section: String
    /// A command with subcommands does nothing itself.
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
