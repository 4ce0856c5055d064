/// Whether the caller of `POST /v1/tasks` waits.
package enum TaskMode: String, Sendable, CaseIterable {
    case sync
    case async
}
