import Encoding
import FaultControl
import Vocabulary

/// The record of a run, so that it can be checked later.
package struct RunRecord: Sendable {
    package enum Mode: String, Sendable {
        /// In an environment that was started for the run and whose data is kept.
        case own
        /// In an environment that was already running.
        case attached
    }

    package var incident: String
    package var mode: Mode
    /// Nanoseconds since the Unix epoch: from the first request until everything was quiet and stored.
    package var window: Range<UInt64>
    package var seed: UInt64
    /// The number of this run of the seed in its environment, from 1.
    package var number: Int
    package var speed: Double
    package var withFaults: Bool
    package var isHidden: Bool
    /// The base URLs of the log store and the trace store.
    package var loki: String
    package var tempo: String
    /// The tenant of the lines and spans, where the stores keep several tenants apart.
    package var tenant: Tenant?
    /// The base URLs of the services.
    package var urls: [ServiceRole: String]
    /// Only for a run in an environment of its own.
    package var dataFolder: String?
    package var logFolder: String?
    package var metrics: MetricIncreases

    package init(
        incident: String, mode: Mode, window: Range<UInt64>, seed: UInt64, number: Int = 1, speed: Double,
        withFaults: Bool, isHidden: Bool, loki: String, tempo: String, urls: [ServiceRole: String], dataFolder: String?,
        logFolder: String?, metrics: MetricIncreases
    ) {
        self.incident = incident
        self.mode = mode
        self.window = window
        self.seed = seed
        self.number = number
        self.speed = speed
        self.withFaults = withFaults
        self.isHidden = isHidden
        self.loki = loki
        self.tempo = tempo
        self.urls = urls
        self.dataFolder = dataFolder
        self.logFolder = logFolder
        self.metrics = metrics
    }

    /// The file's text. The report's figures are for readers and are not read back.
    package func text(_ report: RunReport) -> String {
        var json = JSONWriter(capacity: 32_768)
        json.object { json in
            json.member("incident", incident)
            json.member("mode", mode.rawValue)
            json.member("started_at", RFC3339.string(nanosecondsSinceEpoch: window.lowerBound))
            json.name("window")
            json.object {
                $0.member("start_ns", window.lowerBound)
                $0.member("end_ns", window.upperBound)
            }
            json.name("seed")
            FaultState.write(seed: seed, to: &json)
            json.member("run", number)
            json.member("speed", speed)
            json.member("with_faults", withFaults)
            json.member("hidden", isHidden)
            json.member("loki", loki)
            json.member("tempo", tempo)
            if let tenant { json.member("tenant", tenant.name) }
            json.name("services")
            json.object { for role in ServiceRole.allCases { $0.member(role.rawValue, urls[role] ?? "") } }
            if let dataFolder { json.member("data_dir", dataFolder) }
            if let logFolder { json.member("log_dir", logFolder) }
            json.name("report")
            report.write(to: &json)
            json.name("metrics")
            metrics.write(to: &json)
        }
        return json.string + "\n"
    }

    /// Reads what ``text(_:)`` wrote.
    /// - Throws: ``IncidentError`` in one line.
    package init(parsing bytes: [UInt8], file: String) throws(IncidentError) {
        let json: JSONValue
        do throws(JSONError) { json = try JSONValue(parsing: bytes) } catch {
            throw IncidentError("\(file): \(error)")
        }
        guard let incident = json["incident"]?.string, let mode = json["mode"]?.string.flatMap({ Mode(rawValue: $0) }),
            let start = json["window"]?["start_ns"]?.integer, let end = json["window"]?["end_ns"]?.integer,
            start > 0, start < end, let loki = json["loki"]?.string, let tempo = json["tempo"]?.string,
            let seed = json["seed"].flatMap(FaultState.seed)
        else { throw IncidentError("\(file): this is no record of a run") }
        self.init(
            incident: incident, mode: mode, window: UInt64(start)..<UInt64(end), seed: seed,
            number: Int(json["run"]?.integer ?? 1), speed: json["speed"]?.double ?? 1,
            withFaults: json["with_faults"]?.bool ?? true,
            isHidden: json["hidden"]?.bool ?? false, loki: loki, tempo: tempo, urls: [:],
            dataFolder: json["data_dir"]?.string, logFolder: json["log_dir"]?.string,
            metrics: MetricIncreases(json["metrics"] ?? .null))
        tenant = json["tenant"]?.string.flatMap(Tenant.init)
        for role in ServiceRole.allCases { urls[role] = json["services"]?[role.rawValue]?.string }
    }
}
