import CCurlLinked
import Encoding
import Glibc
import Vocabulary

/// A libcurl easy handle that is reused for one request after another. Loop thread only.
final class ClientTransfer {
    let easy: UnsafeMutableRawPointer
    weak var call: ClientCall?

    private let maximumBodySize: Int
    private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    private var head = RequestHead()
    private var body = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    private var shape = Shape.get
    private var hasCustomMethod = false
    private var deadline = ContinuousClock.now
    private var url = ""
    private var timeoutMilliseconds = -1
    private var tls = HTTPClient.TLS()

    private var response = HTTPClient.Response(status: HTTPStatus(code: 0))
    private var isTooLarge = false
    /// The protocol received instead of an HTTP/1 status line.
    private var foreign: ForeignAnswer?
    /// The addresses of the host, if it is given by name.
    private var addresses: UnsafeMutablePointer<curl_slist>?

    /// The kind of request that libcurl sees; the method name is set separately.
    private enum Shape {
        case get, head, post
    }

    /// - Returns: `nil` if memory is exhausted.
    init?(
        configuration: HTTPClient.Configuration, onOpen: @escaping curl_opensocket_callback,
        onClose: @escaping curl_closesocket_callback, driver: UnsafeMutableRawPointer
    ) {
        maximumBodySize = configuration.maximumBodySize
        guard let easy = curl_easy_init() else { return nil }
        self.easy = easy
        errorText.pointee = 0
        tailspan_curl_set_long(easy, CURLOPT_NOSIGNAL, 1)
        tailspan_curl_set_long(easy, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        tailspan_curl_set_text(easy, CURLOPT_PROTOCOLS_STR, "http,https")
        // A task id may be "..", so libcurl must not normalise the path.
        tailspan_curl_set_long(easy, CURLOPT_PATH_AS_IS, 1)
        // Empty, so that no proxy is taken from the environment either.
        tailspan_curl_set_text(easy, CURLOPT_PROXY, "")
        tailspan_curl_set_text(easy, CURLOPT_USERAGENT, configuration.userAgent)
        tailspan_curl_set_long(
            easy, CURLOPT_CONNECTTIMEOUT_MS, Int(configuration.connectTimeout.roundedUp(toNanoseconds: 1_000_000)))
        let age = configuration.maximumConnectionAge
        tailspan_curl_set_long(
            easy, CURLOPT_MAXLIFETIME_CONN, Int(max((age * Double.random(in: 5...7) / 6).seconds.rounded(), 1)))
        // Spreads connections over the addresses of a name.
        tailspan_curl_set_long(easy, CURLOPT_DNS_SHUFFLE_ADDRESSES, 1)
        // Allows an answer that is not HTTP/1 to be inspected and named.
        tailspan_curl_set_long(easy, CURLOPT_HTTP09_ALLOWED, 1)
        tailspan_curl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText)
        // The driver owns the handle and destroys it, so the pointer is valid as long as libcurl uses it.
        tailspan_curl_set_callbacks(
            easy, Self.onHeader, Self.onBody, Unmanaged.passRetained(self).toOpaque(), onOpen, onClose, driver)
    }

    /// Frees the handle, which must not be part of a multi handle.
    func destroy() {
        curl_easy_cleanup(easy)
        curl_slist_free_all(addresses)
        errorText.deallocate()
        body.deallocate()
        body = UnsafeMutableRawBufferPointer(start: nil, count: 0)
        Unmanaged.passUnretained(self).release()
    }

    // MARK: Sending

    /// - Parameter resolved: the addresses of the URL's host in the form of `CURLOPT_RESOLVE`, if the host is given
    ///   by name.
    func prepare(_ request: HTTPClient.Request, timeout: Duration, resolved: [String]) {
        deadline = ContinuousClock.now + timeout
        response = HTTPClient.Response(status: HTTPStatus(code: 0))
        isTooLarge = false
        foreign = nil
        setAddresses(resolved)
        errorText.pointee = 0
        if request.url != url {
            url = request.url
            tailspan_curl_set_text(easy, CURLOPT_URL, url)
        }
        if request.tls != tls { setTLS(request.tls) }
        let milliseconds = Int(max(timeout.roundedUp(toNanoseconds: 1_000_000), 1))
        if milliseconds != timeoutMilliseconds {
            timeoutMilliseconds = milliseconds
            tailspan_curl_set_long(easy, CURLOPT_TIMEOUT_MS, milliseconds)
        }
        setMethod(request.method, hasBody: !request.body.isEmpty)
        if shape == .post { setBody(request.body) }
        head.build(request, hasBody: shape == .post)
        tailspan_curl_set_pointer(easy, CURLOPT_HTTPHEADER, head.list)
    }

    /// Set with every request: libcurl remembers addresses, but another handle may have set different ones.
    private func setAddresses(_ resolved: [String]) {
        guard !resolved.isEmpty || addresses != nil else { return }
        // If memory is exhausted, the name is not found and the call reports that.
        let list = resolved.reduce(nil) { curl_slist_append($0, $1) ?? $0 }
        tailspan_curl_set_pointer(easy, CURLOPT_RESOLVE, list)
        curl_slist_free_all(addresses)
        addresses = list
    }

    /// libcurl reuses a connection only for transfers with the same options. Without a value it uses its own.
    private func setTLS(_ options: HTTPClient.TLS) {
        tls = options
        tailspan_curl_set_text(
            easy, CURLOPT_CAINFO,
            options.certificateAuthority ?? tailspan_curl_default_authorities(easy).map { String(cString: $0) })
        tailspan_curl_set_text(easy, CURLOPT_SSLCERT, options.clientCertificate)
        tailspan_curl_set_text(easy, CURLOPT_SSLKEY, options.clientKey ?? options.clientCertificate)
    }

