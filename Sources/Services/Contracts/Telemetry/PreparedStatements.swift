import Synchronization
import Tracing
import Vocabulary

/// What the spans of statements say, made once a statement. Safe to use from any thread.
final class PreparedStatements: Sendable {
    /// A statement in telemetry.
    final class Statement: Sendable {
        fileprivate let operation: String
        fileprivate let collection: String
        fileprivate let namespace: String
        fileprivate let text: String
        /// `INSERT tasks`
        let name: String
        let attributes: PreparedAttributes

        fileprivate init(_ operation: String, _ collection: String, namespace: String, text: String) {
            self.operation = operation
            self.collection = collection
            self.namespace = namespace
            self.text = text
            name = operation + " " + collection
            attributes = PreparedAttributes([
                Attribute.databaseSystem: "sqlite", "db.namespace": .string(namespace),
                "db.operation.name": .string(operation), "db.collection.name": .string(collection),
                "db.query.summary": .string(name), "db.query.text": .string(text),
            ])
        }
    }

    /// Statements are part of the program. Should somebody make them up, further ones are prepared for each span.
    private static let maximum = 128
    private let all = Mutex<[Statement]>([])

    /// Found by a scan: the texts differ in length, and those of the same statement are the same storage.
    func statement(_ operation: String, _ collection: String, namespace: String, text: String) -> Statement {
        let length = text.utf8.count
        return all.withLock { all in
            for index in all.indices
            where all[index].text.utf8.count == length && all[index].text == text
                && all[index].operation == operation && all[index].collection == collection
                && all[index].namespace == namespace
            {
                return all[index]
            }
            let statement = Statement(operation, collection, namespace: namespace, text: text)
            if all.count < Self.maximum { all.append(statement) }
            return statement
        }
    }
}
