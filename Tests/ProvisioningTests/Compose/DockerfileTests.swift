import Encoding
import Foundation
import Testing
import Vocabulary

/// The Dockerfile, checked without building the image.
@Suite("Compose: Dockerfile") struct DockerfileTests {
    private struct Stage {
        var base: String
        var name: String
        var instructions: [(keyword: String, rest: String)]
    }

    /// The Dockerfile's stages, with continued lines joined and comments left out.
    private func stages() throws -> (arguments: [String], stages: [Stage]) {
        var arguments: [String] = []
        var stages: [Stage] = []
        let text = try Repository.text("compose/Dockerfile")
            .split(separator: "\n").filter { !$0.hasPrefix("#") }.joined(separator: "\n")
            .replacing("\\\n", with: " ")
        for line in text.split(separator: "\n") {
            let (keyword, rest) = (line.prefix { $0 != " " }, line.drop { $0 != " " }.drop { $0 == " " })
            if keyword == "FROM" {
                let match = try #require(rest.wholeMatch(of: /(\S+)(?: AS (\S+))?/), "\(line)")
                stages.append(Stage(base: String(match.1), name: String(match.2 ?? ""), instructions: []))
            } else if stages.isEmpty {
                #expect(keyword == "ARG")
                arguments.append(String(rest))
            } else {
                stages[stages.count - 1].instructions.append((String(keyword), String(rest)))
            }
        }
        return (arguments, stages)
    }

    /// The packages that a stage installs.
    private func packages(_ stage: Stage) -> Set<String> {
        let run =
            stage.instructions.first { $0.keyword == "RUN" && $0.rest.contains("--no-install-recommends") }?.rest ?? ""
        let list =
            run.components(separatedBy: "--no-install-recommends").last?.components(separatedBy: "&&").first ?? ""
        return Set(list.split(separator: " ").map(String.init))
    }