    private func setMethod(_ method: HTTPMethod, hasBody: Bool) {
        let shape: Shape
        switch method {
        case .head: shape = .head
        case .post, .put, .patch: shape = .post
        default: shape = hasBody ? .post : .get
        }
        if shape != self.shape {
            self.shape = shape
            switch shape {
            case .get: tailspan_curl_set_long(easy, CURLOPT_HTTPGET, 1)
            case .head: tailspan_curl_set_long(easy, CURLOPT_NOBODY, 1)
            case .post: tailspan_curl_set_long(easy, CURLOPT_POST, 1)
            }
        }
        let isUsual = method == .head || shape == .get && method == .get || shape == .post && method == .post
        if isUsual {
            if hasCustomMethod { tailspan_curl_set_text(easy, CURLOPT_CUSTOMREQUEST, nil) }
        } else {
            tailspan_curl_set_text(easy, CURLOPT_CUSTOMREQUEST, method.rawValue)
        }
        hasCustomMethod = !isUsual
    }

    /// libcurl does not copy the body and needs it until the transfer ends, because it may have to send it again.
    private func setBody(_ bytes: [UInt8]) {
        if body.count < bytes.count || body.baseAddress == nil {
            body.deallocate()
            body = .allocate(byteCount: max(bytes.count, 1024), alignment: 16)
        }
        body.copyBytes(from: bytes)
        tailspan_curl_set_size(easy, CURLOPT_POSTFIELDSIZE_LARGE, bytes.count)
        tailspan_curl_set_pointer(easy, CURLOPT_POSTFIELDS, body.baseAddress)
    }

    /// Releases the memory that a large request or response used.
    func release() {
        response = HTTPClient.Response(status: HTTPStatus(code: 0))
        guard body.count > 64 << 10 else { return }
        body.deallocate()
        body = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    }

    // MARK: Receiving

    private static let onHeader: curl_write_callback = { bytes, size, count, context in
        guard let context, let bytes else { return 0 }
        let transfer = Unmanaged<ClientTransfer>.fromOpaque(context).takeUnretainedValue()
        transfer.receive(line: UnsafeRawBufferPointer(start: bytes, count: size * count))
        return size * count
    }

    private static let onBody: curl_write_callback = { bytes, size, count, context in
        guard let context, let bytes else { return 0 }
        let transfer = Unmanaged<ClientTransfer>.fromOpaque(context).takeUnretainedValue()
        let taken = transfer.receive(body: UnsafeRawBufferPointer(start: bytes, count: size * count))
        return taken ? size * count : 0
    }

    private func receive(line: UnsafeRawBufferPointer) {
        var end = line.count
        while end > 0, line[end - 1] <= 0x20 { end -= 1 }
        guard end > 0 else { return }
        if line.starts(with: "HTTP/".utf8) {
            // A second head follows an interim response (100 Continue), which is discarded.
            response.headers = [:]
            response.headers.reserveCapacity(8)
            var index = 0
            while index < end, line[index] != 0x20 { index += 1 }
            var code = 0
            // Reads three digits at most: any line may start like this, and more digits would not fit a status.
            while index + 1 < end, code < 100, case 0x30...0x39 = line[index + 1] {
                code = code * 10 + Int(line[index + 1] - 0x30)
                index += 1
            }
            response.status = HTTPStatus(code: code)
            return
        }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return }
        var start = colon + 1
        while start < end, line[start] == 0x20 || line[start] == 0x09 { start += 1 }
        response.headers.append(
            name: UnsafeRawBufferPointer(rebasing: line[..<colon]),
            value: UnsafeRawBufferPointer(rebasing: line[start..<max(start, end)]))
    }

    private func receive(body piece: UnsafeRawBufferPointer) -> Bool {
        guard response.status.code > 0 else {
            foreign = ForeignAnswer(piece)
            return false
        }
        guard response.body.count + piece.count <= maximumBodySize else {
            isTooLarge = true
            return false
        }
        if response.body.isEmpty, let length = response.headers[Header.contentLength].flatMap({ Int($0) }) {
            response.body.reserveCapacity(min(length, maximumBodySize))
        }
        response.body += piece
        return true
    }

    // MARK: The result

    func result(_ code: CURLcode) -> Result<HTTPClient.Response, any Error> {
        if code == CURLE_OK, response.status.code > 0 {
            defer { response = HTTPClient.Response(status: HTTPStatus(code: 0)) }
            return .success(response)
        }
        return .failure(error(code))
    }

    private func error(_ code: CURLcode) -> HTTPClientError {
        let text = String(cString: errorText.pointee == 0 ? curl_easy_strerror(code) : UnsafePointer(errorText))
        switch code {
        case CURLE_WRITE_ERROR where foreign != nil: return foreign?.error ?? .transferFailed(text)
        case CURLE_OPERATION_TIMEDOUT:
            // Only the connect timeout is shorter than the overall limit.
            return ContinuousClock.now < deadline - .milliseconds(2) ? .connectTimedOut(text) : .timeout
        case CURLE_SSL_CONNECT_ERROR where text.contains("wrong version number"):
            return .connectFailed("the port does not speak TLS (\(text))")
        case CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST, CURLE_SSL_CONNECT_ERROR,
            CURLE_PEER_FAILED_VERIFICATION:
            return .connectFailed(text)
        // libcurl also reports "unsupported protocol" if the response is not HTTP/1.
        case CURLE_UNSUPPORTED_PROTOCOL where url.lowercased().hasPrefix("http"): return .transferFailed(text)
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: return .invalidURL(url)
        case CURLE_WRITE_ERROR where isTooLarge: return .bodyTooLarge
        default: return .transferFailed(text)
        }
    }
}
