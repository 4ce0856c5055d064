import Encoding
import FaultKinds
import FaultRules
import HTTP
import Vocabulary

/// What can go wrong, and how a rule is written: enough to build one from parts, and to complete one while it is typed.
enum FaultCatalogue {
    static func response() -> Response {
        .json { (json: inout JSONWriter) in
            json.object {
                $0.name("kinds")
                $0.array { for kind in FaultKind.allCases { write(kind, to: &$0) } }
                $0.name("options")
                $0.array {
                    for option in FaultOption.allCases {
                        $0.object {
                            $0.member("name", option.rawValue)
                            $0.member("form", form(option))
                            $0.member("summary", option.summary)
                            $0.member("example", option.example)
                            if option == .match { $0.texts("keys", FaultMatch.keys) }
                        }
                    }
                }
                $0.name("services")
                $0.array {
                    for role in ServiceRole.allCases {
                        $0.object {
                            $0.member("name", role.rawValue)
                            $0.texts("operations", ServiceOperation.names(of: role))
                        }
                    }
                }
            }
        }
    }

    private static func write(_ kind: FaultKind, to json: inout JSONWriter) {
        json.object {
            $0.member("name", kind.rawValue)
            $0.member("scope", kind.scope.rawValue)
            $0.member("group", kind.family.title)
            $0.member("summary", kind.summary)
            $0.name("argument")
            $0.object {
                $0.member("form", form(kind.argument))
                $0.member("required", isRequired(kind.argument))
                $0.optional("example", argument(kind.argument))
                $0.member("expected", kind.argument.expectation)
            }
            $0.texts("services", ServiceRole.allCases.filter(kind.services.contains).map(\.rawValue))
            $0.optional("operation", kind.onlyOperation)
            $0.member("example", example(kind))
        }
    }

    // MARK: Forms

    static func form(_ form: FaultArgument.Form) -> String {
        switch form {
        case .none: "none"
        case .delay: "distribution"
        case .duration: "duration"
        case .signedDuration: "signed-duration"
        case .status: "status"
        case .bytes: "size"
        case .rate: "size-rate"
        case .count: "count"
        case .share: "percent"
        case .upstream: "upstream"
        case .name: "name"
        }
    }

    private static func form(_ option: FaultOption) -> String {
        switch option {
        case .rate: "percent"
        case .match: "match"
        case .from, .for: "duration"
        case .id: "name"
        case .seed: "count"
        }
    }

    private static func isRequired(_ form: FaultArgument.Form) -> Bool { form != .none && form.standardText == nil }

    // MARK: Examples

    /// An argument as it would be written; `nil` if the kind takes none.
    private static func argument(_ form: FaultArgument.Form) -> String? {
        switch form {
        case .none: nil
        case .delay: "200ms"
        case .signedDuration: "+5s"
        case .rate: "4KiB/s"
        case .upstream: ServiceRole.payments.rawValue
        default: form.standardText
        }
    }

    /// A whole rule of the kind.
    static func example(_ kind: FaultKind) -> String {
        // Where most goes wrong comes first.
        let preferred = ServiceOperation.all.filter { ["reserve", "execute"].contains($0.name) }
        let known = (preferred + ServiceOperation.all).filter {
            kind.services.contains($0.service) && kind.onlyOperation ?? $0.name == $0.name
                && (!kind.needsUpstream || $0.service == .tasks)
        }
        guard let place = known.first else { return kind.rawValue }
        let argument = isRequired(kind.argument) || kind.argument == .upstream ? self.argument(kind.argument) : nil
        let what = kind.rawValue + (argument.map { "=" + $0 } ?? "")
        guard kind.scope == .request else { return "\(place.service.rawValue):\(what)" }
        return "\(place.service.rawValue).\(place.name):\(what),rate=\(FaultOption.rate.example)"
    }
}
