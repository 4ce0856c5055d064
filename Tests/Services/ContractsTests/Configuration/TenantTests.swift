import Configuration
import Testing
import Vocabulary

/// The names of tenants that Loki and Tempo take: letters, digits and a few marks.
@Suite("Tenant") struct TenantTests {
    @Test(
        "What Loki and Tempo take is one",
        arguments: [
            "room-a", "A", "42", "a.b", "...", "!-_.*'()", String(repeating: "x", count: 150),
        ])
    func taken(_ name: String) { #expect(Tenant(name)?.name == name) }

    @Test(
        "What they refuse is none",
        arguments: [
            "", " ", ".", "..", "room a", "a|b", "a/b", "a:b", "räum", "a\n", "a,b", "$A", #""a""#,
            String(repeating: "x", count: 151),
        ])
    func refused(_ name: String) { #expect(Tenant(name) == nil) }

    @Test("The variable: an empty one says nothing, an ill-formed one is refused by name") func variable() throws {
        #expect(try Environment([:]).tenant() == nil)
        #expect(try Environment(["TENANT": ""]).tenant() == nil)
        #expect(try Environment(["TENANT": " room-a\r"]).tenant()?.name == "room-a")
        let error = #expect(throws: ConfigurationError.self) { try Environment(["TENANT": "room a"]).tenant() }
        #expect(error?.description.hasPrefix("TENANT=room a: expected 1 to 150 letters, digits or any of") == true)
    }
}
