/// An option with a value: `--rate 50`, `--rate=50`, `-r 50`.
///
///     @Option("rate", short: "r", value: "R", .moreThan(0), help: "Requests a second.") var rate = 50.0
///     @Option("url", value: "URL", .url, help: "Where the gateway is.") var url: String?
@propertyWrapper
package struct Option<Value: Sendable>: ArgumentSource {
    private let cell: Cell<Value>
    let definitions: [ArgumentDefinition]

    package var wrappedValue: Value {
        get { cell.value }
        nonmutating set { cell.value = newValue }
    }

    /// An option with a default.
    package init(
        wrappedValue: Value, _ name: String, short: Character? = nil, value: String, _ check: Check<Value> = .any,
        help: String
    ) where Value: ArgumentValue {
        let cell = Cell<Value>(wrappedValue)
        let accept: @Sendable (String) throws(Misfit) -> Void = { text throws(Misfit) in
            cell.value = try read(text, check)
        }
        self.init(
            cell, name, short, value, help, defaultText: wrappedValue.argument, choices: check.listed, accept: accept)
    }

    /// A required option.
    package init(
        _ name: String, short: Character? = nil, value: String, _ check: Check<Value> = .any, help: String
    ) where Value: ArgumentValue {
        let cell = Cell<Value>(nil)
        let accept: @Sendable (String) throws(Misfit) -> Void = { text throws(Misfit) in
            cell.value = try read(text, check)
        }
        self.init(cell, name, short, value, help, isRequired: true, choices: check.listed, accept: accept)
    }

    /// An optional option.
    package init<Wrapped: ArgumentValue>(
        _ name: String, short: Character? = nil, value: String, _ check: Check<Wrapped> = .any, help: String
    ) where Value == Wrapped? {
        let cell = Cell<Value>(.some(nil))
        let accept: @Sendable (String) throws(Misfit) -> Void = { text throws(Misfit) in
            cell.value = try read(text, check)
        }
        self.init(cell, name, short, value, help, choices: check.listed, accept: accept)
    }

    /// An option that can be given several times.
    package init<Element: ArgumentValue>(
        wrappedValue: [Element], _ name: String, short: Character? = nil, value: String, _ check: Check<Element> = .any,
        help: String
    ) where Value == [Element] {
        let cell = Cell<Value>(wrappedValue)
        let accept: @Sendable (String) throws(Misfit) -> Void = { text throws(Misfit) in
            cell.value.append(try read(text, check))
        }
        self.init(cell, name, short, value, help, isRepeating: true, choices: check.listed, accept: accept)
    }

    private init(
        _ cell: Cell<Value>, _ name: String, _ short: Character?, _ valueName: String, _ help: String,
        defaultText: String? = nil, isRequired: Bool = false, isRepeating: Bool = false, choices: [String],
        accept: @escaping @Sendable (String) throws(Misfit) -> Void
    ) {
        self.cell = cell
        definitions = [
            ArgumentDefinition(
                kind: .option, name: name, short: short, valueName: valueName, help: help, defaultText: defaultText,
                isRequired: isRequired, isRepeating: isRepeating, choices: choices, accept: accept)
        ]
    }
}
