import Foundation
import Testing

/// scripts/stack: digests, and the bundle for a room without internet. A failure leaves the previous state.
@Suite("Compose: make pin and make bundle") struct StackBundleTests {
    @Test("Pinning adds a digest to every fetched tag and changes nothing else")
    func pinningAddsADigestToEveryTag() throws {
        let room = try StackRoom()
        let mode = try room.mode("compose/.env")
        let before = try room.text("compose/.env").split(separator: "\n", omittingEmptySubsequences: false)
        let result = try room.run("pin")
        #expect(result.status == 0, "\(result.output)")
        let after = try room.text("compose/.env").split(separator: "\n", omittingEmptySubsequences: false)
        #expect(before.count == after.count)
        for (old, new) in zip(before, after) {
            let isFetched = old.contains("_IMAGE=docker.io/")
            #expect(new == (isFetched ? old.prefix { $0 != "@" } + "@" + StackRoom.digest : old))
        }
        #expect(after.count { $0.hasSuffix(StackRoom.digest) } == 11)
        #expect(try room.mode("compose/.env") == mode)
        #expect(try room.names("compose").filter { $0.hasPrefix(".env") } == [".env"])
    }

    @Test(
        "A pin that cannot fetch an image changes nothing",
        arguments: [
            (nil, "grafana/no-such:3.6.15: the registry has no such image"),
            ("dial tcp: lookup registry-1.docker.io: no such host", "no answer from the internet"),
        ] as [(String?, String)])
    func aFailedPinChangesNothing(_ words: String?, _ expected: String) throws {
        let room = try StackRoom()
        let before = try room.text("compose/.env").replacing(
            "docker.io/grafana/loki:", with: "docker.io/grafana/no-such:")
        try room.write(before, to: "compose/.env")
        let result = try room.run("pin", environment: words.map { ["INSPECT_SAYS": $0] } ?? [:])
        #expect(result.status == 1)
        #expect(result.output.contains(expected), "\(result.output)")
        #expect(try room.text("compose/.env") == before)
        #expect(try room.names("compose").filter { $0.hasPrefix(".env") } == [".env"])
    }

    @Test("A bundle holds every running image by its tag and is checked before it is loaded")
    func aBundleHoldsEveryImageAndIsChecked() throws {
        let room = try StackRoom()
        let result = try room.run("bundle")
        #expect(result.status == 0, "\(result.output)")
        let save = try #require(try room.calls.last { $0.hasPrefix("save ") })
        let saved = Set(save.split(separator: " ").dropFirst().map(String.init))
        let running = try ComposeModel.everyService().map { $0.service.image.prefix { $0 != "@" } }
        #expect(saved == Set(running.map(String.init)))
        // What was pulled by digest is given its tag, since only that survives.
        for image in try ComposeModel.everyService().map(\.service.image) where image.contains("@") {
            #expect(try room.calls.contains("tag \(image) \(image.prefix { $0 != "@" })"))
        }
        #expect(try !room.text("compose/bundle/images.env").contains("@sha256"))
        #expect(try room.names("compose/bundle") == ["images.env", "images.tar.gz", "SHA256SUMS"])

        let loaded = try room.run("bundle-load")
        #expect(loaded.status == 0, "\(loaded.output)")
        #expect(try room.calls.last == "load --input compose/bundle/images.tar.gz")
        let started = try room.run("up", environment: ["OVERLAYS": "offline"])
        #expect(started.status == 0, "\(started.output)")
        let up = try #require(try room.calls.last)
        #expect(
            up.contains(
                "--env-file compose/bundle/images.env -f compose/compose.yaml -f compose/compose.offline.yaml up"))
        #expect(!up.contains("--build"))

