import Encoding
import HTTP
import Logging
import SQLite
import Tracing
import Vocabulary

/// Runs a service's own operations inside spans. One that fails marks its span *and* writes an error-level line with that
/// span's id, so that whoever sees the one finds the other.
package struct Operations: Sendable {
    package let tracer: any Tracer
    package let logger: Logger
    private let statements: (any StatementInterceptor)?

    /// - Parameter statements: sees each statement before it is run; `nil` for nobody.
    package init(tracer: any Tracer, logger: Logger, statements: (any StatementInterceptor)? = nil) {
        self.tracer = tracer
        self.logger = logger
        self.statements = statements
    }

    /// Work inside the process.
    ///
    /// A ``HTTPError`` of status 4xx that is thrown inside is a verdict on what was asked for (a key used twice), not a
    /// failure of ours: the span says so and stays without error.
    package func run<T>(
        _ name: String, ofKind kind: SpanKind = .internal, context: ServiceContext? = nil,
        attributes: SpanAttributes = [:], _ body: (any Span) async throws -> T
    ) async throws -> T {
        let result: Result<T, HTTPError> = try await tracer.withSpan(
            name, context: context, ofKind: kind, attributes: attributes
        ) { span in
            do {
                return .success(try await body(span))
            } catch let error as HTTPError where error.status.isClientError {
                reject(error, span)
                return .failure(error)
            } catch {
                report(error, in: name, span)
                throw error
            }
        }
        return try result.get()
    }

    /// One statement or transaction of the database: span `INSERT tasks` (semantic conventions, database client).
    ///
    /// An ``HTTPError`` thrown inside is a verdict of business code (no such guild, too little balance), not a failure of
    /// the database: the span says so and stays without error.
    /// - Parameters:
    ///   - namespace: the database's own name, such as `tasks.sqlite`: not the service's, which would make calls of a
    ///     service to itself out of them.
    ///   - text: the statement with placeholders; of a transaction, the one that gives it its name.
    package func database<T>(
        _ operation: String, _ collection: String, namespace: String, text: String, _ body: () throws -> T
    ) throws -> T {
        let name = operation + " " + collection
        let span = tracer.startSpan(
            name, ofKind: .client,
            attributes: [
                Attribute.databaseSystem: "sqlite", "db.namespace": .string(namespace),
                "db.operation.name": .string(operation),
                "db.collection.name": .string(collection), "db.query.summary": .string(name),
                "db.query.text": .string(text),
            ])
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
