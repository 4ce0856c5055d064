import CCurl
import Synchronization

/// The libcurl of this machine. It is loaded when it is first needed: with what it links, it takes more memory than an
/// idle service. Safe to use from any thread.
final class CurlLibrary: Sendable {
    /// A library that stays loaded. Unchecked: libcurl's functions may be called from any thread.
    struct Loaded: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    /// The library of Debian's packages libcurl4 and libcurl3-gnutls; their functions are the same.
    static let system = CurlLibrary(names: ["libcurl.so.4", "libcurl-gnutls.so.4"])

    private let names: [String]
    private let loaded = Mutex<Loaded?>(nil)

    /// - Parameter names: what the dynamic linker looks for, in this order.
    init(names: [String]) { self.names = names }

    /// Loads the library, unless it is loaded already. A failure is not remembered, because the library may be
    /// installed later.
    /// - Throws: ``HTTPClientError/tlsUnavailable(_:)``.
    func load() throws(HTTPClientError) -> Loaded {
        let result: Result<Loaded, HTTPClientError> = loaded.withLock { loaded in
            if let loaded { return .success(loaded) }
            var reasons: [String] = []
            for name in names {
                var text = [CChar](repeating: 0, count: 512)
                if let pointer = ccurl_load(name, &text, text.count) {
                    let library = Loaded(pointer: pointer)
                    loaded = library
                    return .success(library)
                }
                reasons.append(
                    String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
            }
            return .failure(.tlsUnavailable(reasons.joined(separator: "; ")))
        }
        return try result.get()
    }
}

extension HTTPClient {
    /// Why nothing can be sent to `url`: it is an `https:` URL, and libcurl cannot be loaded. `nil` for other URLs, and
    /// if libcurl is loaded.
    package static func httpsProblem(for url: String) -> String? {
        guard isHTTPS(url) else { return nil }
        do {
            _ = try CurlLibrary.system.load()
            return nil
        } catch {
            return error.description
        }
    }

    /// Whether requests to `url` are sent over TLS.
    static func isHTTPS(_ url: String) -> Bool {
        // Asked for every request, so no text is made.
        url.utf8.prefix(6).elementsEqual("https:".utf8) { $0 == $1 || $1 != UInt8(ascii: ":") && $0 | 0x20 == $1 }
    }
}
