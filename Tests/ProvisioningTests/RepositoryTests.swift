import Testing

/// What holds of the repository as a whole.
@Suite struct RepositoryTests {
    @Test func everySystemLibraryIsInstalledByMake() throws {
        let manifest = try Repository.text("Package.swift")
        let makefile = try Repository.text("Makefile")
        let packages = manifest.matches(of: /apt: "([a-z0-9.+-]+)"/).map { String($0.1) }
        #expect(packages.count >= 5)
        let installed = makefile.firstMatch(of: /BUILD_LIBRARIES := (.*)/).map { $0.1.split(separator: " ") } ?? []
        for package in packages { #expect(installed.contains(Substring(package))) }
    }
}
