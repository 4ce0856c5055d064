/// An argument identified by its position.
///
///     @Positional("TRACE-ID", help: "32 hex digits.") var id: String
@propertyWrapper
package struct Positional<Value: Sendable>: ArgumentSource {
    private let cell: Cell<Value>
    let definitions: [ArgumentDefinition]

    package var wrappedValue: Value {
        get { cell.value }
        nonmutating set { cell.value = newValue }
    }

    /// A required positional.
    package init(_ name: String, _ check: Check<Value> = .any, help: String) where Value: ArgumentValue {
        let cell = Cell<Value>(nil)
        let accept: @Sendable (String) throws(Misfit) -> Void = { text throws(Misfit) in
            cell.value = try read(text, check)
        }
        self.init(cell, name, help, isRequired: true, choices: check.listed, accept: accept)
    }

    /// A positional with a default.
    package init(wrappedValue: Value, _ name: String, _ check: Check<Value> = .any, help: String)
    where Value: ArgumentValue {
        let cell = Cell<Value>(wrappedValue)
        let accept: @Sendable (String) throws(Misfit) -> Void = { text throws(Misfit) in
            cell.value = try read(text, check)
        }
        self.init(cell, name, help, defaultText: wrappedValue.argument, choices: check.listed, accept: accept)
    }

    /// An optional positional.
    package init<Wrapped: ArgumentValue>(_ name: String, _ check: Check<Wrapped> = .any, help: String)
    where Value == Wrapped? {
        let cell = Cell<Value>(.some(nil))
        let accept: @Sendable (String) throws(Misfit) -> Void = { text throws(Misfit) in
            cell.value = try read(text, check)
        }
        self.init(cell, name, help, choices: check.listed, accept: accept)
    }

    /// All remaining words; there may be none.
    package init<Element: ArgumentValue>(
        wrappedValue: [Element], _ name: String, _ check: Check<Element> = .any, help: String
    ) where Value == [Element] {
        let cell = Cell<Value>(wrappedValue)
        let accept: @Sendable (String) throws(Misfit) -> Void = { text throws(Misfit) in
            cell.value.append(try read(text, check))
        }
        self.init(cell, name, help, isRepeating: true, choices: check.listed, accept: accept)
    }

    private init(
        _ cell: Cell<Value>, _ name: String, _ help: String, defaultText: String? = nil, isRequired: Bool = false,
        isRepeating: Bool = false, choices: [String], accept: @escaping @Sendable (String) throws(Misfit) -> Void
    ) {
        self.cell = cell
        definitions = [
            ArgumentDefinition(
                kind: .positional, name: name, short: nil, valueName: "", help: help, defaultText: defaultText,
                isRequired: isRequired, isRepeating: isRepeating, choices: choices, accept: accept)
        ]
    }
}
