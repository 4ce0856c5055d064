import Encoding
import HTTP
import ServiceKit
import Vocabulary

/// Asks a gateway for the requests in its journal.
package struct JournalClient: Sendable {
    let baseURL: String
    let token: String?
    let transport: any HTTPTransport

    /// - Parameters:
    ///   - baseURL: the gateway's, without a trailing slash.
    ///   - token: its `ADMIN_TOKEN`; not needed over loopback.
    package init(baseURL: String, token: String?, transport: any HTTPTransport) {
        self.baseURL = baseURL
        self.token = token
        self.transport = transport
    }

    /// What the journal has of a trace.
    package enum Answer: Sendable {
        case records([JournalRecord])
        /// The journal does not have it; the message is the gateway's.
        case unknown(String)
    }

    /// - Throws: ``ReplayError`` if there is no answer, or no journal.
    package func requests(of traceID: String) async throws -> Answer {
        var request = HTTPClient.Request(url: "\(baseURL)\(JournalRoutes.path)/\(traceID)")
        if let token { request.headers[Header.authorization] = "Bearer " + token }
        let answer: HTTPClient.Response
        do { answer = try await transport.execute(request, timeout: .seconds(5)) } catch let error as HTTPClientError {
            throw ReplayError(
                "no gateway answers at \(baseURL): \(error)\nStart one with 'tailspan up', or say where it is with --gateway."
            )
        }
        let problem = ProblemDetails(answer.body)
        switch (answer.status, problem.type) {
        case (.ok, _): break
        case (.notFound, JournalRoutes.unknownType): return .unknown(problem.detail ?? "")
        case (.notFound, JournalRoutes.offType):
            throw ReplayError("\(baseURL): \(problem.detail ?? "")\nSet it to 1 or more, such as JOURNAL_SIZE=1000.")
        case (.notFound, _):
            throw ReplayError("\(baseURL) keeps no journal of requests: is it a gateway of this version of tailspan?")
        case (.forbidden, _):
            throw ReplayError("\(baseURL): \(problem.detail ?? "it refuses")\nSet ADMIN_TOKEN here as it is set there.")
        default: throw ReplayError("\(baseURL) answered \(answer.status.code): \(problem.detail ?? "")")
        }
        guard let list = (try? JSONValue(parsing: answer.body))?["requests"]?.array else {
            throw ReplayError("\(baseURL): the journal's answer cannot be read")
        }
        return .records(
            try list.map { json in
                guard let record = JournalRecord(json) else {
                    throw ReplayError("\(baseURL): the journal's answer cannot be read")
                }
                return record
            })
    }
}
