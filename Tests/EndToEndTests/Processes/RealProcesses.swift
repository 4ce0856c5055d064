import Testing

/// Tests that run whole processes, one after the other, so that a small machine does not run dozens at once.
@Suite("Real processes", .serialized)
enum RealProcesses {}
