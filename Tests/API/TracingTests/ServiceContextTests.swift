import Testing

@testable import Tracing

@Suite("The service context")
struct ServiceContextTests {
    private enum Name: ServiceContextKey { typealias Value = String }
    private enum Number: ServiceContextKey { typealias Value = Int }

    @Test func valuesAreKeptByKey() {
        var context = ServiceContext.topLevel
        #expect(context[Name.self] == nil)
        context[Name.self] = "a"
        context[Number.self] = 1
        #expect(context[Name.self] == "a")
        #expect(context[Number.self] == 1)
        context[Name.self] = "b"
        #expect(context[Name.self] == "b")
        #expect(context[Number.self] == 1)
    }

    @Test func nilRemovesAValue() {
        var context = ServiceContext.topLevel
        context[Name.self] = nil
        context[Name.self] = "a"
        context[Number.self] = 1
        context[Name.self] = nil
        #expect(context[Name.self] == nil)
        #expect(context[Number.self] == 1)
        context[Name.self] = "b"
        #expect(context[Name.self] == "b")
    }

    @Test func aCopyIsIndependentOfItsOriginal() {
        var original = ServiceContext.topLevel
        original[Name.self] = "a"
        var copy = original
        copy[Name.self] = "b"
        copy[Number.self] = 1
        #expect(original[Name.self] == "a")
        #expect(original[Number.self] == nil)
        #expect(copy[Name.self] == "b")
    }

    @Test func onlyTheLastOfManyChangesIsKept() {
        var context = ServiceContext.topLevel
        context[Name.self] = "kept"
        for number in 0..<1000 { context[Number.self] = number }
        #expect(context[Number.self] == 999)
        #expect(context[Name.self] == "kept")
    }

    @Test func aReplacedValueIsReleased() {
        var context = ServiceContext.topLevel
        context[Name.self] = "kept"
        for number in 0..<100 { context[Number.self] = number }
        #expect(context.newest?.depth == 2)
    }

    @Test func aLongChainIsShortenedToItsCurrentValues() {
        var context = ServiceContext.topLevel
        var depths: [Int] = []
        for number in 0..<20 {
            context[Name.self] = "\(number)"
            context[Number.self] = number
            depths.append(context.newest?.depth ?? 0)
        }
        #expect(depths.max() == 16)
        #expect(depths.contains(3))
        #expect(context[Name.self] == "19")
        #expect(context[Number.self] == 19)
    }

    @Test func theCurrentContextEndsWithItsScope() async {
        #expect(ServiceContext.current == nil)
        var context = ServiceContext.topLevel
        context[Name.self] = "outer"
        await ServiceContext.withValue(context) {
            #expect(ServiceContext.current?[Name.self] == "outer")
            await Task.yield()
            #expect(ServiceContext.current?[Name.self] == "outer")
            async let child = ServiceContext.current?[Name.self]
            #expect(await child == "outer")
            ServiceContext.withValue(nil) { #expect(ServiceContext.current == nil) }
        }
        #expect(ServiceContext.current == nil)
    }
}
