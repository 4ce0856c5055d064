import Configuration
import Contracts
import EventLoop
import Executor
import FaultControl
import Gateway
import HTTP
import LogOutput
import OTelSDK
import Payments
import PocketStack
import Rendering
import ServiceKit
import ServiceTesting
import Supervision
import Tasks
import Testing
import Tracing
import Vocabulary

/// The list of settings says what the code does.
@Suite("Documentation: settings") struct SettingsTests {
    private static let groups = SettingGroup.all(version: OTelSDK.version)
    private static let settings = groups.flatMap(\.settings)
    private static let services: [any ServiceDefinition.Type] = [
        GatewayService.self, TasksService.self, ExecutorService.self, PaymentsService.self,
    ]

    private static func setting(_ name: String) throws -> Setting {
        try #require(settings.first { $0.name == name }, "\(name)")
    }

    // MARK: The page

    @Test("docs/CONFIGURATION.md is what 'tailspan settings --markdown' writes")
    func thePageIsWhatTheCommandWrites() throws {
        let page = try Repository.text("docs/CONFIGURATION.md").split(separator: "\n", omittingEmptySubsequences: false)
        let written = SettingsText(Self.groups).markdown.split(separator: "\n", omittingEmptySubsequences: false)
        for (line, expected) in zip(page, written) where line != expected {
            Issue.record("run make docs; the page has: \(line)\nand the command writes: \(expected)")
        }
        #expect(page.count == written.count, "run make docs")
    }

    @Test("Every setting has a name of its own, a reader, and a meaning without a full stop")
    func everySettingIsDescribedOnce() {
        #expect(Self.settings.count > 90)
        #expect(Set(Self.settings.map(\.name)).count == Self.settings.count)
        for setting in Self.settings {
            #expect(!setting.readers.isEmpty, "\(setting.name)")
            #expect(!setting.meaning.isEmpty && !setting.meaning.hasSuffix("."), "\(setting.name)")
            let texts = [setting.meaning, setting.form.expectation]
            #expect(!texts.contains { $0.contains("|") || $0.contains("\n") }, "\(setting.name)")
            #expect(setting.meaning.count { $0 == "`" }.isMultiple(of: 2), "\(setting.name)")
        }
    }

    // MARK: The names

    /// Names that the sources put together from parts.
    private static let composed: Set<String> = {
        var names = Set(ServiceRole.allCases.map(\.urlVariable))
        for prefix in ["OTEL_BSP_", "OTEL_BLRP_"] {
            for suffix in ["SCHEDULE_DELAY", "EXPORT_TIMEOUT", "MAX_QUEUE_SIZE", "MAX_EXPORT_BATCH_SIZE"] {
                names.insert(prefix + suffix)
            }
        }
        for signal in ["", "TRACES_", "LOGS_"] {
            for suffix in [
                "ENDPOINT", "HEADERS", "COMPRESSION", "TIMEOUT", "PROTOCOL", "CERTIFICATE", "CLIENT_CERTIFICATE",
                "CLIENT_KEY",
            ] { names.insert("OTEL_EXPORTER_OTLP_" + signal + suffix) }
        }
        return names
    }()

