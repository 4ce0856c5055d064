import HTTP
import Tracing
import Vocabulary

/// Applies what a request is hit by to the calls that it makes.
package struct UpstreamFaults: UpstreamInterceptor {
    private let injector: FaultInjector

    package init(injector: FaultInjector) { self.injector = injector }

    /// Nothing listens there: the connection is really made, and really refused.
    private static let nowhere = "http://127.0.0.1:1/"

    package func policy(forCallsTo upstream: String) -> UpstreamPolicy? {
        guard injector.isActive, let faults = ServiceContext.current?.faults else { return nil }
        let storm = faults.hit(.retryStorm)
        let duplicate = faults.hit(.duplicateRequest)
        guard storm != nil || duplicate != nil else { return nil }
        if let duplicate { faults.inject(duplicate) }
        return UpstreamPolicy(
            attempts: storm?.count, pause: storm.map { _ in .zero }, copies: duplicate?.count ?? 1)
    }

    /// The next service begins a trace of its own, whose id is drawn by dice: without this, so would its faults be.
    private static func keepDeciding(_ faults: RequestFaults, in request: inout HTTPClient.Request) {
        guard let traceID = faults.request.replayOf ?? faults.request.traceID else { return }
        let entry = "\(FaultInjector.BaggageName.cutFrom)=\(traceID)"
        request.headers["baggage"] = request.headers["baggage"].map { "\($0),\(entry)" } ?? entry
    }

    package func willRetry(callTo upstream: String) {
        guard injector.isActive, let faults = ServiceContext.current?.faults, let hit = faults.hit(.retryStorm) else {
            return
        }
        faults.inject(hit)
    }

    package func willSend(_ request: inout HTTPClient.Request, to upstream: String) {
        guard injector.isActive, let faults = ServiceContext.current?.faults else { return }
        for hit in faults.hits where hit.means(upstream: upstream) {
            switch hit.kind {
            case .dropContext:
                faults.inject(hit)
                Self.keepDeciding(faults, in: &request)
                request.headers[Header.traceParent] = nil
                request.headers["tracestate"] = nil
            case .malformedTraceparent:
                faults.inject(hit)
                Self.keepDeciding(faults, in: &request)
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
