import Testing

@testable import Encoding

@Suite("Stack traces")
struct StackTraceTests {
    private enum Outer {
        @inline(never)
        static func begin() -> StackTrace { middle { inner() } }
        @inline(never)
        static func middle(_ body: () -> StackTrace) -> StackTrace { body() }
        @inline(never)
        static func inner() -> StackTrace { StackTrace() }
        @inline(never)
        static func afterFault() -> StackTrace { injectFault() }
        @inline(never)
        static func injectFault() -> StackTrace { inner() }
        @inline(never)
        static func descend(_ depth: Int) -> StackTrace { depth == 0 ? StackTrace() : descend(depth - 1) }
    }

    @Test("A stack names the functions of the program, the innermost first")
    func aStackNamesFunctionsInnermostFirst() throws {
        let lines = Outer.begin().text.split(separator: "\n").map(String.init)
        let outer = "static EncodingTests.StackTraceTests.Outer."
        let stack = "Encoding.StackTrace"
        let expected: [String] = [
            "\(outer)inner() -> \(stack)", "closure #1 () -> \(stack) in \(outer)begin() -> \(stack)",
            "\(outer)middle(() -> \(stack)) -> \(stack)", "\(outer)begin() -> \(stack)",
        ]
        #expect(Array(lines.prefix(4)) == expected)
        #expect(lines.allSatisfy { !$0.contains("$s") && !$0.contains("StackTrace.init") }, "\(lines)")
    }

    @Test("A stack taken twice in one place is the same text")
    func aStackTakenTwiceInOnePlaceIsTheSame() {
        let texts = (0..<2).map { _ in Outer.begin().text }
        #expect(texts[0] == texts[1] && !texts[0].isEmpty)
    }

    @Test("A deep stack is cut off at its outer end")
    func aDeepStackIsCutOffAtItsOuterEnd() {
        let lines = Outer.descend(200).text.split(separator: "\n")
        // The same function over and over is one line.
        #expect(lines.count == 1 && lines[0].contains("descend"), "\(lines)")
    }

    @Test("A stack shows the functions around a fault, but not those that inject it")
    func faultInjectionIsHiddenFromAStack() {
        let text = Outer.afterFault().text
        #expect(text.contains("inner()") && !text.contains("Fault"), "\(text)")
    }

    @Test("Errors that differ only in their stack are equal")
    func stacksDoNotAffectEqualityOfErrors() { #expect(Outer.begin() == Outer.descend(3)) }

    @Test(
        "A name is cleared of what the compiler added to it",
        arguments: [
            ("Tasks.Store.insert(Tasks.Row) throws -> ()", "Tasks.Store.insert(Tasks.Row) throws -> ()"),
            ("(2) await resume partial function for Tasks.Saga.run() async -> ()", "Tasks.Saga.run() async -> ()"),
            ("(1) suspend resume partial function for Tasks.Saga.run() async -> ()", "Tasks.Saga.run() async -> ()"),
            ("generic specialization <Swift.Int> of Tasks.Pool.run<A>(A) -> A", "Tasks.Pool.run<A>(A) -> A"),
            (
                "function signature specialization <Arg[0] = Dead> of generic specialization <Swift.Int> of Tasks.a() -> ()",
                "Tasks.a() -> ()"
            ),
            ("partial apply forwarder for closure #1 () -> () in Tasks.a() -> ()", nil),
            ("reabstraction thunk helper from @callee_guaranteed () -> () to A", nil),
            ("static (extension in Swift):Swift.Task.immediate() -> ()", nil), ("Swift.Array.map<A>(A) -> A", nil),
            ("Tasks.(Row in _3F02A9).read(Tasks.(Rows in _3F02A9)) -> ()", "Tasks.Row.read(Tasks.Rows) -> ()"),
            ("HTTP.HTTPError.init(HTTP.HTTPStatus) -> HTTP.HTTPError", nil),
            ("FaultInjection.DatabaseFaults.beforeStatement(Swift.String) throws -> ()", nil),
        ] as [(String, String?)])
    func aNameIsClearedOfCompilerAdditions(demangled: String, name: String?) {
        #expect(FunctionName.shown(demangled: demangled) == name)
    }
}
