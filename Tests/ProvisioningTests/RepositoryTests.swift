import Foundation
import OTelSDK
import Testing

/// Rules for the repository as a whole.
@Suite("The repository as a whole") struct RepositoryTests {
    @Test func makeSetupInstallsEverySystemLibrary() throws {
        let manifest = try Repository.text("Package.swift")
        let makefile = try Repository.text("Makefile")
        let packages = manifest.matches(of: /apt: "([a-z0-9.+-]+)"/).map { String($0.1) }
        #expect(packages.count >= 3)
        // Of `one|other` either will do.
        let installed =
            makefile.firstMatch(of: /BUILD_LIBRARIES := (.*)/).map { $0.1.split { $0 == " " || $0 == "|" } } ?? []
        for package in ["libllhttp-dev", "node-llhttp", "libcurl4-openssl-dev", "libre2-dev"] {
            #expect(installed.contains(Substring(package)))
        }
        for package in packages { #expect(installed.contains(Substring(package))) }
    }

    // MARK: The version

    /// Builds, deployments and documents carry the version of the program.
    @Test(arguments: [
        ("compose/.env", "TAILSPAN_IMAGE=tailspan:"),
        ("compose/.env", "COLLECTOR_WITH_HEALTHCHECK_IMAGE=tailspan-collector:"),
        ("compose/kubernetes/base/kustomization.yaml", "newTag: "),
        ("compose/kubernetes/overlays/pocket/kustomization.yaml", "newTag: "),
        ("compose/kubernetes/README.md", "`tailspan:"),
        ("docs/CONFIGURATION.md", "on every line and span | `"), ("docs/RUNNING.md", "\"version\":\""),
        ("docs/api/gateway.openapi.yaml", "\n  version: "), ("docs/api/control.openapi.yaml", "\n  version: "),
        // The roll-back of a deployment leads to the version that all others have.
        ("incidents/worked-yesterday.yaml", "at: 55s, deploy: { service: tasks, version: '"),
    ])
    func everyVersionIsThatOfTheProgram(_ path: String, _ before: String) throws {
        let parts = try Repository.text(path).components(separatedBy: before).dropFirst()
        #expect(!parts.isEmpty, "\(path) does not say \(before)")
        for part in parts { #expect(part.hasPrefix(OTelSDK.version), "\(path): \(before)\(part.prefix(12))") }
    }

    @Test func theChangelogStartsWithThisVersion() throws {
        let changes = try Repository.text("CHANGELOG.md")
        let versions = changes.matches(of: /(?m)^## ([0-9.]+) - [0-9]{4}-[0-9]{2}-[0-9]{2}$/).map { String($0.1) }
        #expect(versions.first == OTelSDK.version)
        #expect(Set(versions).count == versions.count)
    }

    /// `Task.sleep` never ends under `faketime`, so short waits use `pause`. Sleeps of hours, which a test cancels, are
    /// allowed.
    @Test func noTestSleepsOnDispatchTimers() throws {
        for path in try Repository.files(under: "Tests", endingIn: ".swift") {
            let waits = try Repository.text(path).matches(of: /Task\.sleep\(for: \.(milli|micro|nano)seconds/)
            #expect(waits.isEmpty, "\(path)")
        }
    }

    /// The version is one constant, and nothing else in the program names one.
    @Test func noSourceHoldsAnotherVersion() throws {
        var found: [String] = []
        for path in try Repository.files(under: "Sources", endingIn: ".swift") {
            for match in try Repository.text(path).matches(of: /[vV]ersion[^\n"]*"([0-9]+\.[0-9]+\.[0-9]+)"/) {
                // The format of OpenMetrics has a version, too.
                if path.hasSuffix("ExpositionFormat.swift") { continue }
                found.append("\(path): \(match.1)")
            }
        }
        #expect(found == ["Sources/Telemetry/OTelSDK/Resource/Resource.swift: \(OTelSDK.version)"])
    }
}
