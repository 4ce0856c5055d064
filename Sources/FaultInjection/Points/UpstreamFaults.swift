import Contracts
import HTTP
import Tracing

/// Applies what a request is hit by to the calls that it makes.
package struct UpstreamFaults: UpstreamInterceptor {
    private let injector: FaultInjector

    package init(injector: FaultInjector) { self.injector = injector }

    /// Nothing listens there: the connection is really made, and really refused.
    private static let nowhere = "http://127.0.0.1:1/"

    package func policy(forCallsTo upstream: String) -> UpstreamPolicy? {
        guard injector.isActive, let faults = ServiceContext.current?.faults else { return nil }
        if let hit = faults.hit(.retryStorm) {
            faults.inject(hit)
            return UpstreamPolicy(attempts: hit.count, pause: .zero)
        }
        if let hit = faults.hit(.duplicateRequest) {
            faults.inject(hit)
            return UpstreamPolicy(copies: hit.count)
        }
        return nil
    }

    package func willSend(_ request: inout HTTPClient.Request, to upstream: String) {
        guard injector.isActive, let faults = ServiceContext.current?.faults else { return }
        for hit in faults.hits where hit.means(upstream: upstream) {
            switch hit.kind {
            case .dropContext:
                faults.inject(hit)
                request.headers[Header.traceParent] = nil
                request.headers["tracestate"] = nil
            case .malformedTraceparent:
                faults.inject(hit)
                // The ids as they are, but in a form that no version of the specification has.
                request.headers[Header.traceParent] = request.headers[Header.traceParent].map {
                    $0.replacing("-", with: ":")
                }
            case .refuse:
                faults.inject(hit)
                request.url = Self.nowhere
            default: continue
            }
        }
    }
}
