// swift-tools-version: 6.2

import Foundation
import PackageDescription

/// Whether the system has llhttp as a library (package libllhttp-dev).
let hasLLHTTP = FileManager.default.fileExists(atPath: "/usr/include/llhttp.h")

/// Every target is compiled with the same strictness: Swift 6 mode, explicit existentials, warnings are errors.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

/// A module on its floor. It declares exactly what it imports, and imports downward only: `scripts/floors` checks both.
func module(_ floor: String, _ name: String, _ dependencies: [String] = []) -> Target {
    .target(
        name: name, dependencies: dependencies.map { .init(stringLiteral: $0) }, path: "Sources/\(floor)/\(name)",
        swiftSettings: strict)
}

/// The executable.
func program(_ floor: String, _ name: String, _ dependencies: [String]) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies.map { .init(stringLiteral: $0) }, path: "Sources/\(floor)/\(name)",
        swiftSettings: strict)
}

/// The tests of a module, in a mirrored folder; those of the whole stand on no floor.
func tests(_ floor: String?, _ name: String, _ dependencies: [String]) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: dependencies.map { .init(stringLiteral: $0) },
        path: "Tests/" + (floor.map { $0 + "/" } ?? "") + name + "Tests", swiftSettings: strict)
}

/// What tests share.
func support(_ name: String, _ dependencies: [String] = []) -> Target {
    .target(
        name: name, dependencies: dependencies.map { .init(stringLiteral: $0) }, path: "Tests/Support/\(name)",
        swiftSettings: strict)
}

