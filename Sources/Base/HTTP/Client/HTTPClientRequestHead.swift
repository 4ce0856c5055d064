import CCurl
import Vocabulary

/// A request's header fields in the form libcurl wants: a list of lines. Lines and list are built in memory that is used
/// again for the next request; libcurl only reads them.
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
            // libcurl counts the body itself.
            case Header.contentLength, Header.transferEncoding: continue
            case Header.contentType: hasContentType = true
            default: break
            }
            add(field.name, field.value)
        }
        if hasBody {
            // A name without a value takes away what libcurl would add: the type of a form, and the wait for leave.
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

    /// Characters that would end the field early are sent as spaces (RFC 9110, section 5.5).
    private mutating func add(_ name: String, _ value: String) {
        starts.append(text.count)
        text += name.utf8
        // libcurl's way to say that the value is empty.
        text.append(UInt8(ascii: value.isEmpty ? ";" : ":"))
        if !value.isEmpty { text.append(0x20) }
        let start = text.count
        text += value.utf8
        for index in start..<text.count where text[index] == 0 || text[index] == 10 || text[index] == 13 {
            text[index] = 0x20
        }
        text.append(0)
    }

    /// Moves the lines to where they stay and chains them.
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
