import Encoding
import FaultControl
import FaultKinds
import FaultRules
import Testing

@testable import Supervision
@testable import tailspan

@Suite("The fault commands")
struct FaultCommandTests {
    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    /// Nothing listens there.
    private static let nowhere = [
        "--gateway", "http://127.0.0.1:1", "--tasks", "http://127.0.0.1:1", "--executor", "http://127.0.0.1:1",
        "--payments", "http://127.0.0.1:1",
    ]

    @Test("The kinds command lists every kind, as a table and as JSON")
    func faultKindsListsEveryKind() async throws {
        let table = try await ProgramTests.run(["fault", "kinds"])
        let json = try await ProgramTests.run(["fault", "kinds", "--json"])
        #expect(table.exit == .code(0) && json.exit == .code(0))
        let names = try JSONValue(parsing: json.output).array?.compactMap { $0["kind"]?.string }
        #expect(names == FaultKind.allCases.map(\.rawValue))
        for kind in FaultKind.allCases { #expect(table.output.contains("  \(kind.rawValue)")) }
        let lock = try JSONValue(parsing: json.output).array?.first { $0["kind"] == "lock" }
        #expect(lock?["services"] == ["tasks", "payments"] && lock?["default"] == "2s" && lock?["family"] == "process")
    }

    @Test("The explain command agrees with the published vectors and says what it cannot know")
    func faultExplainAgreesWithThePublishedVectors() async throws {
        let rule = "payments:latency=lognormal(p50=100ms,p99=2s),rate=80%,match=guild_id:g-*,from=10s,for=30s"
        let outcome = try await ProgramTests.run(["fault", "explain", rule, "--trace", Self.trace, "--json"])
        #expect(outcome.exit == .code(0))
        let json = try JSONValue(parsing: outcome.output)
        #expect(json["hit"] == true && json["value"] == "209135us" && json["seed"] == 0)
        #expect(
            json["conditions"] == [
                "it reaches payments", "its guild_id is something that begins with 'g-'",
                "it begins 10s or more and before 40s after the rule was set",
            ])
        let text = try await ProgramTests.run([
            "fault", "explain", rule, "--trace", "00-\(Self.trace)-b7ad6b7169203331-01",
        ])
        #expect(text.output.contains("result    hit") && text.output.contains("only if   it reaches payments"))
    }

    @Test("The seed comes from the rule, else from --seed, else from FAULTS_SEED, else it is 0")
    func theSeedComesFromRuleOptionOrVariable() async throws {
        func seed(_ rule: String, _ options: [String] = [], _ variables: [String: String] = [:]) async throws -> String
        {
            let arguments = ["fault", "explain", rule, "--request-id", "req-1"] + options
            let lines = try await ProgramTests.run(arguments, variables).output.split(separator: "\n")
            return lines.first { $0.hasPrefix("seed") }.map { String($0.dropFirst(4).drop { $0 == " " }) } ?? ""
        }
        let variables = ["FAULTS_SEED": "5"]
        #expect(try await seed("payments:error,seed=9", ["--seed", "7"], variables) == "9, of the rule")
        #expect(try await seed("payments:error", ["--seed", "7"], variables) == "7, of --seed")
        #expect(try await seed("payments:error", [], variables) == "5, of FAULTS_SEED")
        #expect(try await seed("payments:error") == "0, the default")
    }

    @Test("No request decides about a rule for a whole service")
    func noRequestDecidesAboutARuleForAWholeService() async throws {
        let outcome = try await ProgramTests.run(["fault", "explain", "payments:unready", "--trace", Self.trace])
        #expect(outcome.exit == .code(0) && outcome.output.contains("no request decides"))
        #expect(!outcome.output.contains("hash"))
    }

    @Test(
        "A usage error is one line with exit code 2, before anything starts",
        arguments: [
            (["fault", "add", "payments:eror"], "did you mean 'error'?"), (["fault", "add"], "expected a rule"),
            (["fault", "add", "payments:error", "payments:error=500"], "two fault rules with the id 'payments-error'"),
            (["fault", "explain", "payments:error"], "expected --trace or --request-id"),
            (["fault", "explain", "payments:error", "--trace", trace, "--request-id", "x"], "expected --trace or"),
            (
                ["fault", "explain", "payments:error", "--trace", "xyz"],
                "expected a trace id, its first 4 hex digits or more"
            ),
            (["fault", "ledger", "--trace", "xyz"], "expected a trace id, its first 4 hex digits or more"),
            (["fault", "lits"], "did you mean list?"),
            (["up", "--fault", "paymets:error"], "did you mean 'payments'?"),
            (["demo", "--fault", "payments:error", "--fault", "payments:error=500"], "two fault rules"),
            (["payments", "--fault", "payments:error=200"], "expected a status from 400 to 599"),
            (["gateway", "--fault-seed", "x"], "expected a whole number"),
        ])
    func aUsageErrorEndsWithTwoBeforeAnythingStarts(arguments: [String], message: String) async throws {
        let outcome = try await ProgramTests.run(arguments)
        #expect(outcome.exit == .code(2) && outcome.output.isEmpty)
        #expect(outcome.errors.split(separator: "\n").count == 1)
        #expect(outcome.errors.contains(message), "\(outcome.errors)")
    }

    @Test("Rules of the environment and the options are checked together before anything starts")
    func rulesOfEnvironmentAndOptionsAreCheckedTogether() async throws {
        for command in ["up", "demo"] {
            let outcome = try await ProgramTests.run(
                [command, "--random-ports", "--fault", "payments:error"], ["FAULTS": "payments:error=500"])
            #expect(outcome.exit == .code(2) && outcome.output.isEmpty)
            #expect(outcome.errors.hasPrefix("error: FAULTS: two fault rules with the id 'payments-error'"))
        }
        let outcome = try await ProgramTests.run(["payments"], ["FAULTS": "payments:eror", "PORT": "0"])
        #expect(outcome.exit == .code(2) && outcome.errors.contains("did you mean 'error'?"))
    }

    @Test("Services that do not answer are named with advice and exit code 1")
    func servicesThatDoNotAnswerAreNamed() async throws {
        for arguments in [["list"], ["clear"], ["clear", "x"], ["ledger"], ["add", "payments:error"]] {
            let outcome = try await ProgramTests.run(["fault"] + arguments + Self.nowhere)
            #expect(outcome.exit == .code(1) && outcome.output.isEmpty, "\(arguments)")
            #expect(outcome.errors.contains("payments at http://127.0.0.1:1: could not connect"))
            #expect(outcome.errors.contains("Start it with 'tailspan up'"))
        }
    }

    @Test("Options are added to the environment")
    func optionsAreAddedToTheEnvironment() throws {
        let options = FaultOptions()
        #expect(options.applied(to: ["A": "b", "FAULTS": "tasks:error"]) == ["A": "b", "FAULTS": "tasks:error"])
        options.rules = ["payments:error", "executor:cpu"]
        options.seed = 7
        #expect(
            options.applied(to: ["FAULTS": "tasks:error", "FAULTS_SEED": "1"])
                == ["FAULTS": "tasks:error\npayments:error\nexecutor:cpu", "FAULTS_SEED": "7"])
        #expect(options.applied(to: [:])["FAULTS"] == "payments:error\nexecutor:cpu")
        #expect(try FaultOptions.configuration(of: options.applied(to: [:])).rules.count == 2)
    }
}
