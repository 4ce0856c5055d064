import Testing

@testable import Arguments
@testable import Terminal

@Suite("The help text")
struct HelpTests {
    @Test("The overview lists the commands by section")
    func theOverviewListsTheCommandsBySection() {
        #expect(
            sample.help("") == """
                sample: a program to test with

                Usage: sample COMMAND [OPTIONS]

                Work:
                  send   Sends requests
                  stop   Stops one

                Break:
                  fault  Handles faults

                Always:
                  help COMMAND  Shows the help of a command; COMMAND --help does the same.
                  --version     Shows the version.

                Begin with sample send.
                """)
    }

    @Test("The help of a command shows its usage, arguments, defaults and examples")
    func theHelpOfACommandShowsUsageDefaultsAndExamples() {
        #expect(
            sample.help("help send") == """
                sample send: Sends requests

                Usage: sample send --seed N [OPTIONS] TARGET [REST…]

                One after the other.

                Arguments:
                  TARGET  What to send to. One of: all, some.
                  REST…   More.

                Options:
                  -r, --rate R         Requests a second. (default: 50)
                      --pace PACE      How quick. One of: slow, fast. (default: slow)
                      --duration TIME  How long.
                      --tag TEXT       A tag. May be given several times.
                      --seed N         The seed. It must be small.
                  -q, --quiet          Says nothing.
                      --loki URL       Where Loki is. (default: http://127.0.0.1:3100)
                  -j, --json           Writes JSON.
                      --place NAME     Where.
                  -h, --help           Shows this help.

                Examples:
                  Sends slowly.
                  sample send --rate 5 all
                """)
    }

    @Test("The help keeps to the requested width", arguments: [40, 60, 80])
    func theHelpKeepsToTheRequestedWidth(width: Int) {
        guard case .help(let help) = sample.parse(["help", "send"]) else { return #expect(Bool(false)) }
        #expect(help.lines(width: width).allSatisfy { $0.width <= max(width, 56) })
    }
}
