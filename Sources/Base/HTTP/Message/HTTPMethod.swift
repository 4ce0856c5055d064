/// A request method (RFC 9110, section 9). Case-sensitive.
public struct HTTPMethod: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The method as sent.
    public let rawValue: String
    /// Creates a method; any token is allowed.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// The method as sent.
    public var description: String { rawValue }
    /// Whether the same request carried out twice has the effect of one (RFC 9110, section 9.2.2). `false` for methods
    /// that are not known here.
    public var isIdempotent: Bool {
        switch self {
        case .get, .head, .put, .delete, .options, Self(rawValue: "TRACE"): true
        default: false
        }
    }

    /// Reads a resource.
    public static let get = HTTPMethod(rawValue: "GET")
    /// Reads a resource's header fields.
    public static let head = HTTPMethod(rawValue: "HEAD")
    /// Makes a resource process the body.
    public static let post = HTTPMethod(rawValue: "POST")
    /// Replaces a resource.
    public static let put = HTTPMethod(rawValue: "PUT")
    /// Changes a resource.
    public static let patch = HTTPMethod(rawValue: "PATCH")
    /// Removes a resource.
    public static let delete = HTTPMethod(rawValue: "DELETE")
    /// Asks which methods are allowed.
    public static let options = HTTPMethod(rawValue: "OPTIONS")
}
