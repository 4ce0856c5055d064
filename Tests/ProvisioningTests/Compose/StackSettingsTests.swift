import Encoding
import Foundation
import Testing

/// scripts/stack: settings in the environment and in compose/.env.local, and the generated password.
@Suite("Compose: the settings of make stack") struct StackSettingsTests {
    @Test(
        "An invalid value is refused with what is expected",
        arguments: [
            ("SHIPPER", "fluentd", "expected promtail, alloy or collector"),
            ("SHIPPER", "Promtail", "expected promtail, alloy or collector"),
            ("TRACES", "zipkin", "expected tempo or jaeger"),
            ("METRICS", "mimir", "expected prometheus or victoriametrics"),
            ("TENANT", "room a", "expected 1 to 150 letters, digits or any of"), ("TENANT", "..", "expected 1 to 150"),
            ("ROOMS", "room-b", "expected with TENANT"), ("ROOMS", "a|b", "names of rooms, separated by commas"),
            ("PROFILES", "metrcs", "expected metrics, load or both, not metrcs"),
            ("PROFILES", "metrics,laod", "expected metrics, load or both, not laod"),
            ("PROFILES", "metrics alloy", "expected metrics, load or both, not alloy"),
            ("OVERLAYS", "dev nix", "There are: dev docker-logs macos offline s3"),
            ("LOG_FORMAT", "jsn", "expected json or text"), ("LOG_LEVEL", "verbose", "expected trace, debug, info,"),
            ("GRAFANA_LOG_LEVEL", "warning", "expected debug, info, warn, error or critical"),
            ("OTEL_TRACES_SAMPLER", "parent", "expected always_on,"),
            ("OTEL_TRACES_SAMPLER_ARG", "10%", "from 0 to 1"), ("OTEL_TRACES_SAMPLER_ARG", "1.5", "from 0 to 1"),
            ("FAULTS_FROM_REQUESTS", "ture", "expected true or false"),
            ("FAULTS_HIDDEN", "y", "expected true or false"),
            ("SELINUX", "yes", "expected true or false"), ("S3_INSECURE", "1", "expected true or false"),
            ("LOKI_RETENTION", "30", "expected hours, days"), ("LOKI_RETENTION", "30 d", "expected hours, days"),
            ("TEMPO_RETENTION", "7d", "expected hours, such as 168h"), ("PROMETHEUS_RETENTION", "x", "expected hours"),
            ("LOAD_RATE", "ten", "a number of requests a second"), ("LOAD_SEED", "-1", "a whole number"),
            ("LOAD_DURATION", "5", "a duration, such as"), ("EXECUTOR_THREADS", "0", "a whole number from 1"),
            ("SHIP_DROP_LEVELS", "trace,debug", "levels separated by |"),
            ("GRAFANA_PORT", "grafana", "expected a port"), ("LOKI_PORT", "70000", "expected a port"),
            ("OTLP_HTTP_PORT", "0", "expected a port"), ("TASKS_PORT", "08081", "expected a port"),
            ("GRAFANA_PORT", "8080", "are both 8080"),
        ])
    func anInvalidValueIsRefused(_ name: String, _ value: String, _ message: String) throws {
        let room = try StackRoom()
        let result = try room.run("up", environment: [name: value])
        #expect(result.status == 2, "\(result.output)")
        #expect(result.output.contains(message) && result.output.contains(name), "\(result.output)")
        #expect(try !room.calls.contains { $0.contains(" up ") || $0.contains(" rm ") })
        // Nothing was made, either.
        #expect(try !room.names("compose").contains(".env.local"))
    }

    @Test("Settings for Promtail are refused for other shippers", arguments: ["alloy", "collector"])
    func promtailSettingsAreRefusedForOtherShippers(_ shipper: String) throws {
        let room = try StackRoom()
        let result = try room.run("up", environment: ["OVERLAYS": "dev,docker-logs", "SHIPPER": shipper])
        #expect(result.status == 2)
        #expect(result.output.contains("is for SHIPPER=promtail only, not for \(shipper)"), "\(result.output)")
    }

