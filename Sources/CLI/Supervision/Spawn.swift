import CLinux
import Glibc

package struct ProgramSpec: Sendable {
    var executable: String
    /// Its name in the process list.
    var name: String
    /// Without the program's name.
    var arguments: [String]
    /// Its whole environment.
    var environment: [String: String]

    package init(_ executable: String, _ arguments: [String] = [], name: String? = nil, environment: [String: String]) {
        self.executable = executable
        self.name = name ?? executable
        self.arguments = arguments
        self.environment = environment
    }
}

/// A program that could not be started.
package struct SpawnError: Error, CustomStringConvertible {
    package var description: String
}

/// A program just started: its id, and the descriptors to read its output from.
struct Spawned {
    var pid: pid_t
    /// Non-blocking and close-on-exec.
    var standardOutput: Int32
    var standardError: Int32
}

enum Spawn {
    /// Starts a program in its own process group (so that Ctrl-C at the terminal only reaches this process, which then
    /// stops the others in order), with no signal blocked or ignored, no input, and no descriptors except its own
    /// three.
    static func start(_ program: ProgramSpec) throws(SpawnError) -> Spawned {
        let output = try makePipe()
        let errors = try makePipe()
        defer {
            close(output.writing)
            close(errors.writing)
        }
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output.writing, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, errors.writing, STDERR_FILENO)
        tailspan_spawn_close_from(&actions, 3)

        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        var pid: pid_t = 0
        let variables = program.environment.map { $0.key + "=" + $0.value }
        let code = withCStrings([program.name] + program.arguments) { arguments in
            withCStrings(variables) { environment in
                posix_spawnp(&pid, program.executable, &actions, &attributes, arguments, environment)
            }
        }
        guard code == 0 else {
            close(output.reading)
            close(errors.reading)
            throw SpawnError(description: "cannot start \(program.executable): \(String(cString: strerror(code)))")
        }
        return Spawned(pid: pid, standardOutput: output.reading, standardError: errors.reading)
    }

    private static func makePipe() throws(SpawnError) -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else {
            throw SpawnError(description: "cannot make a pipe: \(String(cString: strerror(errno)))")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        return (ends[0], ends[1])
    }

    private static func withCStrings<R>(
        _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> R
    ) -> R {
        let copies = strings.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies + [nil])
    }
}
