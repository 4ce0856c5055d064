import Encoding
import Testing

/// A dashboard file.
struct Dashboard: Sendable, CustomTestStringConvertible {
    let path: String
    let json: JSONValue

    static let all: [Dashboard] = {
        do {
            return try Repository.files(under: ProvisionedQueries.dashboardFolder, endingIn: ".json")
                .map { Dashboard(path: $0, json: try Repository.json($0)) }
        } catch {
            fatalError("the dashboards cannot be read: \(error)")
        }
    }()

    var testDescription: String { path }
    var uid: String { json["uid"]?.string ?? "" }
    var title: String { json["title"]?.string ?? "" }
    var variables: [JSONValue] { json["templating"]?["list"]?.array ?? [] }
    var variableNames: Set<String> { Set(variables.compactMap { $0["name"]?.string }) }
    /// With those inside collapsed rows.
    var panels: [Panel] { ProvisionedQueries.panels(of: json).map { Panel(json: $0) } }

    func variable(_ name: String) -> JSONValue? { variables.first { $0["name"]?.string == name } }

    /// Those that stand in the address of the page, so that a link can set them.
    var linkedVariables: Set<String> {
        Set(variables.filter { $0["skipUrlSync"]?.bool != true }.compactMap { $0["name"]?.string })
    }

    /// Every text in the file, with the names of the members that lead to it.
    var texts: [(path: [String], text: String)] { Self.texts(in: json, at: []) }

    private static func texts(in value: JSONValue, at path: [String]) -> [(path: [String], text: String)] {
        switch value {
        case .string(let text): [(path, text)]
        case .array(let elements): elements.flatMap { texts(in: $0, at: path) }
        case .object(let object): object.members.flatMap { texts(in: $0.value, at: path + [$0.name]) }
        default: []
        }
    }
}

/// A panel of a dashboard.
struct Panel {
    let json: JSONValue

    var title: String { json["title"]?.string ?? "" }
    var type: String { json["type"]?.string ?? "" }
    var targets: [JSONValue] { json["targets"]?.array ?? [] }
    var description: String { json["description"]?.string ?? "" }
    var defaults: JSONValue? { json["fieldConfig"]?["defaults"] }
    var overrides: [JSONValue] { json["fieldConfig"]?["overrides"]?.array ?? [] }
    /// Rows divide the page; texts show no data.
    var showsData: Bool { type != "row" && type != "text" }
    /// Log lines and waterfalls have no one number that a unit could be of.
    var showsNumbers: Bool { showsData && type != "logs" && type != "traces" }

    /// The value of a property for the fields that an override is about; `nil` if it leaves it alone.
    static func property(_ name: String, of override: JSONValue) -> JSONValue? {
        override["properties"]?.array?.first { $0["id"]?.string == name }?["value"]
    }

    /// The value of a property in the panel's defaults and in each override that has it.
    func values(of name: String) -> [JSONValue] {
        let path = name.split(separator: ".").map { String($0) }
        let usual = path.reduce(defaults) { $0?[$1] }
        return (usual.map { [$0] } ?? []) + overrides.compactMap { Self.property(name, of: $0) }
    }

    /// Where it stands: the grid is 24 wide.
    struct Place {
        var x: Int, y: Int, width: Int, height: Int

        func overlaps(_ other: Place) -> Bool {
            x < other.x + other.width && other.x < x + width && y < other.y + other.height && other.y < y + height
        }
    }

    var place: Place? {
        guard let position = json["gridPos"], let x = position["x"]?.integer, let y = position["y"]?.integer,
            let width = position["w"]?.integer, let height = position["h"]?.integer
        else { return nil }
        return Place(x: Int(x), y: Int(y), width: Int(width), height: Int(height))
    }
}