        try room.write("damaged", to: "compose/bundle/images.tar.gz")
        let damaged = try room.run("bundle-load")
        #expect(damaged.status == 1)
        #expect(damaged.output.contains("is damaged"))
    }

    @Test("The bundle takes image names from the environment, then .env.local, then .env")
    func theBundleUsesTheNamesOfTheBuild() throws {
        let room = try StackRoom()
        try room.write(
            "TAILSPAN_IMAGE=mine:1\nTEMPO_IMAGE=registry.example.com/tempo:2@\(StackRoom.digest)\n",
            to: "compose/.env.local")
        let result = try room.run("bundle", environment: ["LOKI_IMAGE": "registry.example.com/loki:3"])
        #expect(result.status == 0, "\(result.output)")
        #expect(try room.environment("TAILSPAN_IMAGE") == "mine:1")
        let save = try #require(try room.calls.last { $0.hasPrefix("save ") })
        let names = try room.text("compose/bundle/images.env")
        for (name, image) in [
            ("TAILSPAN_IMAGE", "mine:1"), ("LOKI_IMAGE", "registry.example.com/loki:3"),
            ("TEMPO_IMAGE", "registry.example.com/tempo:2"),
        ] {
            #expect(save.contains(" \(image)"), "\(save)")
            #expect(names.contains("\(name)=\(image)\n"), "\(names)")
        }
        // Fetched, wherever from; what was built is not asked for.
        #expect(try room.calls.contains("pull --quiet registry.example.com/loki:3"))
        #expect(try !room.calls.contains("pull --quiet mine:1"))
        // Offline, the loaded tag counts, not the digest of .env.local, which no loaded image has.
        _ = try room.run("up", environment: ["OVERLAYS": "offline"])
        #expect(try room.environment("TEMPO_IMAGE") == nil)
    }

    @Test(
        "A failed bundle keeps the old one and leaves nothing behind",
        arguments: [
            ("BUILD_SAYS", "failed to solve: process swift build did not complete", "could not be built"),
            ("PULL_SAYS", "dial tcp: lookup registry-1.docker.io: no such host", "no answer from the internet"),
            ("PULL_SAYS", "what nobody knows", "cannot be fetched"),
            ("SAVE_SAYS", "write /dev/stdout: no space left on device", "the disk is full"),
            ("SAVE_SAYS", "what nobody knows", "could not be packed"), ("PROFILES", "metrcs", "not metrcs"),
        ])
    func aFailedBundleKeepsTheOldOne(_ name: String, _ words: String, _ expected: String) throws {
        let room = try StackRoom()
        let first = try room.run("bundle", environment: [name: words])
        #expect(first.status == (name == "PROFILES" ? 2 : 1))
        #expect(first.output.contains(expected), "\(first.output)")
        #expect(try room.names("compose").filter { $0.hasPrefix("bundle") } == [])

        #expect(try room.run("bundle").status == 0)
        let before = try ["images.env", "SHA256SUMS"].map { try room.text("compose/bundle/" + $0) }
        let again = try room.run("bundle", environment: [name: words, "LOKI_IMAGE": "other:1"])
        #expect(again.status != 0)
        #expect(try ["images.env", "SHA256SUMS"].map { try room.text("compose/bundle/" + $0) } == before)
        #expect(try room.names("compose").filter { $0.hasPrefix("bundle") } == ["bundle"])
        #expect(try room.run("bundle-load").status == 0)
    }

    @Test("A bundle that an interrupted run left aside is found again")
    func aBundleLeftByAnInterruptedRunIsFoundAgain() throws {
        let room = try StackRoom()
        #expect(try room.run("bundle").status == 0)
        let bundle = room.folder.appending(path: "compose/bundle")
        try FileManager.default.moveItem(at: bundle, to: room.folder.appending(path: "compose/bundle.old"))
        #expect(try room.run("bundle-load").status == 0)
    }

    @Test("A bundle that lacks a file or cannot be loaded is reported") func aBrokenBundleIsReported() throws {
        let room = try StackRoom()
        let none = try room.run("bundle-load")
        #expect(none.status == 1 && none.output.contains("there is no compose/bundle/images.tar.gz"))
        #expect(try room.run("bundle").status == 0)
        let full = try room.run("bundle-load", environment: ["LOAD_SAYS": "no space left on device"])
        #expect(full.status == 1 && full.output.contains("the disk is full"), "\(full.output)")
        try FileManager.default.removeItem(at: room.folder.appending(path: "compose/bundle/SHA256SUMS"))
        #expect(try room.run("bundle-load").output.contains("there is no compose/bundle/SHA256SUMS"))
    }
}
