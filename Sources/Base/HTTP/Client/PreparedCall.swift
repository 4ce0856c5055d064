import Metrics
import Synchronization
import Tracing
import Vocabulary

/// What spans and metrics say about every call with one method and template, made once. Safe to use from any thread.
final class PreparedCall: Sendable {
    /// The method as sent.
    let sent: HTTPMethod
    /// The method as telemetry names it.
    let method: String
    /// The template, or an empty string.
    let template: String
    /// The name of the calls' spans, such as `POST /v1/tasks`.
    let operation: String
    /// All attributes known at the start but the URL.
    let attributes: PreparedAttributes
    /// The URL of the calls, unless the template has parameters or there is a query.
    let fixedURL: String
    /// ``attributes`` with that URL; `nil` if the template has parameters.
    let withFixedURL: PreparedAttributes?
    private let durations = Mutex<[(status: Int, errorType: String?, histogram: Histogram)]>([])

    init(
        sent: HTTPMethod, method: String, template: String, attributes: SpanAttributes, fixedURL: String,
        redactedURL: String
    ) {
        self.sent = sent
        self.method = method
        self.template = template
        self.fixedURL = fixedURL
        operation = template.isEmpty ? method : method + " " + template
        var attributes = attributes
        if !template.isEmpty { attributes[Attribute.urlTemplate] = .string(template) }
        self.attributes = PreparedAttributes(attributes)
        if template.isEmpty || template.utf8.contains(UInt8(ascii: "{")) {
            withFixedURL = nil
        } else {
            attributes[Attribute.urlFull] = .string(redactedURL)
            withFixedURL = PreparedAttributes(attributes)
        }
    }

    /// The series of calls that ended like this, made by `make` at the first one.
    func duration(status: Int, errorType: String?, _ make: () -> Histogram) -> Histogram {
        durations.withLock { durations in
            for index in durations.indices
            where durations[index].status == status && durations[index].errorType == errorType {
                return durations[index].histogram
            }
            let made = make()
            durations.append((status, errorType, made))
            return made
        }
    }
}
