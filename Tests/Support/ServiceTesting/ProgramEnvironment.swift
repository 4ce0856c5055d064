import Glibc

/// The environment of a program that a test starts: the PATH, the test's own variables, and of the tests' environment
/// only the clock that `faketime` shifts.
package func programEnvironment(_ variables: [String: String] = [:]) -> [String: String] {
    clockEnvironment(["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"].merging(variables) { $1 })
}

/// `variables`, plus those that `faketime` uses to shift the tests' clock, so that a program uses the same clock.
package func clockEnvironment(_ variables: [String: String]) -> [String: String] {
    var environment = variables
    for name in ["LD_PRELOAD", "FAKETIME", "FAKETIME_SHARED"] where environment[name] == nil {
        environment[name] = getenv(name).map { String(cString: $0) }
    }
    return environment
}
