import Encoding

/// A program with several commands: finds and fills the command for a command line.
package struct Program: Sendable {
    package var name: String
    /// One line on what the program is for.
    package var abstract: String
    package var version: String
    /// Shown below the list of commands: first steps.
    package var footer: String
    package var commands: [any Command.Type]

    package init(
        name: String, abstract: String, version: String, footer: String = "", commands: [any Command.Type]
    ) {
        self.name = name
        self.abstract = abstract
        self.version = version
        self.footer = footer
        self.commands = commands
    }

    /// The request of a command line.
    package enum Request: Sendable {
        case run(any Command, path: String)
        case help(Help)
        case version(String)
        /// One line for standard error; the process should exit with ``ExitCode/usage``.
        case misuse(String)
    }

    /// Parses a command line without the program's own name.
    package func parse(_ arguments: [String]) -> Request {
        guard let first = arguments.first else { return .help(Help(program: self)) }
        switch first {
        case "--help", "-h": return .help(Help(program: self))
        case "--version", "-V": return .version("\(name) \(version)")
        case "help": return help(for: Array(arguments.dropFirst()))
        default: break
        }
        if first.hasPrefix("-") {
            let suggestion = Suggestion.closest(to: first, among: ["--help", "--version"])
            return misuse(UsageError("expected a command before '\(first)'", suggestion: suggestion), path: name)
        }
        return parse(arguments[...], among: commands, path: name)
    }

    private func parse(_ words: ArraySlice<String>, among commands: [any Command.Type], path: String) -> Request {
        let word = words[words.startIndex]
        guard let type = commands.first(where: { $0.configuration.name == word }) else {
            return misuse(unknown(word, among: commands), path: path)
        }
        let path = path + " " + word
        let rest = words.dropFirst()
        let subcommands = type.configuration.subcommands
        guard subcommands.isEmpty else {
            guard let next = rest.first else {
                let names = subcommands.map { $0.configuration.name }
                return misuse(UsageError("expected \(expected(names))"), path: path)
            }
            if next == "--help" || next == "-h" { return .help(Help(command: type, path: path)) }
            return parse(rest, among: subcommands, path: path)
        }
        let command = type.init()
        var parser = ArgumentParser(command.argumentDefinitions)
        do {
            try parser.parse(Array(rest))
            try command.validateAll()
        } catch let error as UsageError {
            return misuse(error, path: path)
        } catch ArgumentParser.Stop.misuse(let error) {
            return misuse(error, path: path)
        } catch {
            return .help(Help(command: type, path: path))
        }
        return .run(command, path: path)
    }

    private func help(for words: [String]) -> Request {
        var commands = commands
        var path = name
        var found: (any Command.Type)?
        for word in words {
            guard let type = commands.first(where: { $0.configuration.name == word }) else {
                return misuse(unknown(word, among: commands), path: path)
            }
            path += " " + word
            commands = type.configuration.subcommands
            found = type
        }
        return .help(found.map { Help(command: $0, path: path) } ?? Help(program: self))
    }

    private func unknown(_ word: String, among commands: [any Command.Type]) -> UsageError {
        let names = commands.map { $0.configuration.name }
        guard !names.isEmpty else { return UsageError("unexpected argument '\(word)'") }
        return UsageError("unknown command '\(word)'", suggestion: Suggestion.closest(to: word, among: names))
    }

    private func misuse(_ error: UsageError, path: String) -> Request {
        .misuse("\(path): \(error) (see '\(path) --help')")
    }
}