    @Test(
        "Every valid value is accepted, and an empty one is the default",
        arguments: [
            [:], ["SHIPPER": "collector", "TRACES": "jaeger", "PROFILES": "load,metrics", "OVERLAYS": "dev,macos"],
            ["PROFILES": "metrics", "LOG_FORMAT": "TEXT", "LOG_LEVEL": "Warning", "FAULTS_HIDDEN": "false"],
            ["OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.25", "LOKI_RETENTION": "30d"],
            ["TEMPO_RETENTION": "720h", "LOAD_RATE": "0.5", "LOAD_DURATION": "1h30m", "LOAD_SEED": "0"],
            ["SHIP_DROP_LEVELS": "none"], ["SHIP_DROP_LEVELS": "trace|debug|info"], ["GRAFANA_PORT": "65535"],
            ["SHIPPER": "", "TRACES": "", "PROFILES": "", "OVERLAYS": "", "LOG_FORMAT": "", "GRAFANA_PORT": ""],
            // A port of what does not run is nobody's.
            ["GRAFANA_PORT": "9090"],
            ["METRICS": "prometheus"], ["METRICS": "victoriametrics", "PROFILES": "metrics,load"],
            ["TENANT": "room-a"], ["TENANT": "a.b'(c)*!_-", "ROOMS": "room-b, room-c"], ["TENANT": "", "ROOMS": ""],
        ])
    func everyValidValueIsAccepted(_ environment: [String: String]) throws {
        let result = try StackRoom().run("up", environment: environment)
        #expect(result.status == 0, "\(result.output)")
    }

    @Test("Every variable is checked except those that take any value") func everyRestrictedVariableIsChecked() throws {
        let model = try #require(try ComposeModel.models([.everything]).first)
        let read = try #require(model.json["x-variables"]?.array).compactMap(\.string)
        let script = try Repository.text("scripts/stack.d/settings.sh")
        // Names, addresses, secrets and folders, which nobody but their owner can judge.
        let free: Set = [
            "ADMIN_TOKEN", "DEPLOYMENT_ENVIRONMENT", "GATEWAY_TOKEN", "GRAFANA_ADMIN_PASSWORD", "REGION",
        ]
        for name in read where !name.hasSuffix("_IMAGE") && !name.hasSuffix("_PORT") && !free.contains(name) {
            #expect(script.contains(name), "\(name)")
        }
    }

    @Test("A misspelt variable is pointed out", arguments: ["OVERLAY", "PROFILE", "SHIPPERS"])
    func aMisspeltVariableIsPointedOut(_ name: String) throws {
        let result = try StackRoom().run("up", environment: [name: "metrics"])
        #expect(result.status == 0)
        #expect(result.output.contains("nobody reads \(name); if you mean"), "\(result.output)")
    }

    // MARK: .env.local

