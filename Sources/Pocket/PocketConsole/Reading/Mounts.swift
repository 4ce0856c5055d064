import HTTP

/// Loki's and Tempo's APIs on the console's port, so that pages can ask them: a page may only ask its own origin.
extension ConsoleReading {
    /// The most segments that a path has after the API's prefix.
    private static let maximumSegments = 6

    func addMounts(to router: Router) {
        mount(sources.loki, at: "/loki/api/v1", without: "", on: router)
        if let tempo = sources.tempo { mount(tempo, at: "/tempo/api", without: "/tempo", on: router) }
    }

    /// Adds routes for GET for all paths below `path`; `target` gets them without the beginning `prefix`.
    private func mount(_ target: any HTTPResponder, at path: String, without prefix: String, on router: Router) {
        var template = path
        for number in 1...Self.maximumSegments {
            template += "/{part\(number)}"
            router.get(template) { request, context in
                var inner = request
                inner.path = String(request.path.dropFirst(prefix.count))
                do {
                    return try await target.respond(
                        to: inner,
                        context: RequestContext(
                            id: context.id, logger: context.logger, deadline: context.deadline,
                            eventLoop: context.eventLoop))
                } catch let error as HTTPError {
                    // Such as an unknown path.
                    return error.response(instance: request.path)
                }
            }
        }
    }
}
