import Encoding

/// A method, a path template and their handler.
struct Route: Sendable {
    enum Segment: Sendable, Equatable {
        case literal(String)
        case parameter(String)
    }

    let method: HTTPMethod
    let template: String
    let segments: [Segment]
    let handler: Router.Handler
    /// `nil` for a method that telemetry does not name.
    let telemetry: RouteTelemetry?

    init(method: HTTPMethod, template: String, handler: @escaping Router.Handler) {
        precondition(template.hasPrefix("/"), "a route begins with a slash: \(template)")
        self.method = method
        self.template = template
        self.handler = handler
        segments = template.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map {
            $0.hasPrefix("{") && $0.hasSuffix("}")
                ? .parameter(String($0.dropFirst().dropLast())) : .literal(String($0))
        }
        hasParameters = segments.contains { if case .parameter = $0 { true } else { false } }
        telemetry = RouteTelemetry(method: method, template: template, hasFixedPath: !hasParameters)
    }

    let hasParameters: Bool

    /// Returns the parameters if `path`, percent-encoded, matches the template.
    func match(_ path: UnsafeBufferPointer<UInt8>) -> Parameters? {
        guard walk(path, { _, _ in }) else { return nil }
        var parameters = Parameters()
        _ = walk(path) { name, value in parameters[name] = PercentEncoding.decode(value, plusIsSpace: false) }
        return parameters
    }

    /// Compares segment by segment. A path that does not match allocates nothing.
    private func walk(
        _ path: UnsafeBufferPointer<UInt8>, _ parameter: (String, Slice<UnsafeBufferPointer<UInt8>>) -> Void
    )
        -> Bool
    {
        var position = 0
        for segment in segments {
            guard position < path.count, path[position] == UInt8(ascii: "/") else { return false }
            let start = position + 1
            position = start
            while position < path.count, path[position] != UInt8(ascii: "/") { position += 1 }
            let text = path[start..<position]
            switch segment {
            case .literal(let literal): guard literal.utf8.elementsEqual(text) else { return false }
            case .parameter(let name):
                guard !text.isEmpty else { return false }
                parameter(name, text)
            }
        }
        return position == path.count
    }
}
