extension FaultKind {
    /// The number of the rule by which `tailspan verify` catches the kind; `nil` if it trips none.
    ///
    /// | Kind | Rule | Only if |
    /// |---|---|---|
    /// | `drop-context`, `malformed-traceparent` | 2, every expected edge | |
    /// | `clock-skew` | 4, child within parent | behind by more than `--skew`, or ahead by more than a tenth of a second |
    /// | `disk-full` | 5, every service logged | |
    /// | `wrong-service-name` | 6, line's span exists | |
    /// | `lost-spans` | 6, line's span exists | another service has spans in the trace; else 1, trace found |
    /// | `late-logs` | 7, line within span's time | later than the span's end |
    /// | `missing-span-id` | 9, request lines carry ids | |
    /// | `uppercase-ids` | 10, ids are well formed | |
    /// | `duplicate-logs` | 11, nothing twice | |
    /// | `garbage-line` | 16, lines are whole | |
    /// | `huge-line` | 16, lines are whole | longer than the log store takes, which is 256 KiB |
    /// | `unsampled-but-logged` | 17, sampled as sent | |
    /// | `label-explosion` | 18, levels are known | |
    /// | `log-flood` | 19, no flood of lines | more lines than the rule explains by the service's spans |
    /// | `rotate-now` | none | 5 if files are removed before they were read (`LOG_MAX_FILES`) |
    ///
    /// A rotation breaks nothing where the shipper works: that is what the kind is to show. All other kinds make requests
    /// fail, or slow, and leave their logs and traces linked (`verify --allow-failures`).
    package var brokenRule: Int? {
        switch self {
        case .dropContext, .malformedTraceparent: 2
        case .clockSkew: 4
        case .diskFull: 5
        case .wrongServiceName, .lostSpans: 6
        case .lateLogs: 7
        case .missingSpanID: 9
        case .uppercaseIDs: 10
        case .duplicateLogs: 11
        case .garbageLine, .hugeLine: 16
        case .unsampledButLogged: 17
        case .labelExplosion: 18
        case .logFlood: 19
        default: nil
        }
    }
}
