import Contracts
import Encoding
import EventLoop
import Logging
import Metrics

package struct LogConfiguration: Sendable {
    package var level: Logger.Level = .info; init(environment: [String: String]) throws {}
}
struct LogIdentity { var service: String; var version: String; var environment: String; var region: String }
final class LogOutput: Sendable {
    init(
        configuration: LogConfiguration, identity: LogIdentity, clock: WallClock, eventLoop: EventLoop,
        metrics: any MetricsFactory
    ) throws {}
    func handler(level: Logger.Level) -> any LogHandler { SwiftLogNoOpLogHandler() }
    func flush() {}
    func close() {}
}