    /// The names that the sources read, each with a file that does.
    private static func read() throws -> [String: String] {
        let readers = [
            /[^A-Za-z](?:string|integer|bool|url|choice|exporters|isSet)\(\s*"([A-Z][A-Z0-9_]+)"/,
            /(?:environment|variables)\["([A-Z][A-Z0-9_]+)"\]/,
            /static let \w*[vV]ariable = "([A-Z][A-Z0-9_]+)"/,
            /"(LC_[A-Z]+|LANG)"/,
        ]
        var result: [String: String] = [:]
        for path in try Repository.files(under: "Sources", endingIn: ".swift") {
            guard !path.hasPrefix("Sources/Base/Configuration/Settings/") else { continue }
            let text = try Repository.text(path)
            for reader in readers {
                for match in text.matches(of: reader) { result[String(match.1)] = path }
            }
        }
        return result
    }

    @Test("The list has every variable that the sources read, and no other")
    func theListHasExactlyTheVariablesThatAreRead() throws {
        let read = try Self.read()
        #expect(read.count > 60)
        let listed = Set(Self.settings.map(\.name))
        for (name, path) in read { #expect(listed.contains(name), "\(path) reads \(name)") }
        for name in listed.subtracting(Self.composed) { #expect(read[name] != nil, "nobody reads \(name)") }
        #expect(Self.composed.isSubset(of: listed), "\(Self.composed.subtracting(listed).sorted())")
    }

    @Test("The telemetry SDK reports no listed variable as unused")
    func theTelemetrySDKReadsEveryListedVariable() {
        for setting in Self.settings where setting.name.hasPrefix("OTEL_") {
            let warnings = OTelConfiguration(environment: [setting.name: "1"]).warnings
            #expect(!warnings.contains { $0.contains("has no effect") }, "\(warnings)")
        }
    }

    // MARK: Defaults

    /// All that a configuration holds, without what differs from start to start and without the variables themselves.
    private static func contents(_ role: ServiceRole, _ variables: [String: String]) throws -> String {
        var configuration = try ServiceConfiguration(role: role, environment: variables)
        configuration.environment = Environment([:])
        configuration.telemetry.resource.attributes["service.instance.id"] = nil
        var text = ""
        dump(configuration, to: &text)
        return text
    }

    private static func pocketContents(_ variables: [String: String]) throws -> String {
        var text = ""
        dump(try PocketConfiguration(environment: Environment(variables)), to: &text)
        dump(try LogConfiguration(environment: variables), to: &text)
        // The order of a dictionary's members may differ.
        return text.split(separator: "\n").sorted().joined(separator: "\n")
    }

    @Test("Setting a variable to its default changes nothing")
    func settingAVariableToItsDefaultChangesNothing() throws {
        var count = 0
        for setting in Self.settings {
            guard case .value(let value) = setting.fallback else { continue }
            for role in ServiceRole.allCases where setting.isRead(by: role) {
                count += 1
                #expect(try Self.contents(role, [setting.name: value]) == Self.contents(role, [:]), "\(setting.name)")
            }
            guard setting.readers.contains(.pocket) else { continue }
            #expect(try Self.pocketContents([setting.name: value]) == Self.pocketContents([:]), "\(setting.name)")
        }
        #expect(count > 100)
    }

    @Test("Setting a variable to another value changes something")
    func settingAVariableToAnotherValueChangesSomething() throws {
        var count = 0
        let definitions = try Self.definitionSources
        for setting in Self.settings {
            guard case .value = setting.fallback, let other = setting.another else { continue }
            let isOfDefinition = definitions.contains("\"\(setting.name)\"") || setting.name.hasSuffix("_URL")
            for role in ServiceRole.allCases where setting.isRead(by: role) && !isOfDefinition {
                count += 1
                #expect(try Self.contents(role, [setting.name: other]) != Self.contents(role, [:]), "\(setting.name)")
            }
            guard setting.readers.contains(.pocket) else { continue }
            #expect(try Self.pocketContents([setting.name: other]) != Self.pocketContents([:]), "\(setting.name)")
        }
        #expect(count > 80)
    }

    /// Where the services read what is theirs alone.
    private static var definitionSources: String {
        get throws {
            try ["Gateway", "Tasks", "Executor", "Payments"].map { name in
                try Repository.text("Sources/Services/\(name)/\(name)Service.swift")
            }.joined()
        }
    }

    @Test("A default that stands in the call is the listed one, and so is the range")
    func aDefaultInTheCallIsTheListedOne() throws {
        let call = /[^A-Za-z]integer\(\s*"([A-Z_]+)",\s*default: ([0-9_]+),\s*in: ([0-9_]+)\.\.\.([0-9_]+)\)/
        var names: Set<String> = []
        for path in try Repository.files(under: "Sources", endingIn: ".swift") {
            for match in try Repository.text(path).matches(of: call) {
                let (_, name, fallback, least, most) = match.output
                let setting = try Self.setting(String(name))
                let numbers = try [fallback, least, most].map { try #require(Int($0.filter { $0 != "_" })) }
                #expect(setting.fallback == .value("\(numbers[0])"), "\(name)")
                #expect(setting.form == .integer(numbers[1]...numbers[2]), "\(name)")
                names.insert(String(name))
            }
        }
        for name in ["WORKER_CONCURRENCY", "EXECUTOR_THREADS", "SEED_BALANCE", "UPSTREAM_TIMEOUT_MS"] {
            #expect(names.contains(name), "\(name) is not read as the test expects")
        }
        let executor = try Repository.text("Sources/Services/Executor/ExecutorService.swift")
        #expect(executor.contains("string(\"EXECUTOR_ID\", default: \"exec-1\")"))
        #expect(try Self.setting("EXECUTOR_ID").fallback == "exec-1")
        #expect(try Self.setting("TAILSPAN_ENVIRONMENT").fallback == .value(RunningEnvironment.usualFolder))
    }

    @Test("A default in words names the values that hold")
    func aDefaultInWordsNamesTheValuesThatHold() throws {
        func words(_ name: String) throws -> String {
            guard case .described(let text) = try Self.setting(name).fallback else { return "" }
            return text
        }
        for role in ServiceRole.allCases {
            let port = try ServiceConfiguration(role: role, environment: [:]).server.port
            #expect(try words("PORT").contains("\(role.rawValue) `\(port)`"))
        }
        let service = try ServiceConfiguration(role: .tasks, environment: [:])
        let pocket = try PocketConfiguration(environment: Environment([:]))
        #expect(service.dataDirectory == nil && service.log.directory == nil)
        #expect(try words("DATA_DIR").hasPrefix("services: none"))
        #expect(try words("LOG_DIR") == "services: none; pocket stack: `\(pocket.logDirectory)`")
        let folder = pocket.database.split(separator: "/").dropLast().joined(separator: "/")
        #expect(try words("DATA_DIR").hasSuffix("pocket stack: `\(folder)`"))
        #expect(try words("POCKET_DATA") == "`\(pocket.database.dropFirst(folder.count + 1))` in `DATA_DIR`")
        let logged = try ServiceConfiguration(role: .tasks, environment: ["LOG_DIR": "LOG_DIR"])
        let ledger = try #require(logged.faults.ledgerPath)
        #expect(try words("FAULT_LEDGER").hasPrefix("`\(ledger.replacing("/tasks/", with: "/<service>/"))`"))
    }

    // MARK: Values that are refused

    @Test("A value that is not as listed is refused in the listed words by every reader, and by nobody else")
    func aWrongValueIsRefusedInTheListedWords() async throws {
        let loop = try EventLoop(name: "settings")
        try loop.start()
        defer { loop.stop() }
        var count = 0
        for setting in Self.settings {
            for value in setting.wrong {
                for service in Self.services {
                    count += 1
                    let complaint = try await Self.complaint(service, setting, value, loop)
                    guard setting.isRead(by: service.role) else {
                        #expect(complaint == nil, "\(service.role) reads \(setting.name)")
                        continue
                    }
                    let expected = setting.name == "FAULTS" ? "FAULTS: " : "expected " + setting.form.expectation
                    #expect(
                        complaint?.contains(expected) == true, "\(setting.name)=\(value): \(complaint ?? "accepted")")
                }
                guard setting.readers.contains(.pocket) else { continue }
                let error = #expect(throws: ConfigurationError.self, "\(setting.name)=\(value)") {
                    try Self.pocketContents([setting.name: value])
                }
                #expect(error?.description.contains("expected " + setting.form.expectation) == true)
            }
        }
        #expect(count > 300)
    }

    @Test("Both ends of a range are accepted") func bothEndsOfARangeAreAccepted() async throws {
        let loop = try EventLoop(name: "settings")
        try loop.start()
        defer { loop.stop() }
        for setting in Self.settings {
            guard case .integer(let range) = setting.form else { continue }
            for value in [range.lowerBound, range.upperBound] {
                for service in Self.services where setting.isRead(by: service.role) {
                    let complaint = try await Self.complaint(service, setting, "\(value)", loop)
                    // That a batch may not be larger than the queue is another rule.
                    let isTaken = complaint == nil || complaint?.contains("expected at most the queue size") == true
                    #expect(isTaken, "\(setting.name)=\(value): \(complaint ?? "")")
                }
                guard setting.readers.contains(.pocket) else { continue }
                #expect(throws: Never.self) { try Self.pocketContents([setting.name: "\(value)"]) }
            }
        }
    }

    /// What a service says when it is started with a value; `nil` if it takes it.
    private static func complaint(
        _ service: any ServiceDefinition.Type, _ setting: Setting, _ value: String, _ loop: EventLoop
    ) async throws -> String? {
        var variables = [setting.name: value]
        // Read only where the sampler has an argument.
        if setting.name == "OTEL_TRACES_SAMPLER_ARG" { variables["OTEL_TRACES_SAMPLER"] = "traceidratio" }
        let configuration: ServiceConfiguration
        do { configuration = try ServiceConfiguration(role: service.role, environment: variables) } catch {
            return "\(error)"
        }
        if setting.name.hasPrefix("OTEL_") {
            return configuration.telemetry.warnings.first { $0.contains(setting.name) }
        }
        let application = TestApplication(service, environment: variables)
        return await Task(executorPreference: loop) { () -> String? in
            do {
                let instance = try await application.makeInstance(on: loop)
                await instance.close()
                return nil
            } catch { return "\(error)" }
        }.value
    }
}

extension Setting {
    fileprivate func isRead(by role: ServiceRole) -> Bool {
        Reader(rawValue: role.rawValue).map(readers.contains) ?? false
    }

    /// Values that are not as the form wants them; none where any text will do.
    fileprivate var wrong: [String] {
        switch form {
        case .flag: ["maybe"]
        case .integer(let range): ["\(range.lowerBound - 1)", "\(range.upperBound + 1)", "many"]
        case .choice: ["neither"]
        case .url: ["nowhere"]
        case .anyText, .file, .folder, .text("a process id"), .text("a name or an address"): []
        // Wrong for each of the forms that have a text of their own.
        case .text: readers == [.commands] ? [] : ["%z:z |"]
        }
    }

    /// A valid value that is not the default.
    fileprivate var another: String? {
        switch form {
        case .flag: fallback == "true" ? "false" : "true"
        case .integer(let range): "\(fallback == .value("\(range.lowerBound)") ? range.upperBound : range.lowerBound)"
        case .choice(let words): words.first { fallback != .value($0) }
        case .url: "http://127.0.0.1:1"
        case .anyText: "another"
        case .text: nil
        }
    }
}
