import Foundation
import Testing

/// scripts/stack: a failure is reported with the cause that the engine's words reveal.
@Suite("Compose: the causes of a failed make stack") struct StackCausesTests {
    /// Words of Docker Engine 25 to 29 and Docker Desktop, and what is to be said of them.
    static let starting: [(words: String, expected: [String])] = [
        (
            "Error response from daemon: failed to set up container networking: driver failed programming external "
                + "connectivity on endpoint tailspan-grafana-1 (c840fe83): Bind for 127.0.0.1:3000 failed: port is "
                + "already allocated", ["port 3000 is taken", "GRAFANA_PORT=13000 make stack"]
        ),
        (
            "Error response from daemon: failed to bind host port for 127.0.0.1:4318:172.18.0.2:4318/tcp: address "
                + "already in use", ["port 4318 is taken", "OTLP_HTTP_PORT=14318 make stack"]
        ),
        (
            "Ports are not available: exposing port TCP 127.0.0.1:3100 -> 127.0.0.1:0: listen tcp 127.0.0.1:3100: "
                + "bind: address already in use", ["port 3100 is taken", "LOKI_PORT=13100 make stack"]
        ),
        (
            "Error response from daemon: Get \"https://registry-1.docker.io/v2/\": dial tcp: lookup "
                + "registry-1.docker.io on 10.0.0.53:53: dial udp 10.0.0.53:53: connect: network is unreachable",
            ["no answer from the internet", "make bundle"]
        ),
        (
            "failed to solve: docker.io/library/swift:6.3.3-bookworm: failed to resolve source metadata for "
                + "docker.io/library/swift:6.3.3-bookworm: failed to do request: Head "
                + "\"https://registry-1.docker.io/v2/library/swift\": dial tcp: lookup registry-1.docker.io: no such host",
            ["no answer from the internet"]
        ),
        (
            "failed to solve: swift:9: failed to resolve source metadata for docker.io/library/swift:9: "
                + "docker.io/library/swift:9: not found", ["the registry has no such image", "compose/.env"]
        ),
        ("manifest for grafana/loki:9 not found: manifest unknown", ["the registry has no such image"]),
        ("toomanyrequests: You have reached your pull rate limit.", ["its limit is reached", "docker login"]),
        (
            "failed to register layer: write /usr/bin/x: no space left on device",
            ["the disk is full", "docker system df"]
        ),
        (
            "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock",
            ["you may not use the Docker engine", "usermod"]
        ),
        (
            "ERROR: process \"/bin/sh -c swift build\" did not complete successfully: exit code: 137",
            ["too little memory"]
        ),
        ("failed to solve: process \"/bin/sh -c swift build\" did not complete: exit code: 1", ["could not be built"]),
        ("compose build requires buildx 0.17 or later", ["docker-buildx-plugin"]),
        (
            "dependency failed to start: container tailspan-tasks-1 is unhealthy",
            ["not everything became healthy: tasks", "docker compose -p tailspan logs tasks says why"]
        ),
        ("container tailspan-loki-1 exited (1)", ["not everything became healthy: loki"]),
        ("container tailspan-shipper is unhealthy", ["not everything became healthy: promtail"]),
        ("container tailspan-metrics is unhealthy", ["not everything became healthy: prometheus"]),
        ("Error response from daemon: No such image: tailspan:0.2.0", ["an image is not on this machine"]),
        ("something that nobody has seen yet", ["not everything was started", "logs SERVICE says more"]),
    ]

