import Encoding
import FaultControl
import FaultKinds
import FaultRules
import HTTP
import Vocabulary

/// The fault rules of all services, as one list.
struct Faults: Sendable {
    let fleet: FaultFleet
    let preview: FaultPreview
    let incidents: PlayedIncidents

    // MARK: Looking

    /// What the services say of their faults; one that does not answer is left out, with the reason.
    private struct States: Sendable {
        var answers: [(role: ServiceRole, state: FaultState)] = []
        var silent: [(role: ServiceRole, reason: String)] = []
        var seed: UInt64 { answers.first?.state.seed ?? 0 }
    }

    private func states() async -> States {
        var states = States()
        for (role, state) in await fleet.states() {
            do { states.answers.append((role, try state.get())) } catch { states.silent.append((role, "\(error)")) }
        }
        return states
    }

    func state(_ status: HTTPStatus = .ok) async -> Response {
        // A service that could not be told when the last question was settled is told now.
        await incidents.speakIfNothingIsConcealed()
        let states = await states()
        let concealed = incidents.concealed
        let isHidden = concealed != nil || states.answers.contains { $0.state.isHidden }
        // What is set may be what somebody is to find out, whether the console plays it or a command does.
        let rules = isHidden ? [] : Self.merged(states.answers)
        return .json(status: status) { (json: inout JSONWriter) in
            json.object {
                $0.name("rules")
                $0.array { for rule in rules { rule.write(to: &$0) } }
                $0.member("hidden", isHidden)
                $0.name("incident")
                if let concealed {
                    $0.object {
                        $0.member("name", concealed.name)
                        $0.member("title", concealed.title)
                    }
                } else {
                    $0.null()
                }
                $0.member("seed", String(states.seed))
                $0.name("silent")
                $0.array {
                    for (role, reason) in states.silent {
                        $0.object {
                            $0.member("service", role.rawValue)
                            $0.member("reason", reason)
                        }
                    }
                }
            }
        }
    }

    /// A rule, and the services that it is set in.
    private struct Rule {
        var rule: FaultState.Rule
        var services: [ServiceRole]

        func write(to json: inout JSONWriter) {
            json.object {
                $0.member("id", rule.id)
                $0.member("rule", rule.rule)
                $0.member("kind", rule.kind)
                $0.member("scope", rule.scope)
                $0.texts("services", services.map(\.rawValue))
                $0.member("inForce", rule.isInForce)
                $0.member("injected", rule.injected)
            }
        }
    }

    private static func merged(_ answers: [(role: ServiceRole, state: FaultState)]) -> [Rule] {
        var rules: [Rule] = []
        for (role, state) in answers {
            for found in state.rules {
                // The gateway has rules of other services, to pass on what they match by: it is not concerned.
                let isConcerned = (try? FaultRule(parsing: found.rule))?.concerns(role) ?? true
                guard let index = rules.firstIndex(where: { $0.rule.id == found.id && $0.rule.rule == found.rule })
                else {
                    rules.append(Rule(rule: found, services: isConcerned ? [role] : []))
                    continue
                }
                if isConcerned { rules[index].services.append(role) }
                rules[index].rule.isInForce = rules[index].rule.isInForce || found.isInForce
                rules[index].rule.injected += found.injected
            }
        }
        return rules
    }

    // MARK: Checking

    /// Whether a text is a rule, what it says, and which of the newest requests it would have hit.
    func check(_ request: Request) async throws -> Response {
        let text = try ControlBody(request, knows: ["rule"]).text("rule") ?? ""
        let rule: FaultRule
        do { rule = try FaultRule(parsing: text) } catch {
            let spaces = text.prefix(while: \.isWhitespace).count
            return .json { (json: inout JSONWriter) in
                json.object {
                    $0.member("valid", false)
                    $0.member("problem", error.reason)
                    $0.optional("column", error.column.map { $0 + spaces })
                }
            }
        }
        let seed = await states().seed
        let requests = try await preview.requests(of: rule, seed: seed)
        return .json { (json: inout JSONWriter) in
            json.object {
                $0.member("valid", true)
                $0.member("rule", rule.description)
                $0.member("id", rule.id)
                $0.member("explanation", Self.explanation(rule))
                $0.texts("services", ServiceRole.allCases.filter(rule.concerns).map(\.rawValue))
                $0.name("preview")
                $0.array {
                    for request in requests {
                        $0.object {
                            $0.member("trace", request.traceID)
                            $0.member("time", String(request.time))
                            $0.member("hit", request.isHit)
                        }
                    }
                }
            }
        }
    }

    /// What a rule does, in sentences.
    static func explanation(_ rule: FaultRule) -> String {
        let services = ServiceRole.allCases.filter(rule.concerns).map(\.rawValue)
        let place = rule.service == nil ? "Every service that can" : services.joined(separator: ", ")
        let argument = rule.argumentText.isEmpty ? "" : " (\(rule.argumentText))"
        let operation = rule.operation.map { ", in \($0)," } ?? ""
        var sentences = ["\(place)\(operation) \(rule.kind.summary)\(argument)."]
        if rule.kind.scope == .request {
            sentences.append(
                rule.rate < 1
                    ? "It hits \(rule.rateText) of the requests; their trace ids decide which."
                    : "It hits every request.")
        } else {
            sentences.append("It happens to the whole service: no request decides.")
        }
        let conditions = FaultExplanation(rule, request: .requestID(""), seed: 0).conditions
        // The first condition says where, which the first sentence has said.
        for condition in conditions.dropFirst(rule.kind.scope == .request ? 1 : 0) {
            sentences.append("Only if \(condition).")
        }
        return sentences.joined(separator: " ")
    }

    // MARK: Changing

    func add(_ request: Request) async throws -> Response {
        try expectNoIncident()
        let text = try ControlBody(request, knows: ["rule"]).requiredText("rule")
        let rules: [FaultRule]
        do { rules = try FaultRule.list(parsing: text) } catch {
            throw HTTPError(.badRequest, type: "invalid-fault", message: error.reason)
        }
        guard !rules.isEmpty else { throw ControlBody.error("expected 'rule', a text") }
        do { try await fleet.add(rules) } catch { throw Self.error(error) }
        return await state(.created)
    }

    func clear() async throws -> Response {
        try expectNoIncident()
        try await fleet.delete()
        return await state()
    }

    func remove(_ id: String) async throws -> Response {
        try expectNoIncident()
        guard try await fleet.delete(id: id) else {
            throw HTTPError(.notFound, type: "unknown-fault", message: "no fault rule has the id '\(id)'")
        }
        return await state()
    }

    private func expectNoIncident() throws(HTTPError) {
        guard incidents.isPlaying else { return }
        throw HTTPError(
            .conflict, type: "incident-playing",
            message: "an incident is playing, and its rules are its own: stop it first, or wait for its end")
    }

    private static func error(_ failure: FaultFleet.NotAdded) -> any Error {
        guard let error = failure.error as? FaultControlError else { return failure.error }
        let left = failure.left.isEmpty ? "" : "; " + failure.left.joined(separator: "; ")
        switch error.status {
        case 400:
            return HTTPError(
                .badRequest, type: "invalid-fault", message: "\(failure.role.rawValue): \(error.reason)\(left)")
        default: return HTTPError(.badGateway, type: "service-refused", message: "\(error)\(left)")
        }
    }
}
