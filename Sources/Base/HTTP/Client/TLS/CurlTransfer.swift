import CCurl
import CLinux
import Encoding
import Vocabulary

/// A libcurl handle that sends one request after another, with the same certificates, over connections that it keeps.
/// Unchecked: used by one thread at a time, except for ``cancel()``, which any thread may call.
final class CurlTransfer: @unchecked Sendable {
    /// The certificates of all its connections.
    let tls: HTTPClient.TLS
    private let handle: OpaquePointer
    private let maximumBodySize: Int

    /// The time without any traffic after which a transfer ends.
    private static let silence: Duration = .seconds(60)

    /// - Throws: ``HTTPClientError/transferFailed(_:)`` if memory is exhausted.
    init(
        _ library: CurlLibrary.Loaded, configuration: HTTPClient.Configuration, tls: HTTPClient.TLS
    ) throws(HTTPClientError) {
        self.tls = tls
        maximumBodySize = configuration.maximumBodySize
        var settings = ccurl_settings()
        settings.connect_timeout_ms = Int(configuration.connectTimeout.roundedUp(toNanoseconds: 1_000_000))
        // Connections that were opened together do not all end together.
        let age = configuration.maximumConnectionAge * Double.random(in: 5...7) / 6
        settings.connection_age_s = Int(max(age.seconds.rounded(), 1))
        settings.silence_s = Int(Self.silence.seconds)
        settings.on_socket = { tailspan_notice_silence($0) }
        let handle = configuration.userAgent.withCString { agent in
            Self.withCString(tls.certificateAuthority) { authorities in
                Self.withCString(tls.clientCertificate) { certificate in
                    Self.withCString(tls.clientKey ?? tls.clientCertificate) { key in
                        settings.user_agent = agent
                        settings.authorities = authorities
                        settings.certificate = certificate
                        settings.key = key
                        return ccurl_new(library.pointer, &settings)
                    }
                }
            }
        }
        guard let handle else { throw .transferFailed("there is no memory") }
        self.handle = handle
    }

    deinit { ccurl_free(handle) }

    /// Forgets the request before, and a cancellation that came too late for it.
    func prepare() { ccurl_prepare(handle) }

    /// Ends the running request, or the next one, soon. Callable from any thread.
    func cancel() { ccurl_cancel(handle) }

    /// Sends a request and blocks until its response is complete. ``prepare()`` must come first.
    func perform(
        _ request: HTTPClient.Request, deadline: ContinuousClock.Instant
    ) -> Result<HTTPClient.Response, any Error> {
        var plan = ccurl_request()
        plan.timeout_ms = Int(max((deadline - .now).roundedUp(toNanoseconds: 1_000_000), 1))
        plan.may_be_repeated = request.isIdempotent
        let hasUsualMethod: Bool
        switch request.method {
        case .head: (plan.shape, hasUsualMethod) = (ccurl_head, true)
        case .post, .put, .patch: (plan.shape, hasUsualMethod) = (ccurl_post, request.method == .post)
        case let method where request.body.isEmpty: (plan.shape, hasUsualMethod) = (ccurl_get, method == .get)
        default: (plan.shape, hasUsualMethod) = (ccurl_post, false)
        }
        for line in Self.fields(request, hasBody: plan.shape == ccurl_post) {
            guard ccurl_add_field(handle, line) else {
                return .failure(HTTPClientError.transferFailed("there is no memory"))
            }
        }
        var answer = CurlResponse(maximumBodySize: maximumBodySize)
        let result = withUnsafeMutablePointer(to: &answer) { answer in
            plan.context = UnsafeMutableRawPointer(answer)
            plan.on_line = Self.onLine
            plan.on_body = Self.onBody
            return request.url.withCString { url in
                Self.withCString(hasUsualMethod ? nil : request.method.rawValue) { method in
                    request.body.withUnsafeBytes { body in
                        (plan.url, plan.method) = (url, method)
                        (plan.body, plan.body_size) = (body.baseAddress, body.count)
                        return ccurl_perform(handle, &plan)
                    }
                }
            }
        }
        if result == ccurl_done, answer.response.status.code > 0 {
            var response = answer.response
            response.followsLostAnswer = ccurl_was_repeated(handle)
            return .success(response)
        }
        return .failure(error(result, answer, request.url, deadline))
    }

    private func error(
        _ result: ccurl_result, _ answer: CurlResponse, _ url: String, _ deadline: ContinuousClock.Instant
    ) -> any Error {
        let text = ccurl_error(handle).map { String(cString: $0) } ?? ""
        switch result {
        case ccurl_cancelled: return CancellationError()
        case ccurl_refused where answer.isTooLarge: return HTTPClientError.bodyTooLarge
        case ccurl_refused where answer.foreign == .http2: return HTTPClientError.speaksHTTP2
        case ccurl_refused where answer.foreign != nil:
            return HTTPClientError.transferFailed("the answer is not HTTP")
        case ccurl_bad_url: return HTTPClientError.invalidURL(url)
        case ccurl_connect_timeout where .now < deadline - .milliseconds(2):
            return HTTPClientError.connectTimedOut(text)
        case ccurl_connect_timeout, ccurl_timeout: return HTTPClientError.timeout
        case ccurl_not_connected:
            // The words of OpenSSL and of GnuTLS.
            let isPlain = text.contains("wrong version number") || text.contains("unexpected TLS packet")
            return HTTPClientError.connectFailed(isPlain ? "the port does not speak TLS (\(text))" : text)
        default: return HTTPClientError.transferFailed(text)
        }
    }

    // MARK: For libcurl

    private static let onLine: @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?, Int) -> Bool = {
        context, bytes, count in
        guard let answer = context?.assumingMemoryBound(to: CurlResponse.self) else { return false }
        answer.pointee.receive(line: UnsafeRawBufferPointer(start: bytes, count: count))
        return true
    }

    private static let onBody: @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?, Int) -> Bool = {
        context, bytes, count in
        guard let answer = context?.assumingMemoryBound(to: CurlResponse.self) else { return false }
        return answer.pointee.receive(body: UnsafeRawBufferPointer(start: bytes, count: count))
    }

    /// The header fields in libcurl's notation.
    private static func fields(_ request: HTTPClient.Request, hasBody: Bool) -> [String] {
        var lines: [String] = []
        for field in request.headers {
            // libcurl sets these itself.
            guard field.name != Header.contentLength, field.name != Header.transferEncoding else { continue }
            // Characters that would end the field are sent as spaces (RFC 9110, section 5.5).
            let bytes = field.value.utf8.map { $0 == 0 || $0 == 10 || $0 == 13 ? 0x20 : $0 }
            let value = String(decoding: bytes, as: UTF8.self)
            // A semicolon marks an empty value.
            lines.append(value.isEmpty ? "\(field.name);" : "\(field.name): \(value)")
        }
        guard hasBody else { return lines }
        // A name without a value removes a field that libcurl would add: the form content type, and the wait for
        // `100 Continue`.
        if request.headers[Header.contentType] == nil { lines.append("\(Header.contentType):") }
        if request.headers[Header.expect] == nil { lines.append("\(Header.expect):") }
        return lines
    }

    private static func withCString<T>(_ text: String?, _ body: (UnsafePointer<CChar>?) -> T) -> T {
        guard let text else { return body(nil) }
        return text.withCString(body)
    }
}
