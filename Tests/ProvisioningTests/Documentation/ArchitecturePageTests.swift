import Testing

/// The file names and folders that the page on the architecture mentions.
@Suite("Documentation: the architecture") struct ArchitecturePageTests {
    private static let page = "docs/ARCHITECTURE.md"

    @Test("Every source file that the page names exists") func everyNamedSourceFileExists() throws {
        let files = try Repository.files(under: "Sources", endingIn: ".swift")
        var count = 0
        for code in try DocumentationPage(Self.page).inlineCode {
            for match in code.matches(of: /[A-Za-z0-9+\/]+\.swift/) {
                let name = String(match.0)
                guard name != "Package.swift" else { continue }
                count += 1
                #expect(files.contains { $0.hasSuffix("/" + name) }, "\(name) is not below Sources")
            }
        }
        #expect(count > 80)
    }

    @Test("The table of floors names every module of Sources, on its floor")
    func theTableOfFloorsNamesEveryModule() throws {
        let rows = try Repository.text(Self.page).split(separator: "\n").filter { $0.hasPrefix("| `") }
        for path in try Repository.files(under: "Sources", endingIn: ".swift", ".h", ".modulemap") {
            let parts = path.split(separator: "/")
            let (floor, module) = (parts[1], parts[2])
            let row = rows.first { $0.hasPrefix("| `\(floor)` |") }
            #expect(row?.contains("`\(module)`") == true, "\(module) is missing in the row of \(floor)")
        }
    }
}
