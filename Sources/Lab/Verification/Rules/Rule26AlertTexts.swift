package struct AlertTextsRule: LinkRule {
    package let number = 26
    package let name = "alert texts expand"
    package let explanation = """
        Every {{ }} in an alert's annotations and labels names something that the alert has when it fires. Broken by $$ \
        in an annotation: Grafana takes those as they are. And by a single $ in a label: there $labels is taken for an \
        environment variable, and {{ .service }} is left. ${NAME} in an annotation is a text, or from Grafana 13 on a \
        variable, and so neither for sure.
        """

    package func check(_ evidence: IndexedEvidence, _ findings: inout Findings) {
        guard case .known(let links) = evidence.evidence.provisioned else {
            return findings.skip(links: evidence.evidence.provisioned)
        }
        guard let alerts = links.alerts, !alerts.isEmpty else {
            return findings.skip("\(links.origin) has no alert rules")
        }
        for alert in alerts {
            let own = Set(alert.labels.map(\.name))
            // Labels that Grafana adds, and those that a query of the rule names.
            func isLabel(_ name: String) -> Bool {
                ["alertname", "grafana_folder"].contains(name) || own.contains(name)
                    || alert.words.contains(name)
            }
            for (kind, texts) in [("annotation", alert.annotations), ("label", alert.labels)] {
                for (name, text) in texts {
                    findings.looked()
                    var complaints = AlertTemplate(text).complaints(queries: alert.queries, isLabel: isLabel)
                    if kind == "annotation", text.contains("${") { complaints.append("has ${…}") }
                    for complaint in complaints {
                        findings.violate("alert '\(alert.title)', \(kind) \(name): \(complaint)")
                    }
                }
            }
        }
    }
}
