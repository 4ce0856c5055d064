/// Answers of Grafana, as it gives them to `GET /api/datasources`.
enum RecordedGrafana {
    /// Two data sources, with the settings that were provisioned, expanded.
    static let dataSources = #"""
        [{"id":1,"uid":"loki","orgId":1,"name":"Loki","type":"loki","typeName":"Loki","typeLogoUrl":"public/plugins/loki/img/loki_icon.svg","access":"proxy","url":"http://loki:3100","user":"","database":"","basicAuth":false,"isDefault":true,"jsonData":{"derivedFields":[{"datasourceUid":"tempo","matcherRegex":"^trace_id$","matcherType":"label","name":"Trace","url":"${__value.raw}","urlDisplayLabel":"Open the trace"}],"maxLines":1000},"readOnly":true},
        {"id":2,"uid":"tempo","orgId":1,"name":"Tempo","type":"tempo","typeName":"Tempo","typeLogoUrl":"public/plugins/tempo/img/tempo_logo.svg","access":"proxy","url":"http://tempo:3200","user":"","database":"","basicAuth":false,"isDefault":false,"jsonData":{"nodeGraph":{"enabled":true},"serviceMap":{"datasourceUid":"prometheus"},"spanBar":{"tag":"http.response.status_code","type":"Tag"},"traceQuery":{"timeShiftEnabled":true,"spanStartTimeShift":"1h","spanEndTimeShift":"2h"},"tracesToMetrics":{"datasourceUid":"prometheus","queries":[{"name":"Requests","query":"rate(http_server_request_duration_seconds_count{${__tags}}[5m])"},{"name":"Spans","query":"traces_spanmetrics_calls_total{span_name=\"${__span.name}\"}"}],"tags":[{"key":"service.name","value":"service_name"}]},"tracesToLogsV2":{"customQuery":true,"datasourceUid":"loki","filterBySpanID":false,"filterByTraceID":false,"query":"{service_namespace=\"tailspan\", ${__tags}} | trace_id=\"${__trace.traceId}\"","spanEndTimeShift":"5m","spanStartTimeShift":"-5m","tags":[{"key":"service.name","value":"service_name"}]}},"readOnly":true},
        {"id":3,"uid":"prometheus","orgId":1,"name":"Prometheus","type":"prometheus","access":"proxy","url":"http://prometheus:9090","basicAuth":false,"isDefault":false,"jsonData":null,"readOnly":true}]
        """#
    static let search =
        #"[{"id":7,"uid":"logs","title":"Logs","type":"dash-db"},{"id":8,"uid":"gone","type":"dash-db"}]"#
    static let dashboard = #"""
        {"meta":{"slug":"logs"},"dashboard":{"uid":"logs","title":"Logs","templating":{"list":[{"name":"service"},{"name":"trace","skipUrlSync":true}]},"links":[{"title":"Same","type":"link","url":"/d/logs","keepTime":true,"includeVars":true},{"type":"dashboards","tags":["x"],"url":"/d/none"}],"panels":[{"title":"Row","panels":[{"title":"Lines","links":[{"title":"A","url":"/d/logs?${service:queryparam}&${__url_time_range}"}],"fieldConfig":{"defaults":{"links":[{"title":"B","url":"/d/logs?var-service=${__value.raw}&from=1&to=2"}]},"overrides":[{"properties":[{"id":"links","value":[{"title":"C","url":"https://example.invalid/"}]},{"id":"unit","value":"s"}]}]}}]}]}}
        """#
    static let alerts = #"""
        [{"id":1,"uid":"e","title":"Errors","data":[{"refId":"A","model":{"expr":"sum by (service) (x)"}}],"annotations":{"summary":"{{ $labels.service }}: {{ $values.A.Value }}"},"labels":{"severity":"critical"}}]
        """#
    static let unauthorized =
        #"{"extra":null,"message":"Unauthorized","messageId":"api-key.invalid","statusCode":401,"traceID":""}"#
    static let forbidden = #"""
        {"accessErrorId":"ACE3392348646","message":"You'll need additional permissions to perform this action. Permissions needed: datasources:read","title":"Access denied"}
        """#
    static let notFound = #"{"message":"Not found","traceID":""}"#
    /// What a browser gets.
    static let page = "<!DOCTYPE html>\n<html lang=\"en-US\"><head><title>Grafana</title></head><body></body></html>"
}
