/// A switch, off unless given: `--json`, `-q`.
///
///     @Flag("json", help: "Writes JSON.") var json
@propertyWrapper
package struct Flag: ArgumentSource {
    private let cell = Cell<Bool>(false)
    let definitions: [ArgumentDefinition]

    package var wrappedValue: Bool {
        get { cell.value }
        nonmutating set { cell.value = newValue }
    }

    package init(_ name: String, short: Character? = nil, help: String) {
        let cell = cell
        definitions = [
            ArgumentDefinition(
                kind: .flag, name: name, short: short, valueName: "", help: help, defaultText: nil, isRequired: false,
                isRepeating: false, choices: [], accept: { _ in cell.value = true })
        ]
    }
}
