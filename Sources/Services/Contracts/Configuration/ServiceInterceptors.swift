import EventLoop
import HTTP
import Messaging
import SQLite

/// Interceptors that observe and may change a service's statements, messages, pool work and upstream calls; `nil` for
/// none.
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
