import Foundation
import Testing

/// scripts/setup, with stub programs in its path.
@Suite("The make setup command") struct SetupScriptTests {
    /// Runs it where only these programs are, each with what its shell script does.
    private func run(_ programs: [String: String]) throws -> Tool.Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tailspan-setup-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // A folder below /tmp: whether it goes or stays hurts nobody.
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, script) in programs {
            let file = folder.appending(path: name)
            try "#!/bin/sh\n\(script)\n".write(to: file, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
        }
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/grep", withDestinationPath: "/usr/bin/grep")
        let script = Repository.root.appending(path: "scripts/setup").path
        return try Tool.run("/bin/bash", [script, "libone-dev", "libtwo-dev"], environment: ["PATH": folder.path])
    }

    @Test("A missing toolchain is reported with where to get one") func aMissingToolchainIsExplained() throws {
        let result = try run([:])
        #expect(result.status == 1 && result.output.contains("no Swift toolchain found"))
    }

    @Test("Another system than Debian gets the list of requirements")
    func anotherSystemGetsTheListOfRequirements() throws {
        let result = try run(["swift": "exit 0"])
        #expect(result.status == 1)
        #expect(result.output.contains("neither Debian nor Ubuntu") && result.output.contains("libone-dev libtwo-dev"))
    }

    @Test("Installed packages are not installed again") func installedPackagesAreNotInstalledAgain() throws {
        let result = try run(["swift": "exit 0", "dpkg-query": "echo installed", "apt-get": "exit 9"])
        #expect(result.status == 0 && result.output.isEmpty, "\(result.output)")
    }

    @Test("A failure of apt-get ends the setup with its words and the packages' names")
    func aFailureOfAptGetEndsTheSetup() throws {
        let result = try run([
            "swift": "exit 0", "id": "echo 0", "apt-get": "echo 'E: Temporary failure resolving' >&2; exit 100",
            "dpkg-query": "case \"$*\" in *libone-dev) echo installed ;; *) exit 1 ;; esac",
        ])
        #expect(result.status == 1)
        #expect(result.output.contains("E: Temporary failure resolving"))
        #expect(
            result.output.contains("setup: apt-get cannot install libtwo-dev; why stands above"), "\(result.output)")
    }
}
