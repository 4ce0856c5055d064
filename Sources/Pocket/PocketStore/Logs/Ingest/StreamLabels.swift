import LogQL
import Vocabulary

/// Validates the labels of a stream, and adds the `service_name` that every stream has.
enum StreamLabels {
    /// The labels that Loki takes the service's name from, by precedence.
    private static let serviceNameSources = [
        "service", "app", "application", "app_name", "name", "app_kubernetes_io_name", "container", "container_name",
        "k8s_container_name", "component", "workload", "job", "k8s_job_name",
    ]

    /// `labels` with a `service_name`, sorted.
    static func withServiceName(_ labels: [Label]) -> [Label] {
        var result = labels.filter { !$0.value.isEmpty }
        if result[LokiShape.serviceName] == nil {
            let found = serviceNameSources.lazy.compactMap { result[$0] }.first
            result.append(Label(LokiShape.serviceName, found ?? "unknown_service"))
        }
        return result.sorted()
    }

    /// Why these labels are not valid for a stream, in Loki's wording; `nil` if they are.
    static func problem(with labels: [Label]) -> String? {
        for label in labels where !isName(label.name) {
            return "couldn't parse labels: \"\(label.name)\" is not a label name: expected letters, digits and _, "
                + "not beginning with a digit"
        }
        // The service name that was added does not count.
        let count = labels.count - (labels[LokiShape.serviceName] == nil ? 0 : 1)
        if count > LokiLimits.maximumLabelCount {
            return
                "entry for stream '\(labels.selector)' has \(count) label names; limit \(LokiLimits.maximumLabelCount)"
        }
        for label in labels {
            if label.name.utf8.count > LokiLimits.maximumLabelNameLength {
                return "stream '\(labels.selector)' has label name too long: '\(label.name)'"
            }
            if label.value.utf8.count > LokiLimits.maximumLabelValueLength {
                return "stream '\(labels.selector)' has label value too long: '\(label.value)'"
            }
        }
        return nil
    }

    static func isName(_ name: String) -> Bool {
        var isFirst = true
        for byte in name.utf8 {
            switch byte {
            case 65...90, 95, 97...122: break
            case 48...57: if isFirst { return false }
            default: return false
            }
            isFirst = false
        }
        return !isFirst
    }
}
