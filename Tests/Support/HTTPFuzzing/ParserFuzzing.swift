import HTTPConformance

/// One mutated message and what may be expected of it.
package struct Trial {
    package let kind: ParserTrace.Kind
    package let message: [UInt8]
    package let trace: ParserTrace

    /// As in a server and a client.
    static func maximumHeadSize(_ kind: ParserTrace.Kind) -> Int {
        if case .requests = kind { 16 << 10 } else { 64 << 10 }
    }

    /// Parses the message whole and in pieces, and holds the outcome against the reference.
    /// - Throws: ``Trouble`` with what is wrong.
    package init(_ kind: ParserTrace.Kind, _ message: [UInt8], _ pieces: [ArraySlice<UInt8>]) throws {
        let most = Self.maximumHeadSize(kind)
        self.kind = kind
        self.message = message
        trace = try ParserTrace(kind, [message[...]], maximumHeadSize: most)
        let other = try ParserTrace(kind, pieces, maximumHeadSize: most)
        guard trace == other else {
            throw Trouble("in pieces \(pieces.map(\.count)) it is \(other.events), whole it is \(trace.events)")
        }
        try checkMessages()
    }

    private func checkMessages() throws {
        var start = 0
        var current: (head: ParserTrace.Head, body: [UInt8])?
        for (event, position) in zip(trace.events, trace.positions) {
            switch event {
            case .head(let head): current = (head, [])
            case .body(let body): current?.body = body
            case .complete:
                guard let message = current else { continue }
                try Reference.check(message.head, self.message[start..<position], body: message.body, kind)
                start = position
                current = nil
            case .malformed: break
            }
        }
    }
}

/// Runs many trials.
package struct ParserFuzzing {
    package var requests = 0
    package var responses = 0
    /// How many messages were accepted to their end, and how many were refused.
    package var accepted = 0
    package var refused = 0

    package init() {}

    /// - Returns: the trial; `mutator` says which.
    package mutating func request(_ mutator: Mutator) throws -> Trial {
        requests += 1
        return try run(.requests, mutator)
    }

    package mutating func response(_ mutator: Mutator) throws -> Trial {
        responses += 1
        return try run(.responses(toHead: mutator.number(below: 8) == 0), mutator)
    }

    private mutating func run(_ kind: ParserTrace.Kind, _ mutator: Mutator) throws -> Trial {
        let message = mutator.message()
        do {
            let trial = try Trial(kind, message, mutator.pieces(message))
            if case .malformed? = trial.trace.events.last { refused += 1 } else { accepted += 1 }
            return trial
        } catch let trouble as Trouble {
            throw Trouble("\(trouble)\n  the message: \(latin1(message).debugDescription)")
        }
    }
}
