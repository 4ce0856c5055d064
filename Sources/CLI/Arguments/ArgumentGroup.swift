/// A type whose properties declare arguments.
package protocol ArgumentContainer: Sendable {
    init()
    /// Checks combinations of arguments. The default accepts everything.
    /// - Throws: ``UsageError``.
    func validate() throws(UsageError)
}

extension ArgumentContainer {
    package func validate() throws(UsageError) {}

    /// The declared arguments, in order of declaration. An argument that several groups declare is listed once, and its
    /// value goes to all of them.
    package var argumentDefinitions: [ArgumentDefinition] {
        let all = Mirror(reflecting: self).children.flatMap { ($0.value as? any ArgumentSource)?.definitions ?? [] }
        return all.reduce(into: []) { merged, definition in
            let known = merged.firstIndex { $0.kind == definition.kind && $0.name == definition.name }
            if let known { merged[known].share(with: definition) } else { merged.append(definition) }
        }
    }

    /// Validates the groups, then the container itself.
    func validateAll() throws(UsageError) {
        for child in Mirror(reflecting: self).children {
            if let group = child.value as? any ArgumentGroupProtocol { try group.validateGroup() }
        }
        try validate()
    }
}

/// Arguments that several commands share.
///
///     @ArgumentGroup var stack: StackOptions
@propertyWrapper
package struct ArgumentGroup<Container: ArgumentContainer>: ArgumentSource, ArgumentGroupProtocol {
    package let wrappedValue: Container
    package init() { wrappedValue = Container() }
    var definitions: [ArgumentDefinition] { wrappedValue.argumentDefinitions }
    func validateGroup() throws(UsageError) { try wrappedValue.validateAll() }
}

protocol ArgumentGroupProtocol {
    func validateGroup() throws(UsageError)
}
