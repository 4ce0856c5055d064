import Encoding

/// Parses YAML into JSON values, so that configuration files are read the same way in either format.
///
/// Plain scalars follow the core schema of YAML 1.2: `true`, `null`, `0x1F` and `1.5` are not strings, but `yes` and
/// `on` are. Anchors, aliases and merge keys (`<<`) are resolved. A duplicate key in a mapping is an error. Use
/// ``YAMLValue`` if errors must name the line of a value.
package enum YAML {
    /// Returns the documents of a stream, in order. An empty stream has none.
    ///
    /// - Throws: ``YAMLError`` with the line and column, counted from one.
    package static func parse(_ bytes: [UInt8]) throws(YAMLError) -> [JSONValue] {
        var composer = try YAMLComposer(bytes)
        var documents: [JSONValue] = []
        while let document = try composer.nextDocument() { documents.append(document.json) }
        return documents
    }

    /// Returns the only document of a file.
    ///
    /// - Throws: ``YAMLError``, also if there is no document or more than one.
    package static func document(_ bytes: [UInt8]) throws(YAMLError) -> JSONValue {
        let documents = try parse(bytes)
        guard let only = documents.first, documents.count == 1 else {
            throw YAMLError(message: "expected one document, not \(documents.count)", line: 1, column: 1)
        }
        return only
    }
}

/// Where and why a text is not valid YAML.
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
