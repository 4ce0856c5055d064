import EventLoop
import HTTP
import Messaging
import SQLite

/// Who sees, and may change, what a service does: its statements, its messages, its pool, its calls; `nil` for nobody.
package struct ServiceInterceptors: Sendable {
    package var statements: (any StatementInterceptor)?
    package var messages: (any MessageMiddleware)?
    package var pool: (any ThreadPoolInterceptor)?
    package var upstream: (any UpstreamInterceptor)?

    package init(
        statements: (any StatementInterceptor)? = nil, messages: (any MessageMiddleware)? = nil,
        pool: (any ThreadPoolInterceptor)? = nil, upstream: (any UpstreamInterceptor)? = nil
    ) {
        self.statements = statements
        self.messages = messages
        self.pool = pool
        self.upstream = upstream
    }
}