    @Test("The settings in .env.local take effect unless the environment overrides them")
    func localSettingsYieldToTheEnvironment() throws {
        let room = try StackRoom()
        try room.write(
            """
            # SHIPPER=collector
            SHIPPER=alloy
            export TRACES="jaeger"   # and Tempo
            PROFILES = 'metrics,load'
            OVERLAYS=dev s3
            GRAFANA_PORT=13000 # taken
            GATEWAY_PORT=18080\r
            JAEGER_PORT=26686
            GRAFANA_ADMIN_PASSWORD='a$b \\c'
            LOKI_PORT=1
            LOKI_PORT=13100
            """, to: "compose/.env.local")
        let result = try room.run("up", environment: ["JAEGER_PORT": "36686"])
        #expect(result.status == 0, "\(result.output)")
        let files = "-f compose/compose.yaml -f compose/compose.dev.yaml -f compose/compose.s3.yaml"
        let calls = try room.calls.suffix(2)
        #expect(
            calls.first?.hasSuffix("\(files) --profile * rm --stop --force promtail collector victoriametrics") == true,
            "\(calls)")
        #expect(calls.last?.contains("\(files) up --detach") == true, "\(calls)")
        for (name, value) in [
            ("SHIPPER", "alloy"), ("TRACES", "jaeger"), ("PROFILES", "metrics,load"), ("GRAFANA_PORT", "13000"),
            ("GATEWAY_PORT", "18080"), ("JAEGER_PORT", "36686"), ("GRAFANA_ADMIN_PASSWORD", #"a$b \c"#),
        ] {
            #expect(try room.environment(name) == value)
        }
        for address in ["13000", "18080/v1/tasks", "13100", "3200", "9090", "36686"] {
            #expect(result.output.contains("http://127.0.0.1:\(address)\n"), "\(result.output)")
        }

        // Set, though to nothing.
        _ = try room.run("up", environment: ["SHIPPER": "promtail", "PROFILES": "", "OVERLAYS": ""])
        #expect(
            try room.calls.suffix(2).first?.hasSuffix(
                "-f compose/compose.yaml --profile * rm --stop --force alloy collector prometheus victoriametrics load")
                == true)
    }

    @Test(
        "A local setting that only Compose could interpolate is refused",
        arguments: ["${HOME}/logs", #""$HOME/logs""#, #"C:\logs"#])
    func composeInterpolationInLocalSettingsIsRefused(_ value: String) throws {
        let room = try StackRoom()
        try room.write("LOG_FOLDER=\(value)\n", to: "compose/.env.local")
        let result = try room.run("up")
        #expect(result.status == 2)
        #expect(result.output.contains("compose/.env.local: the value of LOG_FOLDER"), "\(result.output)")
    }

    @Test("Unknown names in .env.local are pointed out") func unknownNamesInLocalSettingsArePointedOut() throws {
        let room = try StackRoom()
        try room.write(
            "GRAFNA_PORT=1\nGATEWAY_PORT=18080\nCOMPOSE_BAKE=true\nhttp_proxy=http://p:1\nLOKI_IMAGE=a:1\nS3_REGION=eu\n",
            to: "compose/.env.local")
        let result = try room.run("up")
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.contains("compose/.env.local: nobody reads GRAFNA_PORT"))
        #expect(result.output.components(separatedBy: "nobody reads").count == 2, "\(result.output)")
    }

    @Test("A password is created once, is readable by its owner alone and is not printed")
    func aPasswordIsCreatedOnceAndKeptPrivate() throws {
        let room = try StackRoom()
        let first = try room.run("up")
        let file = try room.text("compose/.env.local")
        let password = try #require(file.wholeMatch(of: /GRAFANA_ADMIN_PASSWORD=([A-Za-z0-9_-]{24})\n/)).1
        #expect(!first.output.contains(password))
        #expect(try room.mode("compose/.env.local") == 0o600)
        _ = try room.run("up")
        #expect(try room.text("compose/.env.local") == file)
        let other = try StackRoom()
        _ = try other.run("up")
        #expect(try other.text("compose/.env.local") != file)
        // And git never sees it.
        #expect(try Repository.text("compose/.gitignore").contains("\n.env.local\n"))
    }

    @Test(
        "An existing file becomes private to its owner, with a message, and loses nothing",
        arguments: [(0o644, true), (0o640, true), (0o604, true), (0o660, true), (0o600, false), (0o400, false)])
    func anExistingFileBecomesPrivate(_ mode: Int, _ isSaid: Bool) throws {
        for text in ["LOKI_PORT=13100", "LOKI_PORT=13100\n", "GRAFANA_ADMIN_PASSWORD=mine", ""] {
            let room = try StackRoom()
            try room.write(text, to: "compose/.env.local")
            try room.allow(mode, "compose/.env.local")
            let result = try room.run("up")
            #expect(result.status == 0, "\(result.output)")
            let after = try #require(try room.mode("compose/.env.local"))
            #expect(after & 0o077 == 0, "\(String(after, radix: 8))")
            #expect(result.output.contains("could be read by others; now only its owner can") == isSaid)
            let lines = try room.text("compose/.env.local").split(separator: "\n")
            #expect(lines.count { $0.hasPrefix("GRAFANA_ADMIN_PASSWORD=") } == 1)
            #expect(lines.contains("LOKI_PORT=13100") == text.hasPrefix("LOKI"), "\(lines)")
            #expect(try room.names("compose").filter { $0.hasPrefix(".env.") } == [".env.local"])
        }
    }

    @Test("A password from the environment is used as it is") func aPasswordFromTheEnvironmentIsUsed() throws {
        let room = try StackRoom()
        let result = try room.run("up", environment: ["GRAFANA_ADMIN_PASSWORD": "mine"])
        #expect(result.status == 0)
        #expect(!FileManager.default.fileExists(atPath: room.folder.path + "/compose/.env.local"))
    }
}
