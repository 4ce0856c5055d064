import Incidents

/// An incident to change: each part is YAML text.
struct SampleIncident {
    var title = "'Title'"
    var load = "{rate: 10, duration: 60s, mix: {sync: 80, async: 20}}"
    var timeline = "[{at: 20s, for: 30s, rule: 'payments.settle:error=503,rate=40%,id=brownout'}]"
    var symptoms = "[{id: 's', title: 'S', metric: 'm_total', expect: '> 1'}]"
    var questions = "[]"
    /// Further keys, one a line.
    var more = ""

    var text: String {
        """
        # An incident that is nobody's.
        title: \(title)
        load: \(load)
        timeline: \(timeline)
        symptoms: \(symptoms)
        questions: \(questions)
        \(more)
        lesson: Lesson
        story: Story
        seed: 7
        """
    }

    func read() throws(IncidentError) -> Incident {
        try Incident(name: "sample", parsing: Array(text.utf8), file: "sample.yaml")
    }

    static func read(_ change: (inout SampleIncident) -> Void) throws(IncidentError) -> Incident {
        var sample = SampleIncident()
        change(&sample)
        return try sample.read()
    }
}
