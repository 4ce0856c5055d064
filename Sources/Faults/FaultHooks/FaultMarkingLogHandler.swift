import FaultRules
import Logging
import Tracing
import Vocabulary

/// Adds `tailspan.fault.id` and `tailspan.fault.kind` to the log lines of requests that were hit.
package struct FaultMarkingLogHandler<Base: LogHandler>: LogHandler {
    private var base: Base
    private let activity: FaultActivity

    package init(_ base: Base, activity: FaultActivity) {
        self.base = base
        self.activity = activity
    }

    package var logLevel: Logger.Level {
        get { base.logLevel }
        set { base.logLevel = newValue }
    }

    package var metadata: Logger.Metadata {
        get { base.metadata }
        set { base.metadata = newValue }
    }

    package func log(event: LogEvent) {
        guard activity.hasBeenActive, let fields = ServiceContext.current?.faults?.fields, !fields.isEmpty else {
            return base.log(event: event)
        }
        var event = event
        event.metadata.merge(fields)
        base.log(event: event)
    }
}

extension RequestFaults {
    /// ``marks`` as log fields; empty if there are no marks or faults are hidden.
    package var fields: Logger.Metadata {
        guard let marks else { return [:] }
        return [LogField.faultID: .string(marks.ids), LogField.faultKind: .string(marks.kinds)]
    }
}
