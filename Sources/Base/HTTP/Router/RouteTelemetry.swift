import Synchronization
import Tracing
import Vocabulary

/// What spans and metrics say about every request of a route, made once.
///
/// Safe to use from any thread.
final class RouteTelemetry: Sendable {
    /// The route's method, which is also the one of the request: HEAD on a route for GET has none of this.
    let method: HTTPMethod
    let template: String
    /// The name of the route's spans, such as `POST /v1/tasks`.
    let operation: String
    /// Whether all requests have the same path.
    let hasFixedPath: Bool

    private let peers = Mutex<[Peer]>([])
    /// So many kinds of peers are told apart. Most routes have one: the service in front.
    private static let maximumPeers = 4

    /// What the attributes say about a peer, with what they are made of.
    private struct Peer {
        let host: String?
        let userAgent: String?
        let address: String?
        let isUnixSocket: Bool
        let version: String
        let attributes: PreparedAttributes
    }

    /// `nil` for a method whose name may not appear in telemetry.
    init?(method: HTTPMethod, template: String, hasFixedPath: Bool) {
        guard RequestMetrics.known(method) == method.rawValue else { return nil }
        self.method = method
        self.template = template
        operation = method.rawValue + " " + template
        self.hasFixedPath = hasFixedPath
    }

    /// The attributes of `request` that others have in common with it, all but those of the path, the query and the
    /// request's id; `nil` if it comes from one peer too many. `make` makes them.
    func attributes(
        of request: Request, _ make: (_ host: String?, _ userAgent: String?) -> SpanAttributes
    ) -> PreparedAttributes? {
        let (host, userAgent) = (request.headers[Header.host], request.headers[Header.userAgent])
        return peers.withLock { peers in
            for index in peers.indices
            where peers[index].host == host && peers[index].userAgent == userAgent
                && peers[index].address == request.remoteAddress && peers[index].version == request.protocolVersion
                && peers[index].isUnixSocket == request.cameOverUnixSocket
            {
                return peers[index].attributes
            }
            guard peers.count < Self.maximumPeers else { return nil }
            let attributes = PreparedAttributes(make(host, userAgent))
            peers.append(
                Peer(
                    host: host, userAgent: userAgent, address: request.remoteAddress,
                    isUnixSocket: request.cameOverUnixSocket, version: request.protocolVersion,
                    attributes: attributes))
            return attributes
        }
    }
}
