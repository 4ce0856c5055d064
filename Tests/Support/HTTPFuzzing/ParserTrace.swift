import HTTPConformance

@testable import HTTP

/// What ``HTTPParser`` makes of bytes, checked while it does so.
package struct ParserTrace: Equatable {
    package enum Event: Equatable {
        case head(Head)
        /// All pieces of a body that came one after the other.
        case body([UInt8])
        case complete
        case malformed(status: Int, reason: String)
    }

    /// What a head says.
    package struct Head: Equatable {
        package var method = ""
        package var target = ""
        package var status = 0
        package var fields: [String] = []
        package var minorVersion = 0
        package var keepsAlive = false
        package var contentLength: Int?
        package var isChunked = false
    }

    package enum Kind: Sendable {
        case requests
        /// The responses to one request.
        case responses(toHead: Bool)
    }

    package private(set) var events: [Event] = []
    /// How many bytes were used up when each event came; for messages given in one piece.
    package private(set) var positions: [Int] = []
    /// How many bytes were left when the parser was asked for nothing more.
    package private(set) var unused = 0
    /// Whether the request that is malformed is HEAD, and says so well enough.
    package private(set) var refusesHead = false
    /// Whether the connection ended before anything was wrong.
    package private(set) var cameToTheEnd = false
    /// Whether that was within a message whose first line has come.
    package private(set) var endsWithin = false

    /// The reason of a refusal may depend on how much was there to look at; nothing else may.
    package static func == (left: ParserTrace, right: ParserTrace) -> Bool {
        func plain(_ event: Event) -> Event {
            guard case .malformed(let status, _) = event else { return event }
            return .malformed(status: status, reason: "")
        }
        return left.events.map(plain) == right.events.map(plain) && left.endsWithin == right.endsWithin
    }

    /// Parses `pieces`, each from memory of its own, so that an address sanitizer notices any look beyond it.
    /// - Throws: ``Trouble`` if the parser breaks its own rules.
    package init(_ kind: Kind, _ pieces: [ArraySlice<UInt8>], maximumHeadSize: Int) throws {
        let (parser, answersHead): (HTTPParser, Bool) =
            switch kind {
            case .requests: (HTTPParser(.requests, maximumHeadSize: maximumHeadSize), false)
            case .responses(let toHead): (HTTPParser(.responses, maximumHeadSize: maximumHeadSize), toHead)
            }
        parser.reset(answersHead: answersHead)
        var isOver = false
        var used = 0
        for piece in pieces {
            let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: piece.count, alignment: 1)
            defer { memory.deallocate() }
            memory.copyBytes(from: piece)
            var input = UnsafeRawBufferPointer(memory)
            while !isOver {
                let before = input.count
                let event = parser.next(&input)
                guard input.count <= before, Self.lies(input, in: memory) else { throw Trouble("the input grew") }
                used += before - input.count
                if case .more = event {
                    guard input.isEmpty else { throw Trouble("more was wanted before everything was taken") }
                    break
                }
                isOver = try note(event, parser, kind, answersHead, used, memory)
            }
            if isOver { unused += input.count }
        }
        try finish(parser, isOver)
    }

    private static func lies(_ part: UnsafeRawBufferPointer, in memory: UnsafeMutableRawBufferPointer) -> Bool {
        guard let start = part.baseAddress, let whole = memory.baseAddress else { return part.isEmpty }
        return start >= UnsafeRawPointer(whole) && start + part.count <= UnsafeRawPointer(whole) + memory.count
    }

    /// - Returns: whether nothing more is asked of the parser.
    private mutating func note(
        _ event: HTTPParser.Event, _ parser: HTTPParser, _ kind: Kind, _ answersHead: Bool, _ position: Int,
        _ memory: UnsafeMutableRawBufferPointer
    ) throws -> Bool {
        switch event {
        case .more: return false
        case .head:
            guard events.isEmpty || events.last == .complete else { throw Trouble("a head within a message") }
            add(
                .head(
                    Head(
                        method: parser.method, target: parser.target, status: parser.status,
                        fields: parser.fields.map { $0.name + ": " + $0.value }, minorVersion: parser.minorVersion,
                        keepsAlive: parser.keepsAlive, contentLength: parser.contentLength, isChunked: parser.isChunked)
                ),
                position)
            return false
        case .body(let piece):
            guard !piece.isEmpty, Self.lies(piece, in: memory) else {
                throw Trouble("a piece of a body is not in the input")
            }
            switch events.last {
            case .body(let before):
                events[events.count - 1] = .body(before + piece)
                positions[positions.count - 1] = position
            case .head: add(.body(Array(piece)), position)
            default: throw Trouble("a body without a head")
            }
            return false
        case .complete:
            switch events.last {
            case .head, .body: add(.complete, position)
            default: throw Trouble("the end of a message without a head")
            }
            if case .responses = kind, parser.status >= 200 { return true }
            parser.reset(answersHead: answersHead)
            return false
        case .malformed(let malformation):
            refusesHead = parser.method == "HEAD"
            add(.malformed(status: malformation.status.code, reason: malformation.reason), position)
            return true
        }
    }

    private mutating func add(_ event: Event, _ position: Int) {
        events.append(event)
        positions.append(position)
    }

    private mutating func finish(_ parser: HTTPParser, _ isOver: Bool) throws {
        if case .malformed(let status, let reason)? = events.last {
            // What is malformed stays so.
            let more = latin1Bytes("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            try more.withUnsafeBytes {
                var input = $0
                guard case .malformed(let again) = parser.next(&input), again.status.code == status,
                    again.reason == reason,
                    case .malformed = parser.finish()
                else { throw Trouble("a malformed message was forgotten") }
            }
            return
        }
        guard !isOver else { return }
        (cameToTheEnd, endsWithin) = (true, parser.hasFirstLine)
        switch parser.finish() {
        case .complete:
            guard parser.kind == .responses else { throw Trouble("the end of a connection ended a request") }
            add(.complete, positions.last ?? 0)
        case .more: guard !parser.hasBegun else { throw Trouble("a message has begun and was forgotten") }
        case .malformed(let malformation):
            add(.malformed(status: malformation.status.code, reason: malformation.reason), positions.last ?? 0)
        default: throw Trouble("the end of a connection is no part of a message")
        }
    }
}
