import OTLP

/// The fields of one message, collected before any is written: protobuf's fields come in any order, JSON's in a fixed
/// one.
struct MessageFields {
    private var scalars: [(field: Int, reader: ProtobufReader)] = []
    private(set) var attributes: [ProtobufReader] = []
    private(set) var lists: [Int: [ProtobufReader]] = [:]

    /// The last occurrence of `field`, ready to be read.
    subscript(_ field: Int) -> ProtobufReader? {
        get { scalars.last { $0.field == field }?.reader }
    }

    mutating func read(
        _ reader: ProtobufReader, attributes attributesField: Int = 0, lists listFields: [Int] = []
    )
        throws(ProtobufError)
    {
        var reader = reader
        while let field = try reader.nextField() {
            if field == attributesField {
                attributes.append(try reader.message())
            } else if listFields.contains(field) {
                lists[field, default: []].append(try reader.message())
            } else {
                scalars.append((field, reader))
                try reader.skip()
            }
        }
    }
}

extension [UInt8] {
    /// Reads the bytes as a message.
    package func withProtobufReader<R>(_ body: (ProtobufReader) throws(ProtobufError) -> R) throws(ProtobufError) -> R {
        let result: Result<R, ProtobufError> = withUnsafeBufferPointer { bytes in
            Result { () throws(ProtobufError) in try body(ProtobufReader(bytes)) }
        }
        return try result.get()
    }
}
