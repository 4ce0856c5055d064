extension RequestCase {
    /// What is known of the server.
    package enum Server: Sendable {
        /// A handler that answers 200 and tells what it saw; see ``RequestCase/seen(method:target:host:body:)``.
        case telling
        /// Any service.
        case any
    }

    /// What must not be answered behind a request after which the connection ends.
    private static let hidden = latin1Bytes(message(["GET /smuggled HTTP/1.1", "Host: smuggled"]))
    private static let next = latin1Bytes(message(["GET /next HTTP/1.1", "Host: next"]))

    /// Sends the request in pieces, and whatever could be smuggled behind it.
    /// - Throws: ``Trouble`` if the server does otherwise than the table says.
    package func run(at endpoint: Endpoint, _ server: Server, _ cut: Cut = .whole) throws {
        do {
            let line = Line(try endpoint.connect())
            line.send(cut.pieces(of: bytes))
            if endsSending {
                line.endSending()
            } else if end == .closes {
                line.send(Self.hidden[...])
            } else {
                line.send(Self.next[...])
            }
            var answers = Answers(line)
            try check(&answers, server)
            if end == .keeps {
                guard let last = try answers.next() else { throw Trouble("the connection did not stay") }
                try Self.check(last, .handled("GET /next next|"), server)
            } else if let more = try answers.next() {
                throw Trouble("another answer: \(more.status) \(latin1(more.body))")
            }
        } catch let trouble as Trouble {
            throw Trouble("\(self), \(cut): \(trouble)")
        }
    }

    /// Sends requests that keep the connection one after the other, without waiting for answers.
    package static func run(pipelined cases: [RequestCase], at endpoint: Endpoint, _ server: Server) throws {
        let line = Line(try endpoint.connect())
        var answers = Answers(line)
        line.send(cases.flatMap(\.bytes)[...])
        for entry in cases {
            do { try entry.check(&answers, server) } catch { throw Trouble("\(entry), pipelined: \(error)") }
        }
    }

    private func check(_ received: inout Answers, _ server: Server) throws {
        for (index, expected) in answers.enumerated() {
            guard let answer = try received.next(toHead: answersHead(index)) else {
                throw Trouble("no answer, but expected \(expected)")
            }
            try Self.check(answer, expected, server)
            guard index == answers.count - 1, answer.status >= 200, end == .closes, !endsSending else { continue }
            guard answer.value("connection") == "close" else { throw Trouble("the last answer does not say close") }
        }
    }

    private static func check(_ answer: Answers.Answer, _ expected: Answer, _ server: Server) throws {
        switch expected {
        case .interim: guard answer.status == 100 else { throw Trouble("\(answer.status) instead of 100") }
        case .refused(let status):
            guard answer.status == status else {
                throw Trouble("\(answer.status) instead of \(status): \(latin1(answer.body))")
            }
            guard answer.value("content-type") == "application/problem+json" else {
                throw Trouble("no problem document")
            }
        case .handled(let seen):
            guard case .telling = server else {
                guard answer.status >= 200 else { throw Trouble("\(answer.status) instead of an answer") }
                return
            }
            guard answer.status == 200 else { throw Trouble("\(answer.status) instead of 200: \(latin1(answer.body))") }
            if seen.hasPrefix("HEAD ") {
                guard answer.value("content-length") == "\(latin1Bytes(seen).count)" else {
                    throw Trouble("another length")
                }
            } else {
                guard latin1(answer.body) == seen else {
                    throw Trouble("the handler saw '\(latin1(answer.body))' instead of '\(seen)'")
                }
            }
        }
    }
}
