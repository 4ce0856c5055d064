import Arguments
import Encoding
import Incidents
import Terminal
import Workload

struct IncidentListCommand: MainThreadCommand {
    static let configuration = CommandConfiguration(
        "list", abstract: "Lists the incidents",
        examples: [.init("tailspan incident list --json | jq .[].name", "")])

    @ArgumentGroup var files: IncidentFileOptions
    @Flag("answers", help: "Tells each one's lesson, and the further names that it answers to.") var answers
    @Flag("json", help: "Writes JSON.") var json
    @Flag("no-color", help: "Shows no colours.") var noColor

    func run(_ tools: Tools) throws -> Int32 {
        let tools = tools.withoutColors(noColor)
        var incidents: [Incident] = []
        var code = ExitCode.success
        for name in try files.library.names() {
            do { incidents.append(try files.library.incident(name)) } catch {
                // An unreadable file does not hide the others.
                tools.fail("\(error)")
                code = ExitCode.failure
            }
        }
        if json {
            writeJSON(incidents, tools.out)
        } else if !incidents.isEmpty || code == ExitCode.success {
            writeTable(incidents, tools.out)
        }
        return code
    }

    private func writeTable(_ incidents: [Incident], _ out: Terminal) {
        guard !incidents.isEmpty else { return out.line("no incidents in \(files.folder)") }
        var table = Table(["NAME", .right("LASTS"), .right("REQUESTS"), .right("QUESTIONS"), "TITLE"])
        for incident in incidents {
            table.append([
                StyledText(incident.name, .bold), StyledText(incident.load.duration.argument),
                StyledText("\((try? incident.plan().count) ?? 0)"), StyledText("\(incident.questions.count)"),
                StyledText(incident.title),
            ])
        }
        out.table(table)
        guard answers else { return }
        for incident in incidents {
            let names = ([incident.name] + incident.aliases).joined(separator: ", ")
            out.line()
            out.line(StyledText(names, .bold))
            out.lines(Paragraph.lines(incident.lesson, width: min(out.width, 100), first: "  ", rest: "  "))
        }
    }

    private func writeJSON(_ incidents: [Incident], _ out: Terminal) {
        out.json { json in
            json.array { json in
                for incident in incidents {
                    json.object { json in
                        json.member("name", incident.name)
                        json.member("title", incident.title)
                        if answers {
                            json.member("lesson", incident.lesson)
                            json.name("aliases")
                            json.array { for alias in incident.aliases { $0.value(.string(alias)) } }
                            json.name("alerts")
                            json.array { for alert in incident.alerts { $0.value(.string(alert)) } }
                        }
                        json.member("duration_ms", incident.load.duration / .milliseconds(1))
                        json.member("rate", incident.load.rate)
                        json.member("seed", incident.seed)
                        json.member("symptoms", incident.symptoms.count)
                        json.member("hints", incident.hints.count)
                        json.member("questions", incident.questions.count)
                    }
                }
            }
        }
    }
}
