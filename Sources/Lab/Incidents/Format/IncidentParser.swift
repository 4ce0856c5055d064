import Encoding
import FaultKinds
import FaultRules
import Vocabulary
import Workload
import YAML

extension Incident {
    /// Reads a file's text.
    /// - Parameters:
    ///   - name: the incident's name: the file's name without its extension.
    ///   - file: the name of the file in messages.
    /// - Throws: ``IncidentError``: one line with file, line and column.
    package init(name: String, parsing bytes: [UInt8], file: String) throws(IncidentError) {
        let value: YAMLValue
        do throws(YAMLError) {
            value = try YAMLValue(parsing: bytes, limits: IncidentParser.limits)
        } catch {
            throw FileObject.error(error.message, error.place, file)
        }
        self = try IncidentParser(file: file).incident(name, value)
    }
}

/// Reads an incident strictly: unknown keys are errors, and so are settings that cannot work.
struct IncidentParser {
    /// Far above what an incident needs, and low enough to read an untrusted file safely.
    static let limits = YAMLLimits(bytes: 262_144, values: 20_000, depth: 20)

    let file: String

    func incident(_ name: String, _ value: YAMLValue) throws(IncidentError) -> Incident {
        let object = try FileObject(
            value, "an incident", in: file,
            knows: [
                "title", "aliases", "lesson", "story", "seed", "load", "timeline", "symptoms", "alerts", "hints",
                "questions", "restart", "environment",
            ])
        let load = try load(try object.required("load"))
        return Incident(
            name: name, aliases: try object.identifiers("aliases"), title: try object.text("title"),
            lesson: try object.text("lesson"), story: try object.text("story"),
            seed: UInt64(try object.wholeNumber("seed", in: 0...Int64.max) ?? 1),
            load: load, timeline: try timeline(object, load), symptoms: try symptoms(object),
            alerts: try object.identifiers("alerts"), hints: try object.texts("hints"),
            questions: try questions(object), restart: try restart(object),
            environment: try environment(object))
    }

    // MARK: The load

    private func load(_ value: YAMLValue) throws(IncidentError) -> Incident.LoadProfile {
        let object = try FileObject(
            value, "load", in: file, knows: ["rate", "duration", "mix", "workload_mix", "concurrency"])
        guard let duration = try object.duration("duration", least: .milliseconds(1)) else {
            throw object.error("load needs 'duration'")
        }
        let load = Incident.LoadProfile(
            rate: try object.number("rate"), duration: duration, mix: try mix("mix", of: object) ?? .usual,
            computations: try mix("workload_mix", of: object) ?? .usual,
            concurrency: Int(try object.wholeNumber("concurrency", in: 1...10_000) ?? 64))
        do throws(LoadPlanError) {
            _ = try load.plan(seed: 0)
        } catch {
            throw object.error("load: \(error)")
        }
        return load
    }

    /// `sync=70,async=30`, or `{sync: 70, async: 30}`.
    private func mix<Choice>(_ name: String, of object: FileObject) throws(IncidentError) -> Mix<Choice>? {
        guard let value = object[name] else { return nil }
        let text: String
        switch value.content {
        case .string(let written): text = written
        case .mapping(let members): text = members.map { "\($0.name)=\($0.value.json)" }.joined(separator: ",")
        default: throw object.error("expected '\(name)' to be a mapping such as {sync: 70, async: 30}", at: value.place)
        }
        do throws(MixError) { return try Mix(text) } catch {
            throw object.error("\(name): \(error)", at: value.place)
        }
    }

    // MARK: The timeline

    private func timeline(
        _ object: FileObject, _ load: Incident.LoadProfile
    ) throws(IncidentError) -> [TimelineEntry] {
        var entries: [TimelineEntry] = []
        var ids: Set<String> = []
        for element in try object.elements("timeline") {
            let entry = try self.entry(element, load)
            if case .rule(let rule) = entry.event, !ids.insert(rule.id).inserted {
                throw object.error(
                    "two rules with the id '\(rule.id)': expected ,id=NAME on one of them", at: element.place)
            }
            entries.append(entry)
        }
        guard !entries.isEmpty else {
            throw object.error("an incident needs a 'timeline' of one entry or more", at: object["timeline"]?.place)
        }
        // Entries with the same time keep their order.
        return entries.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    }