    @Test("Every base image is a build argument that Compose fills in from .env")
    func everyBaseImageIsABuildArgumentFromEnv() throws {
        let (arguments, stages) = try stages()
        #expect(Set(arguments) == ["SWIFT_IMAGE", "DEBIAN_IMAGE", "COLLECTOR_IMAGE"])
        let names = Set(stages.map(\.name))
        for stage in stages {
            let isArgument = arguments.contains { stage.base == "${\($0)}" }
            #expect(isArgument || names.contains(stage.base), "\(stage.base)")
        }
        let build = try #require(try ComposeModel.model(.init())["executor"]?["build"])
        #expect(Set((build["args"]?.object?.members ?? []).map(\.name)) == Set(arguments))
        #expect(build["target"]?.string == "tailspan")
        #expect(build["context"]?.string == Repository.root.path)
        // Both for amd64 and arm64: no architecture is named anywhere.
        let text = try Repository.text("compose/Dockerfile").replacing("for amd64 or arm64", with: "")
        for name in ["x86_64", "aarch64", "amd64", "arm64"] { #expect(!text.contains(name)) }
    }

    @Test("Build and run time use the same release of Debian") func buildAndRunTimeUseOneDebianRelease() throws {
        let env = try Repository.text("compose/.env")
        #expect(env.contains(/SWIFT_IMAGE=\S+-bookworm[@\n]/))
        #expect(env.contains(/DEBIAN_IMAGE=\S+:bookworm-\d{8}-slim[@\n]/))
    }

    @Test("The build installs what `make setup` installs") func theBuildInstallsWhatMakeSetupInstalls() throws {
        let build = try #require(try stages().stages.first { $0.name == "build" })
        let makefile = try Repository.text("Makefile")
        let expected = try #require(makefile.firstMatch(of: /BUILD_LIBRARIES := (.*)/)).1.split(separator: " ")
        // Of `one|other` the image installs the one that its release of Debian has.
        let choices = expected.map { $0.split(separator: "|").map(String.init) }
        let installed = packages(build)
        #expect(choices.allSatisfy { $0.count { installed.contains($0) } == 1 })
        #expect(installed.count == choices.count)
        let release = try #require(makefile.firstMatch(of: /RELEASE := (.*)/)).1
        #expect(build.instructions.contains { $0.rest.contains("swift build \(release) ") })
        // Not `--strip-all`: the names in error stacks come from the symbol table.
        #expect(build.instructions.contains { $0.rest.contains("objcopy --strip-debug .build/release/tailspan ") })
    }

    @Test("Every library that the program links is in the image") func everyLinkedLibraryIsInTheImage() throws {
        let runtime = try #require(try stages().stages.first { $0.name == "runtime" })
        let installed = packages(runtime)
        let listing = try Tool.run("/usr/bin/env", ["ldd", ComposeTools.executable]).output
        var direct: Set<String> = []
        for line in try Tool.run("/usr/bin/env", ["readelf", "-d", ComposeTools.executable]).output.split(
            separator: "\n")
        {
            if let match = line.firstMatch(of: /\(NEEDED\).*\[(.+)\]/) { direct.insert(String(match.1)) }
        }
        #expect(direct.count > 5)
        for library in direct where !library.hasPrefix("libswift") {
            let line = listing.split(separator: "\n").first { $0.contains(library) }
            let path = try #require(line?.firstMatch(of: /(\/\S+)/), "\(library)").1
            let package = try package(of: String(path))
            // The C library is what makes Debian run at all.
            #expect(installed.contains(package) || package == "libc6", "\(library) is in \(package)")
        }
        // The release binary holds Swift's libraries, and these are what they need.
        #expect(installed.isSuperset(of: ["libstdc++6", "libgcc-s1", "ca-certificates"]))
        #expect(!installed.contains { $0.hasSuffix("-dev") })
    }

    /// The Debian package that a library is from; its folder may be known by its old name.
    private func package(of path: String) throws -> String {
        let real = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        for candidate in [path, real, real.replacing(/^\/usr/, with: ""), "/usr" + path] {
            let result = try Tool.run("/usr/bin/env", ["dpkg", "--search", candidate])
            if result.status == 0 { return String(result.output.prefix { $0 != ":" }) }
        }
        return "no package that is known: \(path)"
    }

    @Test("The image runs as the owner of its folders and has a health check")
    func theImageHasItsUserAndHealthCheck() throws {
        let (_, stages) = try stages()
        let final = try #require(stages.last)
        #expect(final.name == "tailspan" && final.base == "runtime")
        let runtime = try #require(stages.first { $0.name == "runtime" })
        #expect(runtime.instructions.contains { $0 == ("USER", "10001:10001") })
        #expect(!stages.flatMap(\.instructions).contains { $0.keyword == "USER" && $0.rest.hasPrefix("0") })
        #expect(final.instructions.contains { $0 == ("ENTRYPOINT", "[\"/usr/local/bin/tailspan\"]") })
        #expect(final.instructions.contains { $0.keyword == "HEALTHCHECK" && $0.rest.contains("\"healthcheck\"]") })
        let ports = final.instructions.first { $0.keyword == "EXPOSE" }?.rest.split(separator: " ").map { Int($0) }
        #expect(ports == ServiceRole.allCases.map(\.defaultPort))
        #expect(!stages.flatMap(\.instructions).contains { $0.keyword == "ADD" })
    }

    @Test("The build context holds every folder that Package.swift names and no build products")
    func theBuildContextHoldsEverySourceFolder() throws {
        let ignored = try Repository.text(".dockerignore").split(separator: "\n").filter { !$0.hasPrefix("#") }
        for folder in ["Sources", "Tests", "Benchmarks", "Package.swift"] {
            #expect(!ignored.contains(Substring(folder)))
        }
        for folder in [".git", ".build", ".tailspan", "compose"] { #expect(ignored.contains(Substring(folder))) }
    }
}
