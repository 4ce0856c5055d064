import Configuration
import Testing
import Vocabulary

/// The tenant names that Loki and Tempo accept: letters, digits and a few punctuation marks.
@Suite("The name of a tenant") struct TenantTests {
    @Test(
        "A name that Loki and Tempo accept is valid",
        arguments: [
            "room-a", "A", "42", "a.b", "...", "!-_.*'()", String(repeating: "x", count: 150),
        ])
    func aNameThatLokiAndTempoAcceptIsValid(_ name: String) { #expect(Tenant(name)?.name == name) }

    @Test(
        "A name that Loki and Tempo refuse is invalid",
        arguments: [
            "", " ", ".", "..", "room a", "a|b", "a/b", "a:b", "räum", "a\n", "a,b", "$A", #""a""#,
            String(repeating: "x", count: 151),
        ])
    func aNameThatLokiAndTempoRefuseIsInvalid(_ name: String) { #expect(Tenant(name) == nil) }

    @Test("An empty variable counts as unset, and a malformed one is refused by its name")
    func theVariableMayBeEmptyButNotMalformed() throws {
        #expect(try Environment([:]).tenant() == nil)
        #expect(try Environment(["TENANT": ""]).tenant() == nil)
        #expect(try Environment(["TENANT": " room-a\r"]).tenant()?.name == "room-a")
        let error = #expect(throws: ConfigurationError.self) { try Environment(["TENANT": "room a"]).tenant() }
        #expect(error?.description.hasPrefix("TENANT=room a: expected 1 to 150 letters, digits or any of") == true)
    }
}
