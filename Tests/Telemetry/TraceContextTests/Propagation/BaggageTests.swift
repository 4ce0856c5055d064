import Testing
import Tracing

@testable import TraceContext

@Suite("W3C baggage")
struct BaggageTests {
    @Test(arguments: [
        ("userId=alice", "userId=alice"), ("userId=alice,serverNode=DF%2028", "userId=alice,serverNode=DF%2028"),
        ("userId =   alice", "userId=alice"), ("a = 1 , b\t=\t2", "a=1,b=2"), ("a=", "a="), ("a=b=c", "a=b=c"),
        ("a=1,,b=2,", "a=1,b=2"), ("", ""), (" , ", ""),
        // Properties are kept.
        ("k=v;p1;p2=x", "k=v;p1;p2=x"), ("k = v ; p1 ; p2 = x%20y", "k=v;p1;p2=x%20y"),
        // What need not be encoded is decoded; the percent sign must be encoded.
        ("a=%41%62c", "a=Abc"), ("a=100%25", "a=100%25"), ("a=%", "a=%25"), ("a=%zz", "a=%25zz"),
        ("userId=Am%C3%A9lie", "userId=Am%C3%A9lie"),
        // Bytes that are not UTF-8 become the replacement character.
        ("a=%FFx", "a=%EF%BF%BDx"),
        // A malformed member is left out, the others stay.
        ("a=1,bad,b=2", "a=1,b=2"), ("=1,b=2", "b=2"), ("a b=1,c=2", "c=2"), ("a=b c,d=1", "d=1"),
        ("a=\"q\",d=1", "d=1"), ("a=x\\y,d=1", "d=1"), ("a=1;;p,d=1", "d=1"), ("a=é,d=1", "d=1"),
        // The last of one key counts.
        ("a=1,b=2,a=3", "a=3,b=2"),
    ])
    func aFieldIsReadAndWritten(_ text: String, _ expected: String) {
        #expect(Baggage(headerValue: text).headerValue == expected)
    }

    @Test func valuesAreDecoded() {
        let baggage = Baggage(headerValue: "node=DF%2028;unit=%C2%B5s;flag,name=Am%C3%A9lie")
        #expect(baggage["node"] == "DF 28")
        #expect(baggage["name"] == "Amélie")
        #expect(baggage["Name"] == nil)
        #expect(baggage.entries.first?.properties == [.init(key: "unit", value: "µs"), .init(key: "flag")])
    }

    @Test func anyTextCanBeAValue() {
        var baggage = Baggage()
        let text = "a,b;c=\"d\\e\" f%\n日本"
        baggage["k"] = text
        #expect(!baggage.headerValue.dropFirst(2).contains { ",;\"\\ \n".contains($0) })
        #expect(Baggage(headerValue: baggage.headerValue)["k"] == text)
    }

    @Test func keysThatCannotBeSentAreIgnored() {
        var baggage = Baggage()
        baggage["a b"] = "1"
        baggage[""] = "1"
        baggage["a,b=1"] = "1"
        #expect(baggage.isEmpty)
    }

    @Test func propertiesThatCannotBeSentAreLeftOut() {
        var baggage = Baggage()
        baggage.set(Baggage.Entry(key: "k", value: "v", properties: [.init(key: "x,evil=1"), .init(key: "ok")]))
        #expect(baggage.headerValue == "k=v;ok")
    }

    @Test func entriesAreSetAndRemoved() {
        var baggage = Baggage(headerValue: "a=1;p,b=2")
        baggage["a"] = "3"
        #expect(baggage.headerValue == "a=3;p,b=2")
        baggage["a"] = nil
        #expect(baggage.headerValue == "b=2")
    }

    @Test func atMost64MembersAreReadAndSent() {
        let list = (1...65).map { "k\($0)=v" }.joined(separator: ",")
        #expect(Baggage(headerValue: list).entries.count == 64)
        var baggage = Baggage()
        for index in 1...70 { baggage["k\(index)"] = "v" }
        #expect(Baggage(headerValue: baggage.headerValue).entries.count == 64)
    }

    @Test func atMost8192BytesAreReadAndSent() {
        let fits = "a=" + String(repeating: "x", count: 8190)
        #expect(Baggage(headerValue: fits).headerValue == fits)
        #expect(Baggage(headerValue: fits + "x").isEmpty)
        #expect(Baggage(headerValue: "b=1," + fits).headerValue == "b=1")
        var baggage = Baggage()
        baggage["first"] = "1"
        baggage["long"] = String(repeating: "x", count: 8190)
        #expect(baggage.headerValue == "first=1")
    }

    @Test func baggageTravelsInTheServiceContext() {
        let propagator = BaggagePropagator()
        var context = ServiceContext.topLevel
        propagator.extract(["baggage": "a=1"], into: &context, using: DictionaryCarrier())
        #expect(context.baggage?["a"] == "1")
        var carrier: [String: String] = [:]
        propagator.inject(context, into: &carrier, using: DictionaryCarrier())
        #expect(carrier == ["baggage": "a=1"])
    }

    @Test func anEmptyFieldChangesNothing() {
        let propagator = BaggagePropagator()
        var context = ServiceContext.topLevel
        propagator.extract(["baggage": "garbage"], into: &context, using: DictionaryCarrier())
        #expect(context.baggage == nil)
        var carrier: [String: String] = [:]
        propagator.inject(context, into: &carrier, using: DictionaryCarrier())
        #expect(carrier.isEmpty)
    }
}
