import Encoding
import HTTP
import Testing

extension RealProcesses {
    /// The most expensive requests are all answered, memory stays bounded, and every port answers meanwhile.
    @Suite("The pocket stack under fire", .serialized)
    struct PocketBombsTests {
        private typealias Shot = PocketUnderFire.Shot
        private static let allowed: Set<Int> = [200, 204, 400, 413, 422, 429, 503]
        private static let spans = 100_000
        private static let trace = "0195af3c8d2e4b7f9a6c1e5d70f2b384"

        @Test("Hostile queries and bodies are answered within bounds")
        func hostileRequestsAreAnsweredWithinBounds() async throws {
            try await PocketUnderFire.run { pocket in
                for seed in Self.seeds { #expect(try await pocket.send(seed).status.isSuccess, "\(seed.name)") }
                var ready = 0
                for shot in Self.bodies + Self.logQL + Self.traceQL {
                    let (status, count) = try await pocket.fire(shot)
                    ready += count
                    #expect(Self.allowed.contains(status), "\(status) for \(shot.name)")
                    let grown = try pocket.grown()
                    #expect(grown < 256 << 20, "\(grown >> 20) MiB after \(shot.name)")
                    if grown >= 256 << 20 { break }
                }
                // Were the loop held up, each would have been ready once at most.
                #expect(ready > 4 * (Self.bodies.count + Self.logQL.count + Self.traceQL.count))
                // All goes on.
                #expect(try await pocket.send(.loki(#"{service="x"} |= "line 7""#)).status == .ok)
            }
        }

        // MARK: What is there

        private static let now = WallClock.system.now()
        private static let seeds: [Shot] = {
            var json = JSONWriter()
            json.object { json in
                json.name("streams")
                json.array { json in
                    json.object { json in
                        json.name("stream")
                        json.object { $0.member("service", "x") }
                        json.name("values")
                        json.array { json in
                            for index in 0..<200 {
                                json.array {
                                    $0.value(String(now - UInt64(index) * 1_000_000_000))
                                    $0.value(index < 40 ? large : #"{"n":\#(index),"m":"line \#(index)"}"#)
                                }
                            }
                        }
                    }
                }
            }
            return [
                .body("lines", to: "loki_port", "/loki/api/v1/push", "application/json", json.bytes),
                .body("spans", to: "otlp_http_port", "/v1/traces", "application/x-protobuf", chain),
            ]
        }()

        /// A line of nearly the largest size that is taken.
        private static let large = #"{"m":"\#(String(repeating: "ab", count: 125_000))"}"#

        /// One trace whose spans are each the child of the one before, as protobuf.
        private static let chain: [UInt8] = {
            var all = ByteWriter(capacity: spans * 80)
            func id(_ field: UInt8, _ bytes: some Collection<UInt8>, _ output: inout ByteWriter) {
                output.append(field << 3 | 2)
                output.append(UInt8(bytes.count))
                output.append(contentsOf: Array(bytes))
            }
            func eight(_ value: UInt64) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }
            let high = eight(0x0195_af3c_8d2e_4b7f) + eight(0x9a6c_1e5d_70f2_b384)
            for index in 0..<Self.spans {
                var span = ByteWriter(capacity: 96)
                id(1, high, &span)
                id(2, eight(UInt64(index + 1)), &span)
                if index > 0 { id(4, eight(UInt64(index)), &span) }
                id(5, Array("s\(index)".utf8), &span)
                for (field, time) in [(7, now - 1_000_000_000), (8, now)] as [(UInt8, UInt64)] {
                    span.append(field << 3 | 1)
                    span.append(littleEndian: time)
                }
                id(2, span.bytes, &all)
            }
            return message(1, message(2, all.bytes))
        }()

        private static func message(_ field: UInt8, _ content: [UInt8]) -> [UInt8] {
            var length: [UInt8] = []
            var rest = content.count
            while rest >= 0x80 {
                length.append(UInt8(rest & 0x7F) | 0x80)
                rest >>= 7
            }
            return [field << 3 | 2] + length + [UInt8(rest)] + content
        }

        // MARK: What is sent

        private static let logQL: [Shot] = {
            let selector = #"{service="x"}"#
            let doubled = String(repeating: #" | line_format "{{__line__}}{{__line__}}""#, count: 26)
            let grown = String(repeating: #" | label_format y="{{.y}}{{.y}}a""#, count: 40)
            let copies = (0..<490).map { "x\($0)=\"m\"" }.joined(separator: ",")
            let manySteps = "&start=\(now - 10_990_000_000_000)&step=1"
            var replaced = "rate(\(selector)[1m])"
            for _ in 0..<90 { replaced = #"label_replace(\#(replaced), "service", "$1$1", "service", "(.*)")"# }
            let united = Array(repeating: "count_over_time(\(selector)[1h])", count: 200).joined(separator: " or ")
            let series = "sum by (n) (count_over_time(\(selector) | json [1h]))"
            let four = #" | line_format "{{__line__}}{{__line__}}{{__line__}}{{__line__}}""#
            let states = #" |~ "(a|b)*a(a|b){900}c""#
            let parentheses = " | " + String(repeating: "(", count: 120_000)
            return [
                Shot.loki(selector + doubled), Shot.loki(selector + grown), Shot.loki(selector + four),
                Shot.loki(selector + " | json " + copies, post: true), Shot.loki(selector + states),
                Shot.loki(series, manySteps), Shot.loki(replaced, post: true),
                Shot.loki(united, manySteps, post: true), Shot.loki(selector + parentheses, post: true),
            ]
        }()

        private static let fields = (0..<200).map { ".a\($0)" }

        private static let traceQL: [Shot] = [
            .tempo("{ trace:id = `\(trace)` } << { name = `s\(spans - 1)` }"),
            .tempo("{ } &>> { }", "&limit=10000&spss=100"),
            .tempo("{ }" + String(repeating: " | by(span:id)", count: 150)),
            .tempo("{ " + fields.map { $0 + " = 1 || " }.joined() + "name = `s1` }"),
            .tempo("{ } | rate() by (span:id)", path: "/api/metrics/query"),
            .tempo("{ } | quantile_over_time(duration, .5) by (span:id)", path: "/api/metrics/query_range", "&step=1s"),
            .tempo("{ name =~ `(s|[0-9])*s([0-9]|s){400}` }"),
            .tempo("{ name = `x`" + (0..<40).map { " || name =~ `(((a{1000}){1000}){1000})\($0)`" }.joined() + " }"),
            .tempo("{ } | select(\(fields.joined(separator: ",")))", "&spss=100"),
            .init(name: "the trace as JSON", port: "tempo_port", path: "/api/traces/\(trace)"),
            .init(name: "the trace's page", port: "console_port", path: "/trace/\(trace)"),
        ]

        private static let bodies: [Shot] = {
            let attributes = (0..<40_000).map { #"{"key":"a\#($0)","value":{"stringValue":"v"}}"# }
            let record = #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"x"},"attributes":["#
            let streams = (0..<100_000).map { #"{"stream":{"a":"\#($0)"},"values":[["\#(now)","x"]]}"# }
            let member: [UInt8] = [31, 139, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0]
            let zeros = (try? Gzip.compress([UInt8](repeating: 48, count: 100 << 20))) ?? []
            func repeated(_ bytes: [UInt8]) -> [UInt8] {
                var result = bytes
                while result.count < 7 << 20 { result += result }
                return result
            }
            let push = "/loki/api/v1/push"
            return [
                .body(
                    "40,000 attributes", to: "loki_port", "/otlp/v1/logs", "application/json",
                    Array((record + attributes.joined(separator: ",") + "]}]}]}]}").utf8)),
                .body("empty gzip members", to: "loki_port", push, "application/json", repeated(member), gzip: true),
                .body(
                    "100,000 streams", to: "loki_port", push, "application/json",
                    Array((#"{"streams":["# + streams.joined(separator: ",") + "]}").utf8)),
                .body(
                    "small arrays", to: "loki_port", push, "application/json",
                    Array(#"{"streams":["#.utf8) + repeated(Array("[0],".utf8)) + Array("0]}".utf8)),
                .body(
                    "empty log records", to: "loki_port", "/otlp/v1/logs", "application/x-protobuf",
                    message(1, message(2, repeated([0x12, 0])))),
                .body(
                    "empty scopes", to: "otlp_http_port", "/v1/traces", "application/x-protobuf",
                    message(1, repeated([0x12, 0]))),
                .body("zeros", to: "otlp_http_port", "/v1/traces", "application/json", zeros, gzip: true),
                .body(
                    "a large form", to: "loki_port", "/loki/api/v1/query_range", "application/x-www-form-urlencoded",
                    repeated(Array("a&".utf8))),
            ]
        }()
    }
}
