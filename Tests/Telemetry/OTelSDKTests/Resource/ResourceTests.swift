import Testing
import Tracing

@testable import OTelSDK

@Suite("The telemetry resource")
struct ResourceTests {
    private func resource(_ environment: [String: String], over base: Resource = Resource()) -> (Resource, [String]) {
        let configuration = OTelConfiguration(environment: environment, resource: base)
        return (configuration.resource, configuration.warnings)
    }

    @Test func theDefaultsNameTheSDKAndTheProcess() {
        let attributes = Resource.default.attributes
        #expect(attributes["telemetry.sdk.name"] == "tailspan")
        #expect(attributes["telemetry.sdk.language"] == "swift")
        #expect(attributes["telemetry.sdk.version"] == .string(OTelSDK.version))
        guard case .string(let name)? = attributes["service.name"] else {
            Issue.record("service.name is a text")
            return
        }
        #expect(name.hasPrefix("unknown_service:"))
        #expect(name.count > "unknown_service:".count)
    }

    @Test func theUpdatingResourceWinsAMerge() {
        let merged = Resource(attributes: ["a": 1, "b": 2]).merging(Resource(attributes: ["b": 3, "c": 4]))
        #expect(merged.attributes == ["a": 1, "b": 3, "c": 4])
    }

    @Test(arguments: [("", "", ""), ("a", "", "a"), ("", "b", "b"), ("a", "a", "a"), ("a", "b", "")])
    func schemaURLsAreMerged(_ old: String, _ updating: String, _ merged: String) {
        #expect(Resource(schemaURL: old).merging(Resource(schemaURL: updating)).schemaURL == merged)
    }

    @Test func attributesAreRead() {
        let (resource, warnings) = resource([
            "OTEL_RESOURCE_ATTRIBUTES": "region=eu-1, team = red%20fox,motto=a%2Cb%3Dc,url=http://x/?q=1,empty=,"
        ])
        #expect(
            resource.attributes == [
                "region": "eu-1", "team": "red fox", "motto": "a,b=c", "url": "http://x/?q=1", "empty": "",
            ])
        #expect(warnings.isEmpty)
    }

    @Test func theEnvironmentOverridesTheProgramAndTheServiceNameOverridesBoth() {
        let base = Resource(attributes: ["service.name": "program", "region": "local", "kept": 1])
        let (both, _) = resource(
            ["OTEL_RESOURCE_ATTRIBUTES": "service.name=list,region=eu", "OTEL_SERVICE_NAME": "name"], over: base)
        #expect(both.attributes == ["service.name": "name", "region": "eu", "kept": 1])
        let (list, _) = resource(["OTEL_RESOURCE_ATTRIBUTES": "service.name=list"], over: base)
        #expect(list.attributes["service.name"] == "list")
        let (none, _) = resource(["OTEL_RESOURCE_ATTRIBUTES": "", "OTEL_SERVICE_NAME": ""], over: base)
        #expect(none == base)
    }

    @Test(arguments: ["a", "a=1,b", "=1", "a=1,=2", "a=%", "a=%4", "a=%zz", "a=%FF", "a=1,,b=2;c,%=1"])
    func aMalformedListIsIgnoredAsAWholeWithAWarning(_ list: String) {
        let (resource, warnings) = resource(["OTEL_RESOURCE_ATTRIBUTES": list])
        #expect(resource.attributes.isEmpty)
        #expect(
            warnings == [
                "OTEL_RESOURCE_ATTRIBUTES=\(list): expected percent-encoded key=value pairs separated by commas; "
                    + "using none of them"
            ])
    }
}
