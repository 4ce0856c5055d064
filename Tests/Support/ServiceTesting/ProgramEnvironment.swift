import Glibc

/// The environment of a program that a test starts: where programs are, what the test asks for, and of what the tests
/// themselves were started with only the clock that `faketime` shifts for them.
package func programEnvironment(_ variables: [String: String] = [:]) -> [String: String] {
    clockEnvironment(["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"].merging(variables) { $1 })
}

/// `variables`, and those by which `faketime` shifts the tests' own clock, so that a program goes by the same.
package func clockEnvironment(_ variables: [String: String]) -> [String: String] {
    var environment = variables
    for name in ["LD_PRELOAD", "FAKETIME", "FAKETIME_SHARED"] where environment[name] == nil {
        environment[name] = getenv(name).map { String(cString: $0) }
    }
    return environment
}
