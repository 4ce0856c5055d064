import Vocabulary

/// A stream as a query sees it.
package struct LogStream {
    package var id: Int64
    /// Sorted by name.
    package var labels: [Label]
    /// The level that Loki would detect from the stream's labels.
    package var detectedLevel: String?

    package init(id: Int64, labels: [Label], detectedLevel: String? = nil) {
        self.id = id
        self.labels = labels
        self.detectedLevel = detectedLevel
    }
}

/// A line read from the database; only valid inside the callback that receives it.
package struct StoredLine {
    package var time: Int64
    package var stream: LogStream
    package var metadataBytes: UnsafeBufferPointer<UInt8>
    package var text: UnsafeBufferPointer<UInt8>

    package init(
        time: Int64, stream: LogStream, metadataBytes: UnsafeBufferPointer<UInt8>, text: UnsafeBufferPointer<UInt8>
    ) {
        self.time = time
        self.stream = stream
        self.metadataBytes = metadataBytes
        self.text = text
    }

    /// The structured metadata, with the level that Loki adds to it. Metadata with the name of a stream label is
    /// renamed to `…_extracted`, as in Loki.
    /// - Parameter wanted: the labels that are needed, or `nil` for all.
    package func metadata(only wanted: WantedLabels? = nil) -> [Label] {
        var labels = LogMetadata.labels(metadataBytes, only: wanted?.texts)
        if let level = stream.detectedLevel, wanted?.texts.contains(LokiMetadata.detectedLevel) ?? true,
            labels[LokiMetadata.detectedLevel] == nil
        {
            labels.append(Label(LokiMetadata.detectedLevel, level))
        }
        for index in labels.indices where stream.labels[labels[index].name] != nil {
            labels[index].name += LineLabels.duplicateSuffix
        }
        return labels
    }
}
