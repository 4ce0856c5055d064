import Contracts
import Foundation
import HTTP
import Logging
import Metrics
import Testing
import Tracing
import Vocabulary

@testable import FaultHooks
@testable import FaultKinds
@testable import FaultRules

@Suite("The catalog of fault kinds")
struct FaultCatalogTests {
    /// Where the kinds are, wherever the module is.
    private static func files() throws -> [String] {
        let sources = FaultsPage.root.appending(path: "Sources").path
        let paths = FileManager.default.enumerator(atPath: sources)?.compactMap { $0 as? String } ?? []
        let list = try #require(paths.first { $0.hasSuffix("/AllKinds.swift") })
        let folder = list.dropLast("AllKinds.swift".count)
        let files = paths.filter { $0.hasPrefix(folder) && $0.hasSuffix(".swift") && $0 != list }
        return files.map { String($0.dropFirst(folder.count).dropLast(".swift".count)) }.filter { !$0.contains("/") }
    }

    @Test("Every kind in the list has a file, and every file of a kind is in the list")
    func everyKindHasAFileAndEveryFileAKind() throws {
        func bare(_ name: String) -> String { name.replacing("-", with: "").lowercased() }
        #expect(Set(try Self.files().map(bare)) == Set(FaultKind.allCases.map { bare($0.rawValue) }))
    }

    @Test("The scope and needs of a kind follow from its effects")
    func theScopeOfAKindFollowsFromItsEffects() {
        for kind in [FaultKind.unready, .diskFull, .clockSkew] { #expect(kind.scope == .service, "\(kind.rawValue)") }
        for kind in [FaultKind.latency, .lostSpans, .lateLogs] { #expect(kind.scope == .request, "\(kind.rawValue)") }
        for kind in [FaultKind.refuse, .duplicateRequest, .retryStorm, .dropContext, .malformedTraceparent] {
            #expect(kind.needsUpstream, "\(kind.rawValue)")
        }
        for kind in [FaultKind.abort, .lock, .unready] { #expect(!kind.needsUpstream, "\(kind.rawValue)") }
        for kind in [FaultKind.error, .abort, .hang, .throttle, .slowBody, .corrupt, .truncate] {
            #expect(kind.needsRequest, "\(kind.rawValue)")
        }
        // A queued task can be late, keep the processor busy, and meet a broken database.
        for kind in [FaultKind.latency, .cpu, .queueStall, .dbError, .uppercaseIDs] {
            #expect(!kind.needsRequest, "\(kind.rawValue)")
        }
    }

    @Test("A custom kind works in the catalog that holds it")
    func aCustomKindWorksInTheCatalogThatHoldsIt() async throws {
        let sulk = FaultDefinition(
            "sulk", .wire, summary: "answers 418",
            .beforeHandling { fault in
                fault.inject()
                throw fault.failure(HTTPStatus(code: 418), "not today")
            })
        let catalog = FaultCatalog(FaultDefinition.all + [sulk])
        #expect(throws: FaultRuleError.self) { try FaultRule(parsing: "payments:sulk") }
        let injector = FaultInjector(
            configuration: FaultInjector.Configuration(service: .payments), kinds: catalog.kinds,
            ledger: FaultLedger(path: nil) { _ in }, logger: .noOp, metrics: NOOPMetricsHandler())
        try injector.replace([FaultRule(parsing: "payments.reserve:sulk", kinds: catalog.kinds)])
        var context = ServiceContext.topLevel
        context.faults = injector.faults(
            operation: "reserve", requestID: "r", context: context, span: NoOpSpan(context: context)
        ) { _ in nil }
        let middleware = FaultMiddleware(injector: injector, catalog: catalog)
        let request = Request(method: .post, uri: "/v1/reservations")
        let error = await #expect(throws: HTTPError.self) {
            try await ServiceContext.withValue(context) {
                try await middleware.handle(request, context: RequestContext(logger: .noOp)) { _, _ in Response() }
            }
        }
        #expect(error?.status.code == 418)
        #expect(injector.ledger.entries().map(\.kind) == ["sulk"])
    }

    @Test("The first of several rules of a policy kind wins")
    func theFirstRuleOfAPolicyKindWins() throws {
        let injector = FaultInjector(
            configuration: FaultInjector.Configuration(service: .tasks), ledger: FaultLedger(path: nil) { _ in },
            logger: .noOp, metrics: NOOPMetricsHandler())
        try injector.replace(
            FaultRule.list(
                parsing: "tasks:retry-storm=7;tasks:retry-storm=9,id=second;tasks:duplicate-request=3"))
        var context = ServiceContext.topLevel
        context.faults = injector.faults(
            operation: "create-task", requestID: "r", context: context, span: NoOpSpan(context: context)
        ) { _ in nil }
        let upstream = UpstreamFaults(injector: injector)
        let policy = ServiceContext.withValue(context) { upstream.policy(forCallsTo: "payments") }
        #expect(policy == UpstreamPolicy(attempts: 7, pause: .zero, copies: 3))
        // A storm takes effect when it is the first to be asked to try again.
        #expect(injector.ledger.entries().map(\.kind) == ["duplicate-request"])
        ServiceContext.withValue(context) { upstream.willRetry(callTo: "payments") }
        #expect(injector.ledger.entries().map(\.rule) == ["tasks-duplicate-request", "tasks-retry-storm"])
    }
}