    @Test("A failed start shows its cause and the engine's own words", arguments: starting.indices)
    func aFailedStartShowsItsCause(_ index: Int) throws {
        let (words, expected) = Self.starting[index]
        let room = try StackRoom()
        let result = try room.run("up", environment: ["UP_SAYS": words])
        #expect(result.status == 1)
        #expect(result.output.contains(words))
        for text in expected { #expect(result.output.contains(text), "\(result.output)") }
        // No hint but the right one.
        for (other, texts) in Self.starting where !words.contains(other) && texts[0] != expected[0] {
            #expect(!result.output.contains(texts[0]), "\(result.output)")
        }
        #expect(!result.output.contains("Prove the link"))
        #expect(try room.calls.last?.hasSuffix(" ps --all") == true)
    }

    @Test("The advice names the port that was requested") func theAdviceNamesTheRequestedPort() throws {
        let result = try StackRoom().run(
            "up",
            environment: [
                "GATEWAY_PORT": "9000", "UP_SAYS": "Bind for 127.0.0.1:9000 failed: port is already allocated",
            ])
        #expect(result.output.contains("GATEWAY_PORT=19000 make stack"), "\(result.output)")
    }

    @Test("A failure without a message gets advice on where to look") func aSilentFailureGetsAdvice() throws {
        let room = try StackRoom()
        let result = try room.run("up", environment: ["UP_STATUS": "1"])
        #expect(result.status == 1)
        #expect(result.output.contains("not everything was started"))
    }

    @Test(
        "An unreachable engine and one without permission are told apart",
        arguments: [
            (
                "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
                "Start it:"
            ),
            (
                "failed to connect to the docker API at unix:///var/run/docker.sock; check if the path is correct and "
                    + "if the daemon is running: dial unix: no such file", "Start it:"
            ),
            (
                "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: "
                    + "dial unix /var/run/docker.sock: connect: permission denied", "usermod -aG docker"
            ),
            ("permission denied while trying to connect to the docker API at unix:///var/run/docker.sock", "usermod"),
        ])
    func anUnreachableAndAForbiddenEngineAreToldApart(_ words: String, _ expected: String) throws {
        for command in ["up", "down", "bundle"] {
            let result = try StackRoom().run(command, environment: ["ENGINE_SAYS": words])
            #expect(result.status == 1)
            #expect(result.output.contains(words) && result.output.contains(expected), "\(result.output)")
            #expect(result.output.contains("usermod") != result.output.contains("Start it:"), "\(result.output)")
            #expect(result.output.contains("make up"))
        }
    }

    @Test("An engine address from DOCKER_HOST is named") func anAddressFromDOCKERHOSTIsNamed() throws {
        let result = try StackRoom().run(
            "up",
            environment: [
                "DOCKER_HOST": "tcp://127.0.0.1:9",
                "ENGINE_SAYS":
                    "Cannot connect to the Docker daemon at tcp://127.0.0.1:9. Is the docker daemon running?",
            ])
        #expect(result.output.contains("does not answer at tcp://127.0.0.1:9, where DOCKER_HOST"), "\(result.output)")
    }

    @Test("Files or settings that Compose refuses end the start with its words")
    func anErrorOfComposeEndsTheStart() throws {
        let room = try StackRoom()
        let result = try room.run("up", environment: ["RM_SAYS": "required variable S3_ENDPOINT is missing"])
        #expect(result.status == 1)
        #expect(result.output.contains("required variable S3_ENDPOINT is missing"))
        #expect(result.output.contains("does not take the files and settings"))
        #expect(try !room.calls.contains { $0.contains(" up ") })
    }

    @Test("Missing images are reported before an offline start", arguments: [true, false])
    func missingImagesAreReportedBeforeAnOfflineStart(_ hasBundle: Bool) throws {
        let room = try StackRoom()
        if hasBundle { #expect(try room.run("bundle").status == 0) }
        let result = try room.run("up", environment: ["OVERLAYS": "offline", "MISSING": "tempo:1"])
        #expect(result.status == 1)
        #expect(result.output.contains("OVERLAYS=offline fetches none") && result.output.contains("Missing: tempo:1\n"))
        let expected = hasBundle ? "Load them: make bundle-load" : "Run 'make bundle' where there is internet"
        #expect(result.output.contains(expected), "\(result.output)")
        #expect(try !room.calls.contains { $0.contains(" up ") || $0.contains(" rm ") })
        #expect(try room.run("up", environment: ["OVERLAYS": "offline"]).status == 0)
    }

    @Test("Unlabelled mounts are named as a possible cause where SELinux is enforcing")
    func unlabelledMountsAreNamedAsACauseUnderSELinux() throws {
        let room = try StackRoom()
        try room.program("getenforce", saying: "Enforcing")
        let words = "container tailspan-loki-1 exited (1)"
        let declined = try room.run("up", environment: ["UP_SAYS": words, "SELINUX": "false"])
        #expect(declined.output.contains("SELINUX=true make stack"), "\(declined.output)")
        #expect(try !room.run("up", environment: ["UP_SAYS": words]).output.contains("SELINUX=true make stack"))
    }
}
