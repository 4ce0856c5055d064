import CCurlLinked
import Vocabulary

/// A request's header fields in the form that libcurl expects: a list of lines. The memory of the lines and the list is
/// reused for the next request; libcurl only reads them.
struct RequestHead: ~Copyable {
    private var text: [UInt8] = []
    private var starts: [Int] = []
    private var lines = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    private var slots = UnsafeMutableBufferPointer<curl_slist>(start: nil, count: 0)
    /// The first line, or `nil` if there is none; valid until the next ``build(_:hasBody:)``.
    private(set) var list: UnsafeMutablePointer<curl_slist>?

    deinit {
        lines.deallocate()
        slots.deallocate()
    }

    mutating func build(_ request: HTTPClient.Request, hasBody: Bool) {
        text.removeAll(keepingCapacity: true)
        starts.removeAll(keepingCapacity: true)
        var hasContentType = false
        for field in request.headers {
            switch field.name {
            // libcurl sets these itself.
            case Header.contentLength, Header.transferEncoding: continue
            case Header.contentType: hasContentType = true
            default: break
            }
            add(field.name, field.value)
        }
        if hasBody {
            // A name without a value removes a field that libcurl would add: the form content type, and the wait for
            // `100 Continue`.
            if !hasContentType { add(removing: Header.contentType) }
            if request.body.count > 512 << 10 { add(removing: Header.expect) }
        }
        link()
    }

    private mutating func add(removing name: String) {
        starts.append(text.count)
        text += name.utf8
        text += [UInt8(ascii: ":"), 0]
    }

    /// Characters that would end the field are sent as spaces (RFC 9110, section 5.5).
    private mutating func add(_ name: String, _ value: String) {
        starts.append(text.count)
        text += name.utf8
        // In libcurl, a semicolon marks an empty value.
        text.append(UInt8(ascii: value.isEmpty ? ";" : ":"))
        if !value.isEmpty { text.append(0x20) }
        let start = text.count
        text += value.utf8
        for index in start..<text.count where text[index] == 0 || text[index] == 10 || text[index] == 13 {
            text[index] = 0x20
        }
        text.append(0)
    }

    /// Moves the lines to their final place and links them.
    private mutating func link() {
        list = nil
        guard !starts.isEmpty else { return }
        if lines.count < text.count {
            lines.deallocate()
            lines = .allocate(byteCount: max(text.count * 2, 512), alignment: 16)
        }
        if slots.count < starts.count {
            slots.deallocate()
            slots = .allocate(capacity: max(starts.count * 2, 8))
        }
        lines.copyBytes(from: text)
        guard let base = lines.baseAddress, let first = slots.baseAddress else { return }
        for (index, start) in starts.enumerated() {
            let next = index + 1 < starts.count ? first + index + 1 : nil
            slots.initializeElement(
                at: index, to: curl_slist(data: (base + start).assumingMemoryBound(to: CChar.self), next: next))
        }
        list = first
    }
}
