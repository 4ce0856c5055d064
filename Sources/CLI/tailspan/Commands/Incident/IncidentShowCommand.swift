import Arguments
import Incidents
import Rendering
import Terminal

struct IncidentShowCommand: MainThreadCommand {
    static let configuration = CommandConfiguration(
        "show", abstract: "Shows an incident's story, load and questions",
        discussion: "What goes wrong, and when, is not told, unless --answers asks for it.",
        examples: [
            .init("tailspan incident show unsettled-tasks", ""),
            .init("tailspan incident show unsettled-tasks --answers", "For whoever teaches it."),
        ])

    @Positional("NAME", help: "Which incident.") var name: String
    @ArgumentGroup var files: IncidentFileOptions
    @Flag("hints", help: "Shows the hints.") var hints
    @Flag("answers", help: "Shows what goes wrong and when, the symptoms, the alerts that fire, and the answers.")
    var answers
    @Flag("no-color", help: "Shows no colours.") var noColor

    func validate() throws(UsageError) { try files.expectReadable(name) }

    func run(_ tools: Tools) throws -> Int32 {
        let out = tools.withoutColors(noColor).out
        let incident = try files.library.incident(name)
        out.line(StyledText(incident.title, .bold))
        if answers {
            out.lines(Paragraph.lines(incident.lesson, width: min(out.width, 100), first: "lesson: ", rest: "    "))
        }
        out.line()
        out.lines(Paragraph.lines(incident.story, width: min(out.width, 100)))
        out.line()
        let load = incident.load
        out.line(
            StyledText(
                "\(Double(load.rate).argument) requests a second for \(load.duration.argument), seed \(incident.seed); "
                    + "\(load.mix)"))
        if answers {
            out.line()
            let chart = TimelineChart(incident)
            out.lines(
                chart.lines(columns: out.width - 2, showsUnicode: out.showsUnicode).map { StyledText("  ") + $0 })
            showSymptoms(incident, out)
            heading("Alerts", out)
            out.line(
                StyledText("  " + (incident.alerts.isEmpty ? "none fires" : incident.alerts.joined(separator: ", "))))
        }
        if hints || answers { showHints(incident, out) }
        showQuestions(incident, out)
        out.line()
        let next =
            "tailspan incident run \(incident.name)"
            + (hints || incident.hints.isEmpty ? "" : "; hints are shown by --hints")
        out.line(StyledText(next, .dim))
        return ExitCode.success
    }

    private func showSymptoms(_ incident: Incident, _ out: Terminal) {
        heading("Symptoms", out)
        for symptom in incident.symptoms {
            let (language, query) = symptom.query.text
            out.lines(
                Paragraph.lines(
                    "\(symptom.title), \(symptom.expect)", width: min(out.width, 100), first: "  \(symptom.id): ",
                    rest: "    "))
            out.line(StyledText("    \(language): \(query)", .dim))
        }
    }

    private func showHints(_ incident: Incident, _ out: Terminal) {
        guard !incident.hints.isEmpty else { return }
        heading("Hints", out)
        for (index, hint) in incident.hints.enumerated() {
            out.lines(Paragraph.lines(hint, width: min(out.width, 100), first: "  \(index + 1). ", rest: "     "))
        }
    }

    private func showQuestions(_ incident: Incident, _ out: Terminal) {
        guard !incident.questions.isEmpty else { return }
        heading("Questions", out)
        for question in incident.questions {
            out.lines(
                Paragraph.lines(question.text, width: min(out.width, 100), first: "  \(question.id): ", rest: "    "))
            for (index, choice) in question.choices.enumerated() {
                out.line(StyledText("    \(Question.letter(index)) \(choice)"))
            }
            guard answers else { continue }
            out.line(
                StyledText(
                    "    right: " + question.accepted.map(\.description).joined(separator: " or "), .color(.green)))
            out.lines(Paragraph.lines(question.explanation, width: min(out.width, 100), first: "    ", rest: "    "))
        }
    }

    private func heading(_ text: String, _ out: Terminal) {
        out.line()
        out.line(StyledText(text, .bold))
    }
}
