import Encoding

/// A stage of Promtail or Alloy, in one form for both.
indirect enum PipelineStage: Equatable {
    case json([String: String])
    case regex(source: String?, expression: String)
    /// Names and, as values, the keys of the pairs.
    case logfmt(source: String?, [String: String])
    case match(selector: String, stages: [PipelineStage])
    case template(source: String, template: String)
    case drop(sources: [String], separator: String, expression: String, reason: String)
    case labels([String: String])
    case structuredMetadata([String: String])
    case labelDrop([String])
    case labelKeep([String])
    case timestamp(source: String, format: String, onFailure: String?)
    case sampling(rate: String)
    case tenant(label: String)

    struct Unknown: Error, CustomStringConvertible { var description: String }

    private static let separator = ";"

    // MARK: Promtail

    init(promtail stage: JSONValue) throws {
        guard let member = stage.object?.members.first, stage.memberNames.count == 1 else {
            throw Unknown(description: "expected one name a stage, not \(stage.memberNames)")
        }
        let value = member.value
        switch member.name {
        case "json": self = .json(Self.map(value["expressions"]))
        case "regex": self = .regex(source: value["source"]?.string, expression: value["expression"]?.string ?? "")
        case "logfmt": self = .logfmt(source: value["source"]?.string, Self.map(value["mapping"]))
        case "match":
            self = .match(
                selector: value["selector"]?.string ?? "",
                stages: try (value["stages"]?.array ?? []).map(PipelineStage.init(promtail:)))
        case "template":
            self = .template(source: value["source"]?.string ?? "", template: value["template"]?.string ?? "")
        case "drop":
            self = .drop(
                sources: value["source"]?.string.map { [$0] } ?? value["source"]?.textItems ?? [],
                separator: value["separator"]?.string ?? Self.separator,
                expression: value["expression"]?.string ?? "", reason: value["drop_counter_reason"]?.string ?? "")
        case "labels": self = .labels(Self.map(value))
        case "structured_metadata": self = .structuredMetadata(Self.map(value))
        case "labeldrop": self = .labelDrop(value.textItems)
        case "timestamp":
            self = .timestamp(
                source: value["source"]?.string ?? "", format: value["format"]?.string ?? "",
                onFailure: value["action_on_failure"]?.string)
        case "sampling": self = .sampling(rate: "\(value["rate"]?.double ?? 0)")
        case "tenant": self = .tenant(label: value["label"]?.string ?? "")
        default: throw Unknown(description: "unknown stage \(member.name)")
        }
    }

    // MARK: Alloy

    init(alloy block: AlloyFile.Block) throws {
        switch block.name {
        case "stage.json": self = .json(Self.map(block["expressions"]))
        case "stage.regex":
            self = .regex(source: block["source"]?.string, expression: block["expression"]?.string ?? "")
        case "stage.logfmt": self = .logfmt(source: block["source"]?.string, Self.map(block["mapping"]))
        case "stage.match":
            self = .match(
                selector: block["selector"]?.string ?? "", stages: try block.blocks.map(PipelineStage.init(alloy:)))
        case "stage.template":
            self = .template(source: block["source"]?.string ?? "", template: block["template"]?.string ?? "")
        case "stage.drop":
            self = .drop(
                sources: (block["source"]?.string ?? "").split(separator: ",").map(String.init),
                separator: block["separator"]?.string ?? Self.separator,
                expression: block["expression"]?.string ?? "", reason: block["drop_counter_reason"]?.string ?? "")
        case "stage.labels": self = .labels(Self.map(block["values"]))
        case "stage.structured_metadata": self = .structuredMetadata(Self.map(block["values"]))
        case "stage.label_drop": self = .labelDrop(block["values"]?.textItems ?? [])
        case "stage.label_keep": self = .labelKeep(block["values"]?.textItems ?? [])
        case "stage.timestamp":
            self = .timestamp(
                source: block["source"]?.string ?? "", format: block["format"]?.string ?? "",
                onFailure: block["action_on_failure"]?.string)
        case "stage.sampling": self = .sampling(rate: "\(block["rate"]?.double ?? 0)")
        case "stage.tenant": self = .tenant(label: block["label"]?.string ?? "")
        default: throw Unknown(description: "unknown stage \(block.name)")
        }
    }

    /// A name without a value stands for itself.
    private static func map(_ value: JSONValue?) -> [String: String] {
        let members = value?.object?.members ?? []
        return Dictionary(
            members.map { ($0.name, $0.value.string.flatMap { $0.isEmpty ? nil : $0 } ?? $0.name) },
            uniquingKeysWith: { $1 })
    }
}
