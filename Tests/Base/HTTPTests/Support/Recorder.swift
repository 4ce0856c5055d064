import HTTP
import Synchronization

/// Notes what happens, in order; also a middleware that notes what passes.
final class Recorder: MiddlewareProtocol {
    private let state = Mutex<[String]>([])

    var entries: [String] { state.withLock { $0 } }

    func add(_ entry: String) { state.withLock { $0.append(entry) } }

    func handle(
        _ request: Request, context: RequestContext, next: (Request, RequestContext) async throws -> Response
    )
        async throws -> Response
    {
        add("in \(context.endpointPath ?? "-")")
        do {
            let response = try await next(request, context)
            add("out \(response.status.reasonPhrase)")
            return response
        } catch {
            add("out \((error as? HTTPError)?.status.reasonPhrase ?? "error")")
            throw error
        }
    }
}
