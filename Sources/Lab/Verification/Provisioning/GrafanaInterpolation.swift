import Encoding

/// Which texts of a provisioning file Grafana expands: most are expanded with environment variables, some are left as
/// they are because they are templates or queries.
///
/// Dashboards are never expanded: their JSON is for the browser, it is not a server setting.
enum GrafanaInterpolation {
    enum Field: Sendable, Equatable {
        /// `$NAME`, `${NAME}` and `$$` are replaced.
        case expanded
        /// Every dollar sign stays.
        case raw
    }

    /// How Grafana treats the text at a path of names and indices, such as `groups.0.rules.1.annotations.summary`.
    static func field(at path: [String]) -> Field {
        guard path.first == "groups", path.count > 5, path[2] == "rules" else { return .expanded }
        // An alert's annotations are templates that are filled in when it fires. So are its labels, but Grafana has
        // always expanded those.
        if path[4] == "annotations" { return .raw }
        // The model is a data source's query, with variables of its own.
        return path[4] == "data" && path.count > 7 && path[6] == "model" ? .raw : .expanded
    }

    /// The file with all expansions applied.
    static func expand(_ file: JSONValue, _ environment: [String: String]) -> JSONValue {
        expand(file, [], environment)
    }

    private static func expand(_ value: JSONValue, _ path: [String], _ environment: [String: String]) -> JSONValue {
        switch value {
        case .string(let text):
            field(at: path) == .expanded ? .string(EnvironmentExpansion.expand(text, environment)) : value
        case .array(let elements):
            .array(elements.enumerated().map { expand($0.element, path + [String($0.offset)], environment) })
        case .object(let object):
            .object(JSONObject(object.members.map { ($0.name, expand($0.value, path + [$0.name], environment)) }))
        default: value
        }
    }
}
