import CLLHTTP
import Glibc

/// The header fields of a message as they came, in one piece of memory: names in lower case, values without surrounding
/// white space. Most of them are never looked at, so none becomes a string before somebody asks for it.
///
/// Unchecked: nothing changes after the initialiser.
final class RawHead: @unchecked Sendable {
    let count: Int
    private let memory: UnsafeMutableRawPointer
    private let fields: UnsafeMutablePointer<tailspan_http_field>
    private let text: UnsafeMutablePointer<UInt8>

    /// - Parameters:
    ///   - head: the bytes of the head.
    ///   - fields: where in it the fields lie.
    init(_ head: UnsafeRawBufferPointer, _ fields: UnsafeBufferPointer<tailspan_http_field>) {
        count = fields.count
        let size = fields.count * MemoryLayout<tailspan_http_field>.stride
        memory = .allocate(byteCount: size + head.count, alignment: MemoryLayout<tailspan_http_field>.alignment)
        self.fields = memory.bindMemory(to: tailspan_http_field.self, capacity: max(fields.count, 1))
        text = (memory + size).bindMemory(to: UInt8.self, capacity: max(head.count, 1))
        if let base = fields.baseAddress { self.fields.update(from: base, count: fields.count) }
        if let base = head.baseAddress { UnsafeMutableRawPointer(text).copyMemory(from: base, byteCount: head.count) }
        for index in 0..<count { normalize(index) }
    }

    deinit { memory.deallocate() }

    private func normalize(_ index: Int) {
        let name = fields[index].name
        var position = Int(name.start)
        let end = Int(name.start + name.length)
        // Every letter in lower case has this bit, and so have digits and the hyphen: most names are done with a look at
        // eight bytes.
        while position &+ 8 <= end {
            let word = UnsafeRawPointer(text + position).loadUnaligned(as: UInt64.self)
            guard word & 0x2020_2020_2020_2020 == 0x2020_2020_2020_2020 else { break }
            position &+= 8
        }
        while position < end {
            if text[position] &- 65 < 26 { text[position] |= 0x20 }
            position &+= 1
        }
        // The parser has dropped the white space before a value.
        let value = fields[index].value
        var length = value.length
        while length > 0, case let last = text[Int(value.start &+ length) - 1], last == 0x20 || last == 0x09 {
            length &-= 1
        }
        fields[index].value.length = length
    }

    private func bytes(_ part: tailspan_http_text) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: text + Int(part.start), count: Int(part.length))
    }

    /// The bytes of a field's name.
    func nameBytes(_ index: Int) -> UnsafeBufferPointer<UInt8> { bytes(fields[index].name) }
    /// The bytes of a field's value.
    func valueBytes(_ index: Int) -> UnsafeBufferPointer<UInt8> { bytes(fields[index].value) }

    func name(_ index: Int) -> String { String(decoding: nameBytes(index), as: UTF8.self) }
    func value(_ index: Int) -> String { String(decoding: valueBytes(index), as: UTF8.self) }

    /// The index of the next field named `name`, which is in lower case, from `start` on.
    @inline(__always)
    func index(of name: UnsafeBufferPointer<UInt8>, from start: Int = 0) -> Int? {
        guard let wanted = name.baseAddress else { return nil }
        var index = start
        while index < count {
            let candidate = fields[index].name
            if Int(candidate.length) == name.count, memcmp(text + Int(candidate.start), wanted, name.count) == 0 {
                return index
            }
            index += 1
        }
        return nil
    }

    /// The value of the field `name`, which is in lower case; several are joined with `, `.
    func value(of name: String) -> String? {
        var name = name
        return name.withUTF8 { name in
            guard let first = index(of: name) else { return nil }
            var result = value(first)
            var next = index(of: name, from: first + 1)
            while let found = next {
                result += ", " + value(found)
                next = index(of: name, from: found + 1)
            }
            return result
        }
    }
}
