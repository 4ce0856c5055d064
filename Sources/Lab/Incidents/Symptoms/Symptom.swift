/// A visible effect of the incident: a query and the number it must return.
package struct Symptom: Sendable, Equatable {
    package enum Query: Sendable, Equatable {
        /// An instant metric query at the end of the run; `$window` stands for the run's length. Its samples are summed.
        case logQL(String)
        /// The number of traces found, or the sum of what a TraceQL metrics query counts.
        case traceQL(String)
        /// How much the services' metrics increased during the run.
        case metric(MetricSelector)

        /// The query language and the query.
        package var text: (language: String, query: String) {
            switch self {
            case .logQL(let query): ("logql", query)
            case .traceQL(let query): ("traceql", query)
            case .metric(let selector): ("metric", selector.description)
            }
        }
    }

    package var id: String
    package var title: String
    package var query: Query
    package var expect: Expectation
}

/// The result of a symptom's query.
package struct SymptomResult: Sendable, Equatable {
    package var symptom: Symptom
    /// The number, or why there is none.
    package var measured: Result<Double, Trouble>

    /// A query that could not be answered.
    package struct Trouble: Error, Equatable, CustomStringConvertible {
        package var description: String
    }

    package init(symptom: Symptom, measured: Result<Double, Trouble>) {
        self.symptom = symptom
        self.measured = measured
    }

    package var isSeen: Bool {
        if case .success(let value) = measured { symptom.expect.holds(for: value) } else { false }
    }

    package var couldBeMeasured: Bool { if case .success = measured { true } else { false } }
}
