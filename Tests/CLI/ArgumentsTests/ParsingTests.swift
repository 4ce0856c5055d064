import Testing

@testable import Arguments

@Suite("The parser of a command line")
struct ParsingTests {
    @Test(
        "A value may follow its option in every usual form",
        arguments: [
            "send --seed 1 --rate 5 all", "send --seed=1 --rate=5 all", "send --seed 1 -r 5 all",
            "send --seed 1 -r5 all", "send --seed 1 -r=5 all", "send all --rate 5 --seed 1",
            "send --rate 7 --rate 5 --seed 1 all", "send --seed 1 --rate 5 -- all",
        ])
    func aValueMayFollowItsOptionInEveryUsualForm(line: String) throws {
        let command: SendCommand = try #require(sample.command(line))
        #expect(command.rate == 5)
        #expect(command.target == "all")
        #expect(command.seed == 1)
    }

    @Test("Missing options have their defaults")
    func missingOptionsHaveTheirDefaults() throws {
        let command: SendCommand = try #require(sample.command("send --seed 3 some"))
        #expect(command.rate == 50)
        #expect(command.pace == .slow)
        #expect(command.duration == nil)
        #expect(command.tags.isEmpty)
        #expect(!command.quiet)
        #expect(!command.stack.json)
        #expect(command.stack.loki == "http://127.0.0.1:3100")
        #expect(command.rest.isEmpty)
    }

    @Test("An option of several groups is declared once and given to all of them")
    func anOptionOfSeveralGroupsIsDeclaredOnce() throws {
        let command: SendCommand = try #require(sample.command("send --seed 3 --place here all"))
        #expect(command.stack.place.place == "here")
        #expect(command.store.place.place == "here")
        #expect(command.argumentDefinitions.count { $0.name == "place" } == 1)
    }