/// A C library found on the system: a module map and a shim header, nothing else.
func library(_ name: String, _ pkgConfig: String, apt: String) -> Target {
    .systemLibrary(name: name, path: "Sources/System/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

let package = Package(
    name: "tailspan",
    products: [.executable(name: "tailspan", targets: ["tailspan"])],
    targets: [
        // System: C libraries of the system.
        library("CSQLite", "sqlite3", apt: "libsqlite3-dev"),
        library("CZlib", "zlib", apt: "zlib1g-dev"),
        library("CYAML", "yaml-0.1", apt: "libyaml-dev"),
        .systemLibrary(name: "CLinux", path: "Sources/System/CLinux"),
        // Needs the headers of libcurl (apt: libcurl4-openssl-dev) and loads the library when it is used.
        .target(name: "CCurl", path: "Sources/System/CCurl"),
        // llhttp is a library in newer systems, C sources in Debian 12: see the target's header.
        .target(
            name: "CLLHTTP", path: "Sources/System/CLLHTTP", cSettings: [.headerSearchPath("private")],
            linkerSettings: hasLLHTTP ? [.linkedLibrary("llhttp")] : []),
        // RE2 is C++ (apt: libre2-dev); this gives it C functions.
        .target(name: "CRE2", path: "Sources/System/CRE2", linkerSettings: [.linkedLibrary("re2")]),

        // API: Modelled on the Swift server ecosystem: nothing of ours below.
        module("API", "Logging"),
        module("API", "Metrics"),
        module("API", "ServiceLifecycle", ["Logging"]),
        module("API", "Tracing"),

        // Base: What everything else stands on; knows no telemetry SDK and no service.
        module("Base", "Encoding", ["CLinux", "CZlib"]),
        module("Base", "EventLoop", ["CLinux", "Encoding"]),
        module("Base", "Vocabulary"),
        module(
            "Base", "HTTP",
            [
                "CCurl", "CLLHTTP", "CLinux", "Encoding", "EventLoop", "Logging", "Metrics", "ServiceLifecycle",
                "Tracing", "Vocabulary",
            ]),
        module("Base", "Configuration", ["Encoding", "HTTP", "Vocabulary"]),
        module("Base", "FileSystem"),
        module("Base", "Messaging", ["Tracing", "Vocabulary"]),
        module("Base", "RegularExpressions", ["CRE2"]),
        module("Base", "SQLite", ["CSQLite", "Encoding"]),
        module("Base", "YAML", ["CYAML", "Encoding"]),

        // Telemetry: The OpenTelemetry SDK, Prometheus and log output.
        module("Telemetry", "TraceContext", ["Encoding", "Tracing", "Vocabulary"]),
        module(
            "Telemetry", "LogOutput",
            [
                "Configuration", "Encoding", "EventLoop", "HTTP", "Logging", "Metrics", "TraceContext", "Tracing",
                "Vocabulary",
            ]),
        module("Telemetry", "OTLP", ["Encoding", "TraceContext", "Tracing"]),
        module(
            "Telemetry", "OTelSDK",
            [
                "Encoding", "EventLoop", "HTTP", "Logging", "Metrics", "OTLP", "TraceContext", "Tracing",
                "Vocabulary",
            ]),
        module("Telemetry", "Prometheus", ["Encoding", "Metrics"]),

        // Faults: Rules, kinds and hooks: laid on, never woven in.
        module(
            "Faults", "FaultRules",
            [
                "Encoding", "FileSystem", "Logging", "Metrics", "TraceContext", "Tracing", "Vocabulary",
            ]),
        module(
            "Faults", "FaultKinds",
            [
                "Encoding", "EventLoop", "FaultRules", "HTTP", "Logging", "LogOutput", "Metrics", "SQLite",
                "TraceContext", "Tracing", "Vocabulary",
            ]),
        module(
            "Faults", "FaultControl",
            [
                "Configuration", "Encoding", "FaultKinds", "FaultRules", "HTTP", "Logging", "Metrics", "Vocabulary",
            ]),
        module(
            "Faults", "FaultHooks",
            [
                "Encoding", "EventLoop", "FaultKinds", "FaultRules", "HTTP", "Logging", "LogOutput", "Messaging",
                "OTelSDK", "SQLite", "TraceContext", "Tracing", "Vocabulary",
            ]),

        // Services: The four services and what they are made of.
        module(
            "Services", "Contracts",
            [
                "Configuration", "Encoding", "EventLoop", "HTTP", "Logging", "Messaging", "Metrics",
                "ServiceLifecycle", "SQLite", "Tracing", "Vocabulary",
            ]),
        module(
            "Services", "Executor",
            [
                "Configuration", "Contracts", "Encoding", "EventLoop", "HTTP", "Logging", "Metrics",
                "ServiceLifecycle", "Tracing", "Vocabulary",
            ]),
        module(
            "Services", "Gateway",
            [
                "Configuration", "Contracts", "Encoding", "HTTP", "ServiceLifecycle", "Vocabulary",
            ]),
        module(
            "Services", "Payments",
            [
                "Configuration", "Contracts", "Encoding", "HTTP", "Logging", "ServiceLifecycle", "SQLite",
                "Vocabulary",
            ]),
        module(
            "Services", "ServiceKit",
            [
                "CLinux", "Configuration", "Contracts", "Encoding", "EventLoop", "FaultControl", "FaultHooks",
                "FaultKinds", "FaultRules", "HTTP", "Logging", "LogOutput", "Metrics", "OTelSDK", "Prometheus",
                "ServiceLifecycle", "TraceContext", "Tracing", "Vocabulary",
            ]),
        module(
            "Services", "Tasks",
            [
                "Configuration", "Contracts", "Encoding", "EventLoop", "HTTP", "Logging", "Messaging", "Metrics",
                "ServiceLifecycle", "SQLite", "Tracing", "Vocabulary",
            ]),

        // Pocket: Loki, Tempo and the console in one process.
        module("Pocket", "QuerySupport", ["RegularExpressions"]),
        module("Pocket", "LogQL", ["Encoding", "QuerySupport", "RegularExpressions", "Vocabulary"]),
        module("Pocket", "TraceQL", ["QuerySupport", "RegularExpressions", "Vocabulary"]),
        module(
            "Pocket", "PocketStore",
            [
                "CLinux", "Encoding", "EventLoop", "Logging", "LogQL", "Metrics", "OTLP", "QuerySupport",
                "RegularExpressions", "ServiceLifecycle", "SQLite", "TraceContext", "TraceQL", "Vocabulary",
            ]),
        module(
            "Pocket", "PocketAPI",
            [
                "Encoding", "HTTP", "Logging", "LogQL", "Metrics", "OTLP", "PocketStore", "QuerySupport",
                "TraceContext", "TraceQL", "Vocabulary",
            ]),
        // Pages, scripts and style sheets, embedded by the C compiler: see scripts/console-files.
        .target(
            name: "ConsoleFiles", path: "Sources/Pocket/ConsoleFiles",
            exclude: [
                "embed.inc", "exercises", "faults", "incidents", "logs", "overview", "send", "shell", "trace", "traces",
            ]),
        module(
            "Pocket", "PocketConsole",
            [
                "ConsoleFiles", "Encoding", "FaultControl", "FaultRules", "FileSystem", "HTTP", "Logging", "LogQL",
                "OTelSDK", "OTLP", "PocketStore", "QuerySupport", "RegularExpressions", "SQLite", "TraceContext",
                "TraceQL", "Vocabulary",
            ]),
        module(
            "Pocket", "PocketStack",
            [
                "Configuration", "Encoding", "EventLoop", "FileSystem", "HTTP", "Logging", "LogQL", "Metrics",
                "PocketAPI", "PocketConsole", "PocketStore", "QuerySupport", "ServiceLifecycle", "SQLite",
                "Vocabulary",
            ]),

        // Lab: What sends, judges, plays and replays.
        module(
            "Lab", "Workload",
            [
                "Contracts", "Encoding", "EventLoop", "HTTP", "Logging", "Metrics", "OTelSDK", "TraceContext",
                "Tracing", "Vocabulary",
            ]),
        module(
            "Lab", "Verification",
            [
                "Contracts", "Encoding", "HTTP", "Logging", "OTLP", "RegularExpressions", "Vocabulary", "Workload",
                "YAML",
            ]),
        module(
            "Lab", "Incidents",
            [
                "Encoding", "EventLoop", "FaultControl", "FaultKinds", "FaultRules", "FileSystem", "HTTP",
                "Verification", "Vocabulary", "Workload", "YAML",
            ]),
        module(
            "Lab", "Replay",
            [
                "Configuration", "Encoding", "EventLoop", "FaultControl", "FaultKinds", "FaultRules", "HTTP",
                "ServiceKit", "TraceContext", "Verification", "Vocabulary", "Workload",
            ]),

        module(
            "Lab", "ConsoleControl",
            [
                "Configuration", "Contracts", "Encoding", "EventLoop", "FaultControl", "FaultKinds", "FaultRules",
                "FileSystem", "HTTP", "Incidents", "Logging", "Replay", "ServiceKit", "TraceContext", "Verification",
                "Vocabulary", "Workload",
            ]),

        // CLI: The executable.
        module("CLI", "Terminal", ["Encoding"]),
        module("CLI", "Arguments", ["Encoding", "Terminal"]),
        module(
            "CLI", "Supervision",
            [
                "Arguments", "CLinux", "Encoding", "EventLoop", "FileSystem", "HTTP", "Terminal", "Verification",
                "Vocabulary",
            ]),
        module(
            "CLI", "Rendering",
            [
                "Arguments", "Configuration", "Encoding", "FaultControl", "FaultRules", "HTTP", "Incidents", "Replay",
                "ServiceKit", "Supervision", "Terminal", "TraceContext", "Verification", "Vocabulary", "Workload",
            ]),
        program(
            "CLI", "tailspan",
            [
                "Arguments", "Configuration", "ConsoleControl", "Contracts", "Encoding", "EventLoop", "Executor",
                "FaultControl", "FaultKinds", "FaultRules", "FileSystem", "Gateway", "HTTP", "Incidents", "Logging",
                "LogOutput", "OTelSDK", "Payments", "PocketStack", "Prometheus", "Rendering", "Replay", "ServiceKit",
                "ServiceLifecycle", "Supervision", "Tasks", "Terminal", "TraceContext", "Tracing", "Verification",
                "Vocabulary", "Workload",
            ]),

        // What tests of several modules share; the first is for tests of anybody's services, too.
        support(
            "ServiceTesting",
            [
                "Contracts", "Encoding", "EventLoop", "HTTP", "Logging", "OTelSDK", "ServiceKit", "ServiceLifecycle",
                "TraceContext", "Tracing", "Vocabulary",
            ]),
        support("TestTools"),

        // What RFC 9112 asks of both ends as two tables, and messages that are mutations of them.
        support("HTTPConformance"),
        support(
            "HTTPFuzzing",
            ["Encoding", "EventLoop", "HTTP", "HTTPConformance", "Logging", "Metrics"]),
        .executableTarget(
            name: "http-fuzz", dependencies: ["HTTPFuzzing"], path: "Tests/Support/http-fuzz", swiftSettings: strict),

        // Speaks the W3C validation service's protocol, so that the public suite can be pointed at our propagator.
        .executableTarget(
            name: "trace-context-service",
            dependencies: [
                "Encoding", "EventLoop", "HTTP", "Logging", "Metrics", "OTelSDK", "Tracing",
            ],
            path: "Tests/Support/TraceContextService", swiftSettings: strict),

        // What the benchmarks need of our own code; the rest of them is in Python.
        .target(name: "CAllocationCounter", path: "Benchmarks/CAllocationCounter"),
        .executableTarget(
            name: "tailspan-bench",
            dependencies: [
                "Arguments", "CAllocationCounter", "Contracts", "Encoding", "EventLoop", "FaultHooks", "FaultKinds",
                "FaultRules", "HTTP", "Logging", "LogOutput", "Metrics", "OTelSDK", "OTLP", "Prometheus", "ServiceKit",
                "SQLite", "Terminal", "TraceContext", "Tracing", "Vocabulary",
            ],
            path: "Benchmarks/tailspan-bench", swiftSettings: strict),

        tests("API", "Logging", ["Logging"]),
        tests("API", "Metrics", ["Metrics"]),
        tests("API", "ServiceLifecycle", ["Logging", "ServiceLifecycle", "ServiceTesting"]),
        tests("API", "Tracing", ["Tracing"]),
        tests("Base", "Encoding", ["Encoding"]),
        tests("Base", "EventLoop", ["EventLoop", "ServiceTesting"]),
        tests(
            "Base", "HTTP",
            [
                "Encoding", "EventLoop", "HTTP", "HTTPConformance", "HTTPFuzzing", "Logging", "Metrics",
                "ServiceLifecycle", "ServiceTesting", "TestTools", "Tracing",
            ]),
        tests("Base", "RegularExpressions", ["RegularExpressions"]),
        tests("Base", "SQLite", ["CSQLite", "Encoding", "SQLite"]),
        tests("Base", "YAML", ["Encoding", "YAML"]),
        tests(
            "Telemetry", "LogOutput",
            [
                "Configuration", "Encoding", "EventLoop", "FaultHooks", "FaultKinds", "FaultRules", "HTTP", "Logging",
                "LogOutput", "Metrics", "ServiceTesting", "TraceContext", "Tracing", "Vocabulary",
            ]),
        tests(
            "Telemetry", "OTelSDK",
            [
                "Encoding", "EventLoop", "HTTP", "Logging", "Metrics", "OTelSDK", "OTLP", "ServiceTesting",
                "TestTools", "TraceContext", "Tracing",
            ]),
        tests("Telemetry", "Prometheus", ["Encoding", "Metrics", "Prometheus", "TestTools"]),
        tests("Telemetry", "TraceContext", ["HTTP", "TraceContext", "Tracing"]),
        tests(
            "Faults", "Faults",
            [
                "Configuration", "Contracts", "Encoding", "FaultControl", "FaultHooks", "FaultKinds", "FaultRules",
                "HTTP", "Logging", "Metrics", "OTelSDK", "Prometheus", "ServiceTesting", "TraceContext", "Tracing",
                "Vocabulary",
            ]),
        tests(
            "Services", "Contracts",
            [
                "Configuration", "Contracts", "EventLoop", "HTTP", "Logging", "Metrics", "ServiceTesting", "SQLite",
                "Vocabulary",
            ]),
        tests(
            "Services", "Executor",
            [
                "Contracts", "Encoding", "EventLoop", "Executor", "HTTP", "Logging", "OTelSDK", "ServiceTesting",
                "TraceContext", "Tracing", "Vocabulary",
            ]),
        tests(
            "Services", "Gateway",
            [
                "Encoding", "Gateway", "HTTP", "Logging", "OTelSDK", "ServiceTesting", "TraceContext", "Tracing",
            ]),
        tests(
            "Services", "Payments",
            [
                "Contracts", "Encoding", "EventLoop", "HTTP", "Logging", "Metrics", "OTelSDK", "Payments",
                "ServiceTesting", "SQLite", "TraceContext", "Tracing",
            ]),
        tests(
            "Services", "ServiceKit",
            [
                "Configuration", "Contracts", "Encoding", "EventLoop", "FaultControl", "FaultKinds", "FaultRules",
                "HTTP", "Logging", "LogOutput", "OTelSDK", "Prometheus", "ServiceKit", "ServiceLifecycle",
                "ServiceTesting", "TraceContext", "Tracing", "Vocabulary",
            ]),
        tests(
            "Services", "ServiceTesting",
            [
                "Configuration", "Contracts", "Encoding", "EventLoop", "HTTP", "Logging", "OTelSDK",
                "ServiceLifecycle", "ServiceTesting", "TraceContext", "Tracing", "Vocabulary",
            ]),
        tests(
            "Services", "Tasks",
            [
                "Contracts", "Encoding", "EventLoop", "HTTP", "Logging", "Messaging", "Metrics", "OTelSDK",
                "ServiceTesting", "SQLite", "Tasks", "TraceContext", "Tracing", "Vocabulary",
            ]),
        tests("Pocket", "LogQL", ["LogQL", "QuerySupport"]),
        tests(
            "Pocket", "PocketStack",
            [
                "Configuration", "Encoding", "EventLoop", "FaultControl", "FaultRules", "FileSystem", "HTTP", "Logging",
                "LogQL", "Metrics", "OTLP", "PocketAPI", "PocketConsole", "PocketStack", "PocketStore", "QuerySupport",
                "SQLite",
                "TestTools", "TraceContext",
                "TraceQL", "Vocabulary", "YAML",
            ]),
        tests("Pocket", "TraceQL", ["TraceQL"]),
        tests(
            "Lab", "Incidents",
            [
                "Encoding", "EventLoop", "FaultKinds", "FaultRules", "HTTP", "Incidents", "Rendering", "Terminal",
                "Vocabulary", "Workload",
            ]),
        tests(
            "Lab", "ConsoleControl",
            [
                "Configuration", "ConsoleControl", "Encoding", "EventLoop", "FaultControl", "FaultKinds", "FaultRules",
                "FileSystem", "HTTP", "Incidents", "Logging", "Metrics", "ServiceKit", "ServiceTesting", "TraceContext",
                "Vocabulary", "Workload",
            ]),
        tests(
            "Lab", "Replay",
            [
                "Encoding", "FaultKinds", "FaultRules", "HTTP", "Replay", "ServiceKit", "TraceContext", "Vocabulary",
            ]),
        tests(
            "Lab", "Verification",
            [
                "Contracts", "Encoding", "EventLoop", "HTTP", "Logging", "Rendering", "Terminal", "Verification",
                "Vocabulary", "Workload",
            ]),
        tests("Lab", "Workload", ["Encoding", "HTTP", "Vocabulary", "Workload"]),
        tests("CLI", "Arguments", ["Arguments", "Encoding", "Terminal"]),
        tests(
            "CLI", "Rendering",
            [
                "Encoding", "FaultRules", "Rendering", "Replay", "ServiceKit", "Supervision", "Terminal",
                "Verification", "Vocabulary",
            ]),
        tests("CLI", "Terminal", ["Arguments", "Encoding", "Terminal"]),
        tests(
            "CLI", "tailspan",
            [
                "Arguments", "Encoding", "EventLoop", "FaultControl", "FaultKinds", "FaultRules", "FileSystem",
                "HTTP", "Incidents", "Logging", "Rendering", "ServiceTesting", "Supervision", "tailspan", "Terminal",
                "Verification", "Vocabulary",
            ]),
        tests(
            nil, "EndToEnd",
            [
                "Contracts", "Encoding", "EventLoop", "Executor", "FaultControl", "FaultKinds", "FaultRules",
                "FileSystem", "Gateway", "HTTP", "HTTPConformance", "Incidents", "Logging", "OTelSDK", "OTLP",
                "Payments", "PocketStack", "Prometheus", "ServiceKit", "ServiceLifecycle", "ServiceTesting",
                "Supervision", "tailspan", "Tasks",
                "Terminal", "TestTools", "TraceContext", "Tracing", "Verification", "Vocabulary", "Workload", "YAML",
            ]),
        tests(
            nil, "Provisioning",
            [
                "Arguments", "Configuration", "Contracts", "Encoding", "EventLoop", "Executor", "FaultControl",
                "FaultKinds", "FaultRules", "FileSystem", "Gateway", "HTTP", "Incidents", "Logging", "LogOutput",
                "LogQL", "OTelSDK", "OTLP", "Payments", "PocketStack", "PocketStore", "QuerySupport", "Rendering",
                "ServiceKit", "ServiceTesting", "Supervision", "tailspan", "Tasks", "TestTools", "TraceContext",
                "TraceQL", "Tracing", "Verification", "Vocabulary", "Workload", "YAML",
            ]),
    ],
    swiftLanguageModes: [.v6]
)
