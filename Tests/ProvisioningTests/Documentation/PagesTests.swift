import Encoding
import Foundation
import LogQL
import Testing
import TraceQL

/// The links of pages and the names that they mention.
@Suite("Documentation: pages") struct PagesTests {
    @Test("Every link and image has a target") func everyLinkAndImageHasATarget() throws {
        var count = 0
        let others = ["CONTRIBUTING.md", "CHANGELOG.md", "Benchmarks/README.md", "compose/kubernetes/README.md"]
        for page in try DocumentationPage.all() + others.map(DocumentationPage.init) {
            let folder = Repository.root.appending(path: page.path).deletingLastPathComponent()
            for target in page.linkTargets where !target.contains("://") {
                count += 1
                let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
                let path =
                    parts[0].isEmpty
                    ? Repository.root.appending(path: page.path) : folder.appending(path: String(parts[0]))
                #expect(FileManager.default.fileExists(atPath: path.path), "\(page.path): \(target)")
                guard parts.count > 1 else { continue }
                let from = String(
                    path.standardizedFileURL.path.dropFirst(Repository.root.standardizedFileURL.path.count + 1))
                let anchors = try DocumentationPage(from).anchors
                #expect(
                    anchors.contains(String(parts[1])), "\(page.path): \(target), where there are \(anchors.sorted())")
            }
        }
        #expect(count > 25)
    }

    @Test("Every make target exists") func everyMakeTargetExists() throws {
        let makefile = try Repository.text("Makefile")
        let targets = Set(makefile.matches(of: /(?m)^([a-z-]+):/).map { String($0.1) })
        #expect(targets.contains("stack"))
        var count = 0
        for page in try DocumentationPage.all() {
            for code in page.inlineCode + page.commandLines {
                for match in code.matches(of: /(?:^|[\s(])make ((?:[a-z-]+|[A-Z]+=\S+)(?: [A-Z]+=\S+)*)/) {
                    guard let target = match.1.split(separator: " ").first(where: { !$0.contains("=") }) else {
                        continue
                    }
                    count += 1
                    #expect(targets.contains(String(target)), "\(page.path): make \(target)")
                }
            }
        }
        #expect(count > 20)
    }

    @Test("Every query of the workshop is well-formed") func everyWorkshopQueryIsWellFormed() throws {
        var count = 0
        for page in try DocumentationPage.workshop() + DocumentationPage.answers() {
            for fence in page.fences {
                let text = fence.lines.joined(separator: "\n")
                switch fence.language {
                case "logql": #expect(throws: Never.self, "\(page.path): \(text)") { try LogQLParser.parse(text) }
                case "traceql": #expect(throws: Never.self, "\(page.path): \(text)") { try TraceQL.parse(text) }
                default: continue
                }
                count += 1
            }
        }
        #expect(count > 15)
    }

    @Test("Every dashboard and panel that a page names exists") func everyNamedPanelExists() throws {
        let dashboards = try Repository.files(under: "grafana/dashboards", endingIn: ".json").map {
            try Repository.json($0)
        }
        var titles: Set<String> = []
        for dashboard in dashboards {
            titles.insert(dashboard["title"]?.string ?? "")
            for variable in dashboard["templating"]?["list"]?.array ?? [] {
                titles.insert(variable["label"]?.string ?? "")
            }
            for panel in ProvisionedQueries.panels(of: dashboard) {
                titles.insert(panel["title"]?.string ?? "")
                for link in ProvisionedQueries.links(of: panel) { titles.insert(link["title"]?.string ?? "") }
            }
        }
        // Of Grafana's own pages, and what a data source's settings put there.
        let others: Set = ["Logs for this span", "Open the trace", "trace id"]
        for page in try DocumentationPage.workshop() where page.path.contains("/0") {
            let section = page.text.components(separatedBy: "### In Grafana").dropFirst().first?
                .components(separatedBy: "### ").first
            let text = try #require(section, "\(page.path) says nothing of Grafana")
            for match in text.matches(of: /\*\*([^*\n]+)\*\*/) {
                let name = String(match.1)
                #expect(titles.contains(name) || others.contains(name), "\(page.path): \(name)")
            }
        }
    }

    @Test("The course lasts 90 minutes, and each page agrees with the table")
    func theCourseLastsNinetyMinutes() throws {
        let course = try DocumentationPage("docs/workshop/README.md")
        let rows = course.text.split(separator: "\n").filter { $0.hasPrefix("|") }
        let minutes = rows.compactMap { row in row.firstMatch(of: /\| (\d+) \|$/).flatMap { Int($0.1) } }
        #expect(minutes.reduce(0, +) == 90)
        let pages = try DocumentationPage.workshop().filter { $0.path.contains("/0") }
        #expect(pages.count == 8)
        for (number, page) in pages.enumerated() {
            let name = page.path.split(separator: "/").last.map(String.init) ?? ""
            let row = try #require(rows.first { $0.contains("](\(name))") }, "\(name) is not in the table")
            #expect(row.hasPrefix("| \(number + 1) |"))
            let said = try #require(page.text.firstMatch(of: /\n(\d+) minutes\. \*\*Goal\*\*/), "\(name)")
            #expect(row.hasSuffix("| \(said.1) |"), "\(name)")
            let incident = try #require(row.firstMatch(of: /`([a-z-]+)`/))
            for command in ["show \(incident.1)", "run \(incident.1) ", "answer \(incident.1)"] {
                #expect(page.text.contains("tailspan incident " + command), "\(name): \(command)")
            }
        }
    }
}
