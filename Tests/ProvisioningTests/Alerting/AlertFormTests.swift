import Encoding
import Foundation
import Incidents
import LogQL
import QuerySupport
import Testing
import Vocabulary

@testable import Verification

/// The alert rules have the form that Loki and Grafana read, agree with each other and help the reader.
@Suite("The form of the alert rules") struct AlertFormTests {
    private let loki: [JSONValue]
    private let grafana: [JSONValue]

    init() throws {
        loki = try AlertFiles.lokiRules()
        grafana = try AlertFiles.grafanaRules()
    }

    @Test func theLokiRulesHaveTheirSchema() throws {
        let file = try Repository.yaml(AlertFiles.loki)
        #expect(file.object?.members.map(\.name) == ["groups"])
        for group in file["groups"]?.array ?? [] {
            let names = group.object?.members.map(\.name) ?? []
            #expect(names.allSatisfy { ["name", "interval", "limit", "rules"].contains($0) }, "\(names)")
            #expect(Measure.duration(group["interval"]?.string ?? "") ?? 0 > 0)
        }
        for rule in loki {
            #expect(
                Set(rule.object?.members.map(\.name) ?? [])
                    == ["alert", "expr", "for", "labels", "annotations"], "\(rule)")
            #expect(rule["alert"]?.string?.wholeMatch(of: /[A-Z][A-Za-z]+/) != nil)
            #expect(Measure.duration(rule["for"]?.string ?? "") != nil)
            for part in ["labels", "annotations"] {
                for member in rule[part]?.object?.members ?? [] {
                    #expect(member.value.string != nil && member.name.wholeMatch(of: /[a-z_]+/) != nil)
                }
            }
        }
        #expect(Set(loki.compactMap { $0["alert"]?.string }).count == loki.count)
    }

    @Test func theGrafanaRulesHaveTheirSchema() throws {
        let sources = try ProvisionedSources.read()
        let group = try #require(try Repository.yaml(AlertFiles.grafana)["groups"]?[0])
        for name in ["name", "folder", "interval"] { #expect(group[name]?.string?.isEmpty == false) }
        // Grafana evaluates every ten seconds at most.
        let interval = try #require(Measure.duration(group["interval"]?.string ?? ""))
        #expect(interval > 0 && interval % 10_000_000_000 == 0)
        for rule in grafana {
            let title = rule["title"]?.string ?? "?"
            #expect(rule["uid"]?.string?.wholeMatch(of: /[A-Za-z0-9_-]{1,40}/) != nil, "\(title)")
            #expect(["OK", "NoData", "Alerting"].contains(rule["noDataState"]?.string), "\(title)")
            #expect(["OK", "Error", "Alerting"].contains(rule["execErrState"]?.string), "\(title)")
            #expect(Measure.duration(rule["for"]?.string ?? "") ?? -1 >= 0, "\(title)")
            let data = try #require(rule["data"]?.array)
            #expect(data.contains { $0["refId"]?.string == rule["condition"]?.string }, "\(title)")
            for query in data {
                let uid = try #require(query["datasourceUid"]?.string)
                #expect(uid == "__expr__" || sources.contains { $0.uid == uid }, "\(title): \(uid)")
                #expect(query["model"]?["refId"] == query["refId"], "\(title)")
                #expect(query["model"]?["datasource"]?["uid"]?.string == uid, "\(title)")
            }
            // An instant query gives one number a series, which a threshold takes as it is.
            let query = try #require(data.first { $0["datasourceUid"]?.string == "loki" })
            #expect(query["model"]?["queryType"]?.string == "instant", "\(title)")
            let window = try #require(query["model"]?["expr"]?.string?.firstMatch(of: /\[(\w+)\]/)).1
            let asked = try #require(query["relativeTimeRange"]?["from"]?.integer)
            #expect(asked * 1_000_000_000 >= Measure.duration(String(window)) ?? .max, "\(title)")
        }
        for key in ["uid", "title"] {
            #expect(Set(grafana.compactMap { $0[key]?.string }).count == grafana.count)
        }
    }

    @Test func lokiAndGrafanaHaveTheSameAlerts() throws {
        #expect(loki.count == grafana.count)
        for (loki, grafana) in zip(loki, grafana) {
            let (expression, threshold) = try AlertFiles.condition(grafana)
            let whole = expression + (threshold == 0 ? "" : " > \(Int(threshold))")
            #expect(loki["expr"]?.string == whole)
            #expect(loki["for"] == grafana["for"])
            #expect(loki["labels"] == grafana["labels"])
            for name in ["summary", "description", "runbook"] {
                let text = grafana["annotations"]?[name]?.string?.replacing("$values.A.Value", with: "$value")
                #expect(loki["annotations"]?[name]?.string == text, "\(name)")
            }
        }
        #expect(
            loki.compactMap { $0["alert"]?.string } == [
                "TailspanErrorRate", "TailspanServiceSilent", "TailspanCompensationBurst",
            ])
    }

    @Test func theAlertsNameEveryServiceAndItsLevels() throws {
        let expressions = try grafana.map { try AlertFiles.condition($0).expression }
        for role in ServiceRole.allCases {
            #expect(
                expressions[1].contains(#"absent_over_time({service_namespace="tailspan", service="\#(role)"}[5m])"#))
        }
        #expect(expressions[0].contains(#"level=~"error|critical""#))
        let (_, errors) = try AlertFiles.condition(grafana[0])
        #expect(errors == 10)
        #expect(expressions[0].contains("[1m]"))
    }

    @Test func theAlertExpressionsAreValidLogQL() throws {
        for rule in loki {
            let expression = try #require(rule["expr"]?.string)
            #expect(throws: Never.self, "\(expression)") { try LogQLParser.parse(expression) }
        }
    }

    /// The labels that a rule's series have, besides those that the rule adds.
    @Test func annotationsUseLabelsOfTheirSeries() throws {
        for rule in loki + grafana {
            let hasService = !(rule["uid"] ?? rule["alert"] ?? .null).description.lowercased().contains("compensation")
            for member in rule["annotations"]?.object?.members ?? [] {
                let text = member.value.string ?? ""
                for match in text.matches(of: /\{\{(.*?)\}\}/) {
                    let inner = match.1.trimmingCharacters(in: .whitespaces)
                    let allowed = ["$value", "$values.A.Value", #"reReplaceAll "/$" "" (externalURL)"#]
                    #expect(allowed.contains(inner) || (hasService && inner == "$labels.service"), "\(inner)")
                }
            }
        }
    }

    @Test func everyAlertHasARunbook() throws {
        for rule in loki + grafana {
            let annotations = try #require(rule["annotations"])
            for name in ["summary", "description", "runbook"] {
                #expect(annotations[name]?.string?.isEmpty == false, "\(rule)")
            }
            #expect(annotations["runbook"]?.string?.hasPrefix("1. ") == true)
        }
    }

    @Test func dollarSignsAreDoubledOnlyWhereGrafanaInterpolates() throws {
        var annotations = 0
        for path in [AlertFiles.grafana, AlertFiles.notifications] {
            for (place, text) in ProvisionedTexts.all(in: try Repository.yaml(path)) {
                let field = GrafanaInterpolation.field(at: place.split(separator: ".").map { String($0) })
                if field == .raw {
                    annotations += place.contains(".annotations.") && text.contains("$") ? 1 : 0
                    #expect(!text.contains("$$"), "\(path)\(place) is taken as it is: \(text)")
                    #expect(!text.contains("${"), "\(path)\(place) is filled in by some versions: \(text)")
                } else {
                    #expect(ProvisionedTexts.loneDollars(in: text) == 0, "\(path)\(place): \(text)")
                }
            }
        }
        #expect(annotations > 5)
    }

    /// Grafana fills in every template of a text, so that none is left when an alert fires.
    @Test func everyAnnotationIsFilledInWhenTheAlertFires() throws {
        let values = [
            "$labels.service": "payments", "$values.A.Value": "17", #"reReplaceAll "/$" "" (externalURL)"#: "http://g",
        ]
        for rule in grafana {
            for member in rule["annotations"]?.object?.members ?? [] {
                let text = (member.value.string ?? "").replacing(/\{\{(.*?)\}\}/) { match in
                    values[match.1.trimmingCharacters(in: .whitespaces)] ?? "?"
                }
                #expect(!text.contains("{{") && !text.contains("$") && !text.contains("?{"), "\(member.name): \(text)")
            }
        }
    }

    @Test func everyAlertBelongsToAnIncident() throws {
        let library = IncidentLibrary(folder: Repository.root.appending(path: "incidents").path)
        let known = Set(try AlertFiles.expressions().map(\.name))
        let incidents = try library.names().map { try library.incident($0) }
        for incident in incidents {
            #expect(Set(incident.alerts).isSubset(of: known), "\(incident.name): \(incident.alerts)")
        }
        // A service is silent only after five minutes: longer than any incident.
        #expect(Set(incidents.flatMap(\.alerts)) == known.subtracting(["TailspanServiceSilent"]))
    }

    @Test func notificationsStayOnTheMachine() throws {
        let file = try Repository.yaml(AlertFiles.notifications)
        let points = try #require(file["contactPoints"]?.array)
        let mutes = Set(file["muteTimes"]?.array?.compactMap { $0["name"]?.string } ?? [])
        let policy = try #require(file["policies"]?[0])
        let names = Set(points.compactMap { $0["name"]?.string })
        #expect(names.contains(policy["receiver"]?.string ?? ""))
        let route = try #require(policy["routes"]?[0])
        #expect(names.contains(route["receiver"]?.string ?? ""))
        for name in route["mute_time_intervals"]?.array ?? [] { #expect(mutes.contains(name.string ?? "")) }
        #expect(route["mute_time_intervals"]?.array?.isEmpty == false)
        // Each rule's labels lead to the muted route.
        let matcher = (route["object_matchers"]?[0]?.array ?? []).compactMap { $0.string }
        try #require(matcher.count == 3 && matcher[1] == "=")
        for rule in grafana { #expect(rule["labels"]?[matcher[0]]?.string == matcher[2]) }
        for point in points {
            for receiver in point["receivers"]?.array ?? [] {
                #expect(receiver["type"]?.string == "email")
                // A domain that can never be.
                #expect(receiver["settings"]?["addresses"]?.string?.hasSuffix("@example.invalid") == true)
            }
        }
    }
}
