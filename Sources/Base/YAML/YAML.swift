import Encoding

/// Reads YAML into the same values as JSON: configuration files are looked into alike, whatever they are written in.
///
/// Plain scalars follow the core schema of YAML 1.2: `true`, `null`, `0x1F` and `1.5` are no strings, while `yes` and `on`
/// are. Anchors, aliases and merge keys (`<<`) are resolved. A key that stands twice in one mapping is an error. Where
/// errors must name the line of a value, ``YAMLValue`` is what reads it.
package enum YAML {
    /// The documents of a stream, in order. An empty stream has none.
    ///
    /// - Throws: ``YAMLError`` with the line and column, counted from one.
    package static func parse(_ bytes: [UInt8]) throws(YAMLError) -> [JSONValue] {
        var composer = try YAMLComposer(bytes)
        var documents: [JSONValue] = []
        while let document = try composer.nextDocument() { documents.append(document.json) }
        return documents
    }

    /// The only document of a file.
    ///
    /// - Throws: ``YAMLError``, also where there is none or more than one.
    package static func document(_ bytes: [UInt8]) throws(YAMLError) -> JSONValue {
        let documents = try parse(bytes)
        guard let only = documents.first, documents.count == 1 else {
            throw YAMLError(message: "expected one document, not \(documents.count)", line: 1, column: 1)
        }
        return only
    }
}

/// Where and why a text is not YAML.
package struct YAMLError: Error, Equatable, CustomStringConvertible {
    package var message: String
    /// Counted from one.
    package var line: Int
    /// Counted from one.
    package var column: Int

    package init(message: String, line: Int, column: Int) {
        self.message = message
        self.line = line
        self.column = column
    }

    package var place: TextPlace { TextPlace(line: line, column: column) }

    package var description: String { "not valid YAML at line \(line), column \(column): \(message)" }
}
