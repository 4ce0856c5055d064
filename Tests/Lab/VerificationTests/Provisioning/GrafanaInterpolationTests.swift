import Encoding
import Testing

@testable import Verification

/// Grafana's interpolation, field by field.
@Suite("Grafana's interpolation of provisioning files") struct GrafanaInterpolationTests {
    private let environment = ["A": "one"]

    @Test func dataSourcesAndDashboardFoldersAreExpanded() {
        let file: JSONValue = [
            "datasources": [["url": "http://$A:1", "jsonData": ["x": [["url": "$${__value.raw}", "y": "${A}"]]]]],
            "providers": [["options": ["path": "/$A"]]],
        ]
        #expect(
            GrafanaInterpolation.expand(file, environment) == [
                "datasources": [["url": "http://one:1", "jsonData": ["x": [["url": "${__value.raw}", "y": "one"]]]]],
                "providers": [["options": ["path": "/one"]]],
            ])
    }

    @Test func annotationsAndQueriesOfAlertsAreNotExpanded() {
        let text: JSONValue = "{{ $$labels.a }} $A ${A}"
        let file: JSONValue = [
            "groups": [
                [
                    "name": text,
                    "rules": [
                        [
                            "title": text, "annotations": ["summary": text], "labels": ["x": text],
                            "data": [["refId": text, "model": ["expr": text, "deep": [["x": text]]]]],
                            "notification_settings": ["receiver": text],
                        ]
                    ],
                ]
            ]
        ]
        let expanded: JSONValue = "{{ $labels.a }} one one"
        #expect(
            GrafanaInterpolation.expand(file, environment) == [
                "groups": [
                    [
                        "name": expanded,
                        "rules": [
                            [
                                "title": expanded, "annotations": ["summary": text], "labels": ["x": expanded],
                                "data": [["refId": expanded, "model": ["expr": text, "deep": [["x": text]]]]],
                                "notification_settings": ["receiver": expanded],
                            ]
                        ],
                    ]
                ]
            ])
    }
}
