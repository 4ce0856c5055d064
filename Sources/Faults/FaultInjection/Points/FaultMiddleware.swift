import Encoding
import EventLoop
import HTTP
import Tracing
import Vocabulary

/// Applies what a request is hit by: the innermost middleware, so that an injected fault is traced, logged and measured
/// like a real one.
///
/// What delays the request comes in the order of the rules; the first rule that answers in the handler's place ends it;
/// what damages the answer is applied to whatever the handler answers.
package struct FaultMiddleware: MiddlewareProtocol {
    private let injector: FaultInjector
    private let process: ProcessFaults

    package init(injector: FaultInjector, process: ProcessFaults = ProcessFaults()) {
        self.injector = injector
        self.process = process
    }

    package func isNeeded(for request: Request) -> Bool {
        injector.isActive && ServiceContext.current?.faults != nil
    }

    package func handle(
        _ request: Request, context: RequestContext, next: (Request, RequestContext) async throws -> Response
    ) async throws -> Response {
        guard let faults = ServiceContext.current?.faults else {
            return try await next(request, context)
        }
        for hit in faults.hits {
            if let answer = try await before(hit, faults, context) { return answer }
        }
        var response = try await next(request, context)
        for hit in faults.hits { damage(&response, hit, faults) }
        return response
    }

    /// - Returns: the answer if the handler is not to run.
    private func before(_ hit: FaultHit, _ faults: RequestFaults, _ context: RequestContext) async throws -> Response? {
        switch hit.kind {
        case .latency:
            faults.inject(hit)
            try await context.eventLoop?.sleep(for: hit.delay)
        case .hang:
            faults.inject(hit)
            try await context.eventLoop?.sleep(for: hit.delay)
            throw failure(.serviceUnavailable, "the service hung")
        case .error:
            guard case .status(let code, let message) = hit.rule.argument else { break }
            faults.inject(hit)
            throw failure(HTTPStatus(code: code), message ?? "the service failed")
        case .throttle:
            faults.inject(hit)
            let seconds = max(1, Int64(hit.delay.seconds.rounded(.up)))
            throw HTTPError(
                .tooManyRequests, type: problem, message: "too many requests",
                headers: [Header.retryAfter: String(seconds)])
        case .abort:
            faults.inject(hit)
            var response = Response(status: .serviceUnavailable)
            response.delivery = .reset
            return response
        default: process.apply(hit, faults)
        }
        return nil
    }

    private func damage(_ response: inout Response, _ hit: FaultHit, _ faults: RequestFaults) {
        switch (hit.kind, hit.rule.argument) {
        case (.slowBody, .bytesPerSecond(let rate)) where !response.body.isEmpty:
            faults.inject(hit)
            response.delivery = .paced(bytesPerSecond: rate)
        case (.truncate, .share(let share)) where !response.body.isEmpty:
            faults.inject(hit)
            response.delivery = .truncated(after: Int(Double(response.body.count) * share))
        case (.corrupt, _) where !response.body.isEmpty:
            faults.inject(hit)
            // An object or array without its end, and of the same length.
            response.body[response.body.count - 1] = UInt8(ascii: ",")
        default: break
        }
    }

    /// Nothing, where students are to find out by themselves.
    private var problem: String? { injector.isHidden ? nil : "injected-fault" }

    private func failure(_ status: HTTPStatus, _ message: String) -> HTTPError {
        HTTPError(status, type: problem, message: message)
    }
}
