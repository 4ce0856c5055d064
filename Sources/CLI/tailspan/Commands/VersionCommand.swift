import Arguments
import Encoding
import Terminal

struct VersionCommand: MainThreadCommand {
    static let configuration = CommandConfiguration("version", abstract: "Shows the version", section: "Help")

    @Flag("json", help: "Writes JSON.") var json

    func run(_ tools: Tools) -> Int32 {
        if json {
            tools.out.json {
                $0.object {
                    $0.member("name", "tailspan"); $0.member("version", Tailspan.version)
                }
            }
        } else {
            tools.out.line("tailspan \(Tailspan.version)")
        }
        return ExitCode.success
    }
}
