/// Whether the caller of `POST /v1/tasks` waits for the result.
package enum TaskMode: String, Sendable, CaseIterable {
    case sync
    case async
}
