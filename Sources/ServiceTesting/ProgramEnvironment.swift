import Glibc

/// The environment of a program that a test starts: where programs are, what the test asks for, and of what the tests
/// themselves were started with only the clock that `faketime` shifts for them.
package func programEnvironment(_ variables: [String: String] = [:]) -> [String: String] {
    var environment = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]
    for name in ["LD_PRELOAD", "FAKETIME", "FAKETIME_SHARED"] {
        environment[name] = getenv(name).map { String(cString: $0) }
    }
    return environment.merging(variables) { $1 }
}
