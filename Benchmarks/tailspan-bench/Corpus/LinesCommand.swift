import Arguments
import Encoding
import EventLoop
import HTTP
import LogOutput
import Logging
import Synchronization
import TraceContext
import Tracing
import Vocabulary

/// Writes the log files of the corpus, with the services' own log handler.
struct LinesCommand: BenchCommand {
    static let configuration = CommandConfiguration(
        "lines", abstract: "Writes the log files of some traces: FOLDER/<service>/<service>.log")

    @Option("folder", value: "FOLDER", .notEmpty, help: "Where the files go.") var folder: String
    @ArgumentGroup var part: CorpusOptions

    func run(on loop: EventLoop) async throws -> String {
        let corpus = part.corpus
        // The time of the lines: that of their trace.
        let time = Atomic<UInt64>(0)
        var loggers: [ServiceRole: Logger] = [:]
        var outputs: [LogOutput] = []
        for role in ServiceRole.allCases {
            let output = LogOutput(
                configuration: settings,
                identity: LogIdentity(service: role.rawValue, version: "1.0.0", environment: "demo", region: "local"),
                clock: WallClock { time.load(ordering: .relaxed) }, eventLoop: loop)
            outputs.append(output)
            loggers[role] = Logger(label: role.rawValue, handler: output.handler(level: .info))
        }
        for trace in part.traces {
            let (requestID, taskID) = (corpus.requestID(trace), corpus.taskID(trace))
            for line in CorpusLine.all {
                time.store(corpus.time(trace) + line.offset, ordering: .relaxed)
                var context = ServiceContext.topLevel
                context.spanContext = corpus.context(trace, span: line.span)
                context.requestID = requestID
                ServiceContext.withValue(context) {
                    loggers[line.service]?.info(line.message, metadata: line.fields(taskID: taskID))
                }
            }
        }
        for output in outputs { output.close() }
        let lines = part.count * Corpus.lineCount
        return JSONWriter.text { json in json.object { $0.member("lines", lines) } }
    }

    private var settings: LogConfiguration {
        var configuration = LogConfiguration()
        configuration.stdout = false
        configuration.directory = folder
        configuration.rotation.maxFiles = 0
        return configuration
    }
}
