import Testing

/// What takes whole processes; one after the other, so that a small machine is not asked for dozens at once.
@Suite("Real processes", .serialized)
enum RealProcesses {}