    private func entry(_ value: YAMLValue, _ load: Incident.LoadProfile) throws(IncidentError) -> TimelineEntry {
        let object = try FileObject(value, "a timeline entry", in: file, knows: ["at", "for", "rule", "deploy"])
        let at = try object.duration("at", least: .zero) ?? .zero
        guard at < load.duration else {
            throw object.error(
                "the load is over at \(load.duration.text): expected 'at' before", at: object["at"]?.place)
        }
        let length = try object.duration("for", least: .microseconds(1))
        let (name, event) = try object.only(of: ["rule", "deploy"])
        guard name == "deploy" else {
            return TimelineEntry(at: at, length: length, event: .rule(try rule(event, object)))
        }
        if length != nil { throw object.error("a deploy stays: expected no 'for'", at: object["for"]?.place) }
        let deploy = try FileObject(event, "a deploy", in: file, knows: ["service", "version"])
        let service = try deploy.choice(try deploy.required("service"), "service", ServiceRole.self)
        return TimelineEntry(at: at, length: nil, event: .deploy(service, version: try deploy.text("version")))
    }

    private func rule(_ value: YAMLValue, _ object: FileObject) throws(IncidentError) -> FaultRule {
        let text = try object.text(value, "rule")
        let rule: FaultRule
        do throws(FaultRuleError) {
            rule = try FaultRule(parsing: text)
        } catch {
            throw object.error(error.description, at: value.place)
        }
        guard rule.from == .zero, rule.length == nil else {
            throw object.error(
                "the rule's time is given beside it: expected 'at' and 'for' instead of from= and for=",
                at: value.place)
        }
        return rule
    }

    private func restart(_ object: FileObject) throws(IncidentError) -> Set<ServiceRole> {
        var roles: Set<ServiceRole> = []
        for element in try object.elements("restart") {
            roles.insert(try object.choice(element, "service", ServiceRole.self))
        }
        return roles
    }

    // MARK: Symptoms

    private func symptoms(_ object: FileObject) throws(IncidentError) -> [Symptom] {
        var symptoms: [Symptom] = []
        for element in try object.elements("symptoms") {
            let symptom = try self.symptom(element)
            guard !symptoms.contains(where: { $0.id == symptom.id }) else {
                throw object.error("two symptoms with the id '\(symptom.id)'", at: element.place)
            }
            symptoms.append(symptom)
        }
        guard !symptoms.isEmpty else {
            throw object.error("an incident needs 'symptoms', one or more", at: object["symptoms"]?.place)
        }
        return symptoms
    }

    private func symptom(_ value: YAMLValue) throws(IncidentError) -> Symptom {
        let object = try FileObject(
            value, "a symptom", in: file, knows: ["id", "title", "logql", "traceql", "metric", "expect"])
        let (language, query) = try object.only(of: ["logql", "traceql", "metric"])
        let text = try object.text(query, language)
        let parsed: Symptom.Query
        switch language {
        case "logql":
            guard text.drop(while: \.isWhitespace).first != "{" else {
                throw object.error(
                    "expected a metric query, such as sum(count_over_time({service=\"tasks\"}[$window]))",
                    at: query.place)
            }
            parsed = .logQL(text)
        case "traceql": parsed = .traceQL(text)
        default:
            do throws(MetricSelector.Misfit) { parsed = .metric(try MetricSelector(text)) } catch {
                throw object.error(error.description, at: query.place)
            }
        }
        let expectation = try object.required("expect")
        guard let expect = Expectation(try object.text(expectation, "expect")) else {
            throw object.error(
                "expected 'expect' to be a comparison such as '> 10', '== 0' or 'between 5 and 20'",
                at: expectation.place)
        }
        return Symptom(
            id: try object.identifier("id"), title: try object.text("title"), query: parsed, expect: expect)
    }

    // MARK: Questions

    private func questions(_ object: FileObject) throws(IncidentError) -> [Question] {
        var questions: [Question] = []
        for element in try object.elements("questions") {
            let question = try self.question(element)
            guard !questions.contains(where: { $0.id == question.id }) else {
                throw object.error("two questions with the id '\(question.id)'", at: element.place)
            }
            questions.append(question)
        }
        return questions
    }

    private func question(_ value: YAMLValue) throws(IncidentError) -> Question {
        let object = try FileObject(
            value, "a question", in: file, knows: ["id", "text", "choices", "accept", "explanation", "hint"])
        let choices = try object.texts("choices")
        var accepted: [Question.Accepted] = []
        for element in try object.elements("accept") {
            let text = try object.text(element, "accept")
            do throws(Question.Misfit) {
                accepted.append(try Question.Accepted(text))
            } catch {
                throw object.error(error.description, at: element.place)
            }
            guard choices.isEmpty || choices.contains(where: { accepted.last?.accepts($0) == true }) else {
                throw object.error("'\(text)' is none of the choices", at: element.place)
            }
        }
        guard !accepted.isEmpty else { throw object.error("a question needs 'accept', one answer or more") }
        if object["choices"] != nil, choices.count < 2 || choices.count > 9 {
            throw object.error("expected two to nine 'choices'", at: object["choices"]?.place)
        }
        return Question(
            id: try object.identifier("id"), text: try object.text("text"), choices: choices, accepted: accepted,
            explanation: try object.text("explanation"), hint: try object.optionalText("hint"))
    }
}