    @Test("Every argument arrives")
    func everyArgumentArrives() throws {
        let command: SendCommand = try #require(
            sample.command(
                "send --seed 3 --pace fast --duration 1m30s --tag a --tag=b=c -qj --loki http://x:1 all y -- --z"))
        #expect(command.pace == .fast)
        #expect(command.duration == .seconds(90))
        #expect(command.tags == ["a", "b=c"])
        #expect(command.quiet)
        #expect(command.stack.json)
        #expect(command.stack.loki == "http://x:1")
        #expect(command.rest == ["y", "--z"])
    }

    @Test("A value may begin with a dash")
    func aValueMayBeginWithADash() throws {
        let command: SendCommand = try #require(sample.command("send --seed 3 --tag -x --tag --unknown all -"))
        #expect(command.tags == ["-x", "--unknown"])
        #expect(command.rest == ["-"])
    }

    @Test("A positional argument may be optional")
    func aPositionalArgumentMayBeOptional() throws {
        #expect(try #require(sample.command("stop", as: StopCommand.self)).name == nil)
        #expect(try #require(sample.command("stop it", as: StopCommand.self)).name == "it")
        #expect(try #require(sample.command("stop -5", as: StopCommand.self)).name == "-5")
    }

    @Test("Two parses share no values")
    func twoParsesShareNoValues() throws {
        let first: SendCommand = try #require(sample.command("send --seed 1 --rate 5 all"))
        let second: SendCommand = try #require(sample.command("send --seed 2 all"))
        #expect(first.rate == 5)
        #expect(second.rate == 50)
    }

    @Test("A subcommand is parsed")
    func aSubcommandIsParsed() throws {
        let command: FaultCommand.SetCommand = try #require(sample.command("fault set --rate 0.5"))
        #expect(command.rate == 0.5)
    }

    @Test(
        "A usage error is one line that says what was expected",
        arguments: [
            ("snd", "sample: unknown command 'snd'; did you mean send? (see 'sample --help')"),
            ("xyz", "sample: unknown command 'xyz' (see 'sample --help')"),
            ("--rate 5", "sample: expected a command before '--rate' (see 'sample --help')"),
            (
                "--versoin",
                "sample: expected a command before '--versoin'; did you mean --version? (see 'sample --help')"
            ),
            ("help snd", "sample: unknown command 'snd'; did you mean send? (see 'sample --help')"),
            ("help send now", "sample send: unexpected argument 'now' (see 'sample send --help')"),
            (
                "send --seed 1 --rte 5 all",
                "sample send: unknown option '--rte'; did you mean --rate? (see 'sample send --help')"
            ),
            ("send --seed 1 -x all", "sample send: unknown option '-x' (see 'sample send --help')"),
            (
                "send --seed 1 --rate fast all",
                "sample send: --rate: expected a number above 0, not 'fast' (see 'sample send --help')"
            ),
            (
                "send --seed 1 --rate 0 all",
                "sample send: --rate: expected a number above 0, not '0' (see 'sample send --help')"
            ),
            (
                "send --seed 1 --rate nan all",
                "sample send: --rate: expected a number above 0, not 'nan' (see 'sample send --help')"
            ),
            (
                "send --seed 10 all",
                "sample send: --seed: expected a whole number from 0 to 9, not '10' (see 'sample send --help')"
            ),
            (
                "send --seed 1 all --rate",
                "sample send: --rate: expected a value, as in --rate R (see 'sample send --help')"
            ),
            (
                "send --rate --seed 1 all",
                "sample send: --rate: expected a value, as in --rate R (see 'sample send --help')"
            ),
            (
                "send --seed 1 --quiet=yes all",
                "sample send: --quiet is a switch and takes no value (see 'sample send --help')"
            ),
            ("send all", "sample send: expected --seed N: the seed (see 'sample send --help')"),
            ("send --seed 1", "sample send: expected TARGET: what to send to (see 'sample send --help')"),
            (
                "send --seed 1 al",
                "sample send: TARGET: expected one of all or some, not 'al'; did you mean all? (see 'sample send --help')"
            ),
            (
                "send --seed 1 --pace fest all",
                "sample send: --pace: expected one of slow or fast, not 'fest'; did you mean fast? (see 'sample send --help')"
            ),
            (
                "send --seed 1 --duration 5 all",
                "sample send: --duration: expected a duration such as 500ms, 30s, 10m or 2h, not '5' (see 'sample send --help')"
            ),
            (
                "send --seed 1 --loki here all",
                "sample send: --loki: expected a URL such as http://127.0.0.1:8080, not 'here' (see 'sample send --help')"
            ),
            (
                "send --seed 1 --json --loki http://no.json all",
                "sample send: this Loki has no JSON (see 'sample send --help')"
            ),
            ("stop one two", "sample stop: unexpected argument 'two' (see 'sample stop --help')"),
            ("fault", "sample fault: expected one of set or clear (see 'sample fault --help')"),
            (
                "fault clear it",
                "sample fault clear: unexpected argument 'it', expected none (see 'sample fault clear --help')"
            ),
            ("fault sett", "sample fault: unknown command 'sett'; did you mean set? (see 'sample fault --help')"),
        ])
    func aUsageErrorIsOneLineWithWhatWasExpected(line: String, message: String) {
        #expect(sample.misuse(line) == message)
    }

    @Test("Every usual form asks for the help or the version")
    func everyUsualFormAsksForHelpOrVersion() throws {
        let overview = try #require(sample.help(""))
        #expect(overview == sample.help("--help"))
        #expect(overview == sample.help("-h"))
        #expect(overview == sample.help("help"))
        let send = try #require(sample.help("send --help"))
        #expect(send == sample.help("help send"))
        #expect(send == sample.help("send -h"))
        #expect(send == sample.help("send --rate 5 --help"))
        #expect(sample.help("fault set --help") == sample.help("help fault set"))
        #expect(sample.help("fault --help") == sample.help("help fault"))
        for line in ["--version", "-V"] {
            guard case .version(let text) = sample.parse([line]) else {
                Issue.record("\(line) is not answered with the version")
                continue
            }
            #expect(text == "sample 1.2.3")
        }
    }
}
