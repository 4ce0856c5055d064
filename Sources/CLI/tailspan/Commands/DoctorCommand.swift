import Arguments
import Encoding
import Terminal

struct DoctorCommand: LoopCommand {
    static let configuration = CommandConfiguration(
        "doctor", abstract: "Looks whether this machine has what is needed, and says how to mend what is not",
        discussion: "Ends with 1 if something that is needed fails; a warning is no failure.", section: "Begin")

    @ArgumentGroup var environment: EnvironmentOptions
    @ArgumentGroup var tenants: TenantOptions
    @Flag("no-color", help: "Shows no colours.") var noColor
    @Flag("json", help: "Writes JSON.") var json

    func run(_ tools: Tools, _ loop: LoopTools) async -> Int32 {
        let tools = tools.withoutColors(noColor)
        let findings = await Doctor.local(
            tools, loop, environment.running, tenants.tenant(environment.running)
        ).examine()
        if json { Self.write(findings, tools.out) } else { Self.show(findings, tools.out) }
        return findings.contains { $0.verdict == .fail } ? ExitCode.failure : ExitCode.success
    }

    static func show(_ findings: [Finding], _ terminal: Terminal) {
        var table = Table(["", "", ""])
        for finding in findings {
            let style: Style =
                switch finding.verdict {
                case .ok: .color(.green)
                case .warn: .color(.yellow)
                case .fail: .color(.red).bold
                }
            table.append([
                StyledText(finding.verdict.rawValue, style), StyledText(finding.subject), StyledText(finding.detail),
            ])
        }
        // The remedy is shown below its finding.
        let indent = StyledText(String(repeating: " ", count: 6))
        for (line, finding) in zip(table.lines(), findings) {
            terminal.line(line)
            if !finding.remedy.isEmpty { terminal.line(indent + StyledText("→ " + finding.remedy, .dim)) }
        }
        let failures = findings.count { $0.verdict == .fail }
        let warnings = findings.count { $0.verdict == .warn }
        terminal.line()
        let counts = "\(warnings) \(warnings == 1 ? "warning" : "warnings")"
        terminal.line(
            failures == 0
                ? StyledText("fit to go, \(counts)", .color(.green).bold)
                : StyledText("\(failures) \(failures == 1 ? "thing" : "things") to mend, \(counts)", .color(.red).bold))
    }

    static func write(_ findings: [Finding], _ terminal: Terminal) {
        terminal.json {
            $0.object {
                $0.member("ok", !findings.contains { $0.verdict == .fail })
                $0.name("findings")
                $0.array {
                    for finding in findings {
                        $0.object {
                            $0.member("verdict", finding.verdict.rawValue)
                            $0.member("subject", finding.subject)
                            $0.member("detail", finding.detail)
                            if !finding.remedy.isEmpty { $0.member("remedy", finding.remedy) }
                        }
                    }
                }
            }
        }
    }
}
