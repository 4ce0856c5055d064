// swift-tools-version: 6.2

import PackageDescription

/// Every target is compiled with the same strictness: Swift 6 mode, explicit existentials, warnings are errors.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

/// A source target and the modules it may import: **downward only**.
func module(_ name: String, _ dependencies: [String] = []) -> Target {
    .target(name: name, dependencies: dependencies.map { .init(stringLiteral: $0) }, swiftSettings: strict)
}

/// The test target that mirrors a source target.
func tests(_ name: String, _ dependencies: [String], resources: [Resource]? = nil) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: dependencies.map { .init(stringLiteral: $0) }, resources: resources,
        swiftSettings: strict)
}

/// A C library found on the system: a module map and a shim header, nothing else.
func library(_ name: String, _ pkgConfig: String, apt: String) -> Target {
    .systemLibrary(name: name, path: "Sources/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

let api = ["Logging", "Tracing", "Metrics", "ServiceLifecycle"]
let service = api + ["Contracts", "Encoding", "EventLoop", "HTTP"]

let package = Package(
    name: "tailspan",
    products: [.executable(name: "tailspan", targets: ["tailspan"])],
    targets: [
        library("CSQLite", "sqlite3", apt: "libsqlite3-dev"),
        library("CZlib", "zlib", apt: "zlib1g-dev"),
        library("CCurl", "libcurl", apt: "libcurl4-openssl-dev"),
        library("CMicroHTTPD", "libmicrohttpd", apt: "libmicrohttpd-dev"),
        library("CYAML", "yaml-0.1", apt: "libyaml-dev"),
        .systemLibrary(name: "CLinux", path: "Sources/CLinux"),

        // The API modules: the names and call shapes of the Swift server ecosystem.
        module("Logging"),
        module("Tracing"),
        module("Metrics"),
        module("ServiceLifecycle"),

        // Foundations.
        module("Encoding", ["CZlib"]),
        module("YAML", ["CYAML", "Encoding"]),
        module("RegularExpressions"),
        module("EventLoop", ["CLinux"]),
        module("HTTP", api + ["CLinux", "Encoding", "EventLoop", "CMicroHTTPD", "CCurl"]),
        module("SQLite", ["CSQLite"]),
        module("OTel", api + ["Encoding", "EventLoop", "HTTP"]),
        module("Prometheus", ["Metrics", "Encoding"]),

        // The services.
        module("Contracts", api + ["Encoding", "EventLoop", "HTTP", "SQLite"]),
        .target(
            name: "LogOutput",
            dependencies: [
                "CommandLine", "Contracts", "Encoding", "EventLoop", "HTTP", "Logging", "Metrics", "OTel", "Tracing",
            ],
            path: "Sources/ServiceKit/Logging", swiftSettings: strict),
        module("FaultInjection", service + ["CommandLine", "LogOutput", "OTel", "SQLite"]),
        .target(
            name: "ServiceKit",
            dependencies: [
                "CLinux", "CommandLine", "Contracts", "Encoding", "EventLoop", "FaultInjection", "HTTP", "LogOutput",
                "Logging", "Metrics", "OTel", "Prometheus", "ServiceLifecycle", "Tracing",
            ], exclude: ["Logging"], swiftSettings: strict),
        module("GatewayService", service),
        module("TasksService", service + ["SQLite"]),
        module("ExecutorService", service),
        module("PaymentsService", service + ["SQLite"]),

        // Around the services.
        module("PocketStack", service + ["CLinux", "OTel", "RegularExpressions", "SQLite"]),
        module("Verification", service + ["CommandLine", "OTel", "RegularExpressions", "Workload", "YAML"]),
        module("Workload", service),
        module("Incidents", service + ["CommandLine", "FaultInjection", "Verification", "Workload"]),
        module("ServiceTesting", service + ["OTel", "Prometheus", "ServiceKit"]),
        module("CommandLine", []),
        .executableTarget(
            name: "tailspan",
            dependencies: [
                "CLinux", "CommandLine", "Contracts", "Encoding", "EventLoop", "FaultInjection", "HTTP", "Incidents",
                "LogOutput", "Logging", "Metrics", "OTel", "PocketStack", "Prometheus",
                "ServiceKit", "ServiceLifecycle", "Tracing", "Verification", "Workload",
                "GatewayService", "TasksService", "ExecutorService", "PaymentsService",
            ],
            swiftSettings: strict),

        // Speaks the W3C validation service's protocol, so that the public suite can be pointed at our propagator.
        .executableTarget(
            name: "trace-context-service",
            dependencies: [
                "Encoding", "EventLoop", "HTTP", "Logging", "Metrics", "OTel", "ServiceLifecycle", "Tracing",
            ],
            path: "Tests/Support/TraceContextService", swiftSettings: strict),

        // What the benchmarks need of our own code; the rest of them is in Python.
        .target(name: "CAllocationCounter", path: "Benchmarks/CAllocationCounter"),
        .executableTarget(
            name: "tailspan-bench",
            dependencies: [
                "CAllocationCounter", "CommandLine", "Contracts", "Encoding", "EventLoop", "FaultInjection", "HTTP",
                "LogOutput", "Logging", "OTel", "Prometheus", "SQLite", "ServiceKit", "Tracing",
            ],
            path: "Benchmarks/tailspan-bench", swiftSettings: strict),

        // What tests of several targets share.
        .target(name: "TestTools", path: "Tests/Support/TestTools", swiftSettings: strict),

        // One test target a source target, in mirrored folders.
        tests("Logging", ["Logging"]),
        tests("Tracing", ["Tracing"]),
        tests("Metrics", ["Metrics"]),
        tests("ServiceLifecycle", ["ServiceLifecycle", "Logging"]),
        tests("Encoding", ["Encoding"]),
        tests("YAML", ["Encoding", "YAML"]),
        tests("RegularExpressions", ["RegularExpressions"]),
        tests("EventLoop", ["EventLoop", "ServiceTesting"]),
        tests("HTTP", api + ["Encoding", "EventLoop", "HTTP", "ServiceTesting"]),
        tests("SQLite", ["SQLite"]),
        tests("OTel", api + ["Encoding", "EventLoop", "HTTP", "OTel", "TestTools"]),
        tests("Prometheus", ["Metrics", "Encoding", "Prometheus", "TestTools"]),
        tests("Contracts", service),
        tests(
            "FaultInjection",
            service + ["CommandLine", "FaultInjection", "OTel", "Prometheus", "SQLite", "ServiceTesting"]),
        tests(
            "ServiceKit",
            service + [
                "CommandLine", "FaultInjection", "LogOutput", "OTel", "Prometheus", "ServiceKit", "ServiceTesting",
            ]),
        tests("GatewayService", service + ["OTel", "GatewayService", "ServiceTesting"]),
        tests("TasksService", service + ["OTel", "SQLite", "TasksService", "ServiceTesting"]),
        tests("ExecutorService", service + ["OTel", "ExecutorService", "ServiceTesting"]),
        tests("PaymentsService", service + ["OTel", "SQLite", "PaymentsService", "ServiceTesting"]),
        tests("PocketStack", service + ["OTel", "SQLite", "PocketStack", "TestTools", "YAML"]),
        tests("Verification", service + ["CommandLine", "OTel", "Verification", "Workload", "YAML"]),
        tests("Workload", service + ["Workload"]),
        tests(
            "Incidents", service + ["CommandLine", "FaultInjection", "Incidents", "Verification", "Workload"]),
        tests("ServiceTesting", service + ["OTel", "ServiceTesting"]),
        tests("CommandLine", service + ["CommandLine"]),
        tests(
            "tailspan",
            service + [
                "CommandLine", "FaultInjection", "Incidents", "OTel", "ServiceKit", "ServiceTesting", "Verification",
                "Workload", "tailspan",
            ]),
        tests(
            "EndToEnd",
            service + [
                "CommandLine", "FaultInjection", "Incidents", "OTel", "Prometheus", "SQLite", "ServiceKit",
                "ServiceTesting", "PocketStack", "TestTools", "Verification", "Workload", "YAML",
                "GatewayService", "TasksService", "ExecutorService", "PaymentsService", "tailspan",
            ]),

        // Holds the files of compose, loki, tempo and grafana against the code, and runs their queries.
        tests(
            "Provisioning",
            service + [
                "CommandLine", "FaultInjection", "Incidents", "LogOutput", "OTel", "PocketStack", "RegularExpressions",
                "ServiceKit", "ServiceTesting", "TestTools", "Verification", "Workload", "YAML",
                "GatewayService", "TasksService", "ExecutorService", "PaymentsService", "tailspan",
            ]),
    ],
    swiftLanguageModes: [.v6]
)
