import Encoding
import HTTP
import Logging
import SQLite
import Tracing
import Vocabulary

/// Runs a service's operations inside spans. A failed operation marks its span *and* writes an error-level log line
/// with that span's id, so either one leads to the other.
package struct Operations: Sendable {
    package let tracer: any Tracer
    package let logger: Logger
    private let statements: (any StatementInterceptor)?
    private let prepared = PreparedStatements()

    /// - Parameter statements: called before each statement runs; `nil` for no interceptor.
    package init(tracer: any Tracer, logger: Logger, statements: (any StatementInterceptor)? = nil) {
        self.tracer = tracer
        self.logger = logger
        self.statements = statements
    }

    /// Runs work inside the process.
    ///
    /// An ``HTTPError`` with a 4xx status thrown inside rejects the request (such as a key used twice) and is not a
    /// failure of the service. The span records it but is not marked as failed.
    package func run<T>(
        _ name: String, ofKind kind: SpanKind = .internal, context: ServiceContext? = nil,
        attributes: SpanAttributes = [:], _ body: (any Span) async throws -> T
    ) async throws -> T {
        // Not `withSpan`, because a rejection is no failure of the span.
        let span = tracer.startSpan(name, context: context, ofKind: kind, attributes: attributes)
        defer { span.end() }
        return try await ServiceContext.withValue(span.context) {
            do {
                return try await body(span)
            } catch let error as HTTPError where error.status.isClientError {
                reject(error, span)
                throw error
            } catch {
                report(error, in: name, span)
                span.fail(error)
                throw error
            }
        }
    }

    /// Runs one database statement or transaction in a span such as `INSERT tasks` (semantic conventions, database
    /// client).
    ///
    /// An ``HTTPError`` thrown inside is a rejection by business code (such as an unknown guild or insufficient
    /// balance), not a failure of the database. The span records it but is not marked as failed.
    /// - Parameters:
    ///   - namespace: the name of the database, such as `tasks.sqlite`. With the service's name, these spans would
    ///     look like calls from the service to itself.
    ///   - text: the statement with placeholders; for a transaction, the statement that names it.
    package func database<T>(
        _ operation: String, _ collection: String, namespace: String, text: String, _ body: () throws -> T
    ) throws -> T {
        let statement = prepared.statement(operation, collection, namespace: namespace, text: text)
        let name = statement.name
        let span = tracer.startSpan(name, ofKind: .client, attributes: SpanAttributes(statement.attributes))
        defer { span.end() }
        do {
            try statements?.willExecute(name)
            return try body()
        } catch let error as HTTPError {
            reject(error, span)
            throw error
        } catch {
            ServiceContext.withValue(span.context) {
                span.fail(error)
                report(error, in: name, span)
            }
            throw error
        }
    }

    private func reject(_ error: HTTPError, _ span: any Span) {
        span.addEvent(SpanEvent(name: "rejected", attributes: [Attribute.problem: .string(error.type ?? "")]))
    }

    private func report(_ error: any Error, in name: String, _ span: any Span) {
        span.attributes[Attribute.errorType] = .string(ErrorTypeName.of(error))
        logger.error("operation failed", error: error, metadata: [LogField.operation: .string(name)])
    }
}
