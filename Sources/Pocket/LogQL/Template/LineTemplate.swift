import Encoding
import QuerySupport

/// A text with `{{…}}` that is filled in for each line: the most used subset of Go's templates.
///
/// It supports labels such as `{{.status}}`, `{{__line__}}`, `{{__timestamp__}}`, literals, pipes, parentheses, `if`,
/// `else` and `end`, the `-` that trims space, and the functions of ``TemplateFunction``.
package struct LineTemplate: Sendable {
    indirect enum Node: Sendable {
        case text(String)
        case value(Expression)
        /// The first branch whose condition is true; the branch without a condition is `else`.
        case choice([Branch])
    }

    struct Branch: Sendable {
        var condition: Expression?
        var nodes: [Node]
    }

    indirect enum Expression: Sendable {
        case literal(TemplateValue)
        case label(String)
        case line
        case timestamp
        case call(TemplateFunction, [Expression])
    }

    /// The template's source text.
    package let source: String
    let nodes: [Node]

    package init(_ source: String) throws(LogQLError) {
        self.source = source
        var parser = TemplateParser(source)
        nodes = try parser.parse()
    }

    /// The labels that it reads.
    var names: Set<String> {
        var names: Set<String> = []
        Self.collect(nodes, into: &names)
        return names
    }

    private static func collect(_ nodes: [Node], into names: inout Set<String>) {
        for node in nodes {
            switch node {
            case .text: break
            case .value(let expression): expression.collect(into: &names)
            case .choice(let branches):
                for branch in branches {
                    branch.condition?.collect(into: &names)
                    collect(branch.nodes, into: &names)
                }
            }
        }
    }

    /// The text for a line with `labels`; missing labels are empty.
    /// - Parameter budget: charged for the text, `nil` for no limit. Once it is spent the text is cut short: the query
    ///   ends.
    func fill(
        _ labels: LineLabels, _ line: UnsafeBufferPointer<UInt8>, _ budget: QueryBudget? = nil
    ) throws(TemplateError) -> String {
        var result = ""
        let context = TemplateContext(labels: labels, line: line, budget: budget)
        try Self.fill(nodes, context, &result)
        _ = budget?.keep(text: result.utf8.count)
        return result
    }

    private static func fill(
        _ nodes: [Node], _ context: TemplateContext, _ result: inout String
    ) throws(TemplateError) {
        for node in nodes {
            // Checked before the text grows: a template may contain the line any number of times.
            guard context.allows(result.utf8.count) else { return }
            switch node {
            case .text(let text): result += text
            case .value(let expression): result += try expression.value(context).text
            case .choice(let branches):
                for branch in branches where try branch.condition?.value(context).isTrue ?? true {
                    try fill(branch.nodes, context, &result)
                    break
                }
            }
        }
    }
}

/// The input for filling in a template.
struct TemplateContext {
    let labels: LineLabels
    let line: UnsafeBufferPointer<UInt8>
    let budget: QueryBudget?

    /// Whether a text of `count` bytes may be created; charges the work.
    func allows(_ count: Int) -> Bool {
        guard let budget else { return true }
        return budget.spend(1 + count / 64)
            && (count <= QueryBudget.maximumText || budget.keep(text: count))
    }
}

extension LineTemplate.Expression {
    fileprivate func collect(into names: inout Set<String>) {
        switch self {
        case .literal, .line, .timestamp: break
        case .label(let name): names.insert(name)
        case .call(_, let arguments): for argument in arguments { argument.collect(into: &names) }
        }
    }

    fileprivate func value(_ context: TemplateContext) throws(TemplateError) -> TemplateValue {
        switch self {
        case .literal(let value): return value
        case .label(let name): return .string(context.labels.value(name) ?? "")
        case .line: return .string(String(decoding: context.line, as: UTF8.self))
        case .timestamp: return .time(context.labels.time)
        case .call(let function, let arguments):
            var values: [TemplateValue] = []
            var size = 0
            for argument in arguments {
                let value = try argument.value(context)
                // A text costs its bytes; numbers and booleans cost next to nothing.
                if case .string(let text) = value { size += text.utf8.count }
                guard context.allows(size) else { return .string("") }
                values.append(value)
            }
            let result = try function.call(values, limit: context.budget == nil ? .max : QueryBudget.maximumText)
            if case .string(let text) = result, !context.allows(text.utf8.count) { return .string("") }
            return result
        }
    }
}

/// Why a template could not be filled in.
struct TemplateError: Error, Equatable {
    var description: String
}

/// A value in a template expression.
enum TemplateValue: Equatable, Sendable {
    case string(String)
    case integer(Int)
    case double(Double)
    case bool(Bool)
    /// Nanoseconds since 1970.
    case time(Int64)

    /// The value as the template prints it.
    var text: String {
        switch self {
        case .string(let value): value
        case .integer(let value): String(value)
        case .double(let value): FloatFormat.string(value)
        case .bool(let value): String(value)
        case .time(let value): RFC3339.string(nanosecondsSinceEpoch: UInt64(clamping: value))
        }
    }

    /// Whether it is true for `if`: everything except empty and zero values.
    var isTrue: Bool { self != .string("") && self != .integer(0) && self != .double(0) && self != .bool(false) }
}
