import Testing
import Tracing

@testable import TraceContext

@Suite("The composite propagator")
struct CompositePropagatorTests {
    private let carrier = ["traceparent": TraceContextPropagatorTests.parent, "baggage": "a=1"]

    private func passOn(_ propagator: CompositePropagator) -> [String: String] {
        var context = ServiceContext.topLevel
        propagator.extract(carrier, into: &context, using: DictionaryCarrier())
        var result: [String: String] = [:]
        propagator.inject(context, into: &result, using: DictionaryCarrier())
        return result
    }

    @Test func aCompositeAppliesEachFormat() {
        #expect(passOn(CompositePropagator([.tracecontext, .baggage])) == carrier)
        #expect(passOn(CompositePropagator([.baggage])) == ["baggage": "a=1"])
        #expect(passOn(CompositePropagator([PropagatorName]())).isEmpty)
    }

    @Test func aCompositeNamesTheFieldsOfEachFormat() {
        #expect(CompositePropagator([.tracecontext, .baggage]).fields == ["traceparent", "tracestate", "baggage"])
    }
}
