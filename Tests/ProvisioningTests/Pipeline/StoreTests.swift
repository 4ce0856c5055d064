import Encoding
import Testing
import Vocabulary

/// loki.yaml and tempo.yaml.
@Suite("The stores")
struct StoreTests {
    static let files = ["loki/loki.yaml", "tempo/tempo.yaml"]

    // MARK: Loki

    @Test func lokiListensAtItsPort() throws {
        let loki = try ExpandedFile.yaml("loki/loki.yaml")
        #expect(loki[path: "server.http_listen_port"]?.integer == Int64(StackPort.loki))
        #expect(loki[path: "server.http_listen_address"]?.string == "0.0.0.0")
        let other = try ExpandedFile.yaml("loki/loki.yaml", ["LOKI_HTTP_PORT": "1", "LOKI_HTTP_ADDRESS": "127.0.0.1"])
        #expect(other[path: "server.http_listen_port"]?.integer == 1)
        #expect(other[path: "server.http_listen_address"]?.string == "127.0.0.1")
    }

    @Test func lokiAcceptsStructuredMetadata() throws {
        let loki = try ExpandedFile.yaml("loki/loki.yaml")
        let schema = try #require(loki[path: "schema_config.configs"]?.array)
        #expect(schema.count == 1)
        #expect(schema[0]["store"]?.string == "tsdb")
        #expect(schema[0]["schema"]?.string == "v13")
        #expect(schema[0][path: "index.period"]?.string == "24h")
        #expect(loki[path: "limits_config.allow_structured_metadata"]?.bool == true)
    }

    @Test(arguments: [nil, "720h"])
    func lokiDeletesLinesAfterItsRetention(_ retention: String?) throws {
        let loki = try ExpandedFile.yaml("loki/loki.yaml", retention.map { ["LOKI_RETENTION": $0] } ?? [:])
        #expect(loki[path: "limits_config.retention_period"]?.string == retention ?? "168h")
        #expect(loki[path: "limits_config.reject_old_samples_max_age"]?.string == retention ?? "168h")
        #expect(loki[path: "compactor.retention_enabled"]?.bool == true)
        #expect(loki[path: "compactor.delete_request_store"]?.string == "filesystem")
    }

    @Test func lokiReadsItsRulesFromAFolder() throws {
        let loki = try ExpandedFile.yaml("loki/loki.yaml")
        #expect(loki[path: "ruler.storage.type"]?.string == "local")
        #expect(loki[path: "ruler.storage.local.directory"]?.string == "/etc/loki/rules")
        #expect(loki[path: "ruler.enable_api"]?.bool == true)
        #expect(loki[path: "ruler.alertmanager_url"] == .null)
        #expect(loki[path: "ruler.remote_write.enabled"]?.bool == false)
        let other = try ExpandedFile.yaml(
            "loki/loki.yaml", ["LOKI_RULES_DIR": "/r", "LOKI_ALERTMANAGER_URL": "http://a:9093"])
        #expect(other[path: "ruler.storage.local.directory"]?.string == "/r")
        #expect(other[path: "ruler.alertmanager_url"]?.string == "http://a:9093")
    }

    /// Lines over OTLP have labels that tailed lines have, and no others.
    @Test func lokiGivesOTLPLinesTheSameLabels() throws {
        let otlp = try #require(try ExpandedFile.yaml("loki/loki.yaml")[path: "limits_config.otlp_config"])
        #expect(otlp[path: "resource_attributes.ignore_defaults"]?.bool == true)
        func labels(_ rules: JSONValue?) -> [String] {
            (rules?.array ?? []).filter { $0["action"]?.string == "index_label" }
                .flatMap { $0["attributes"]?.textItems ?? [] }.map { $0.replacing(".", with: "_") }
        }
        let all = labels(otlp[path: "resource_attributes.attributes_config"]) + labels(otlp["log_attributes"])
        #expect(Set(all) == ShipperTests.labels)
        #expect(all.count == ShipperTests.labels.count)
    }

    @Test func lokiKeepsItsChunksInABucketOnRequest() throws {
        let loki = try ExpandedFile.yaml(
            "loki/loki.yaml",
            [
                "LOKI_STORE": "s3", "LOKI_S3_ENDPOINT": "http://minio:9000", "LOKI_S3_BUCKET": "b",
                "LOKI_S3_ACCESS_KEY": "k",
            ])
        #expect(loki[path: "schema_config.configs"]?[0]?["object_store"]?.string == "s3")
        #expect(loki[path: "compactor.delete_request_store"]?.string == "s3")
        #expect(loki[path: "storage_config.aws.endpoint"]?.string == "http://minio:9000")
        #expect(loki[path: "storage_config.aws.bucketnames"]?.string == "b")
        #expect(loki[path: "storage_config.aws.access_key_id"]?.string == "k")
    }

    /// `verify` and Grafana use pages of the maximum size of a query.
    @Test func lokiAnswersFullPages() throws {
        let loki = try ExpandedFile.yaml("loki/loki.yaml")
        #expect(loki[path: "limits_config.max_entries_limit_per_query"]?.integer == 5000)
        #expect(loki[path: "ingester.lifecycler.min_ready_duration"]?.string == "0s")
    }

    // MARK: Tempo

    @Test func tempoReceivesSpansFromOtherContainers() throws {
        let tempo = try ExpandedFile.yaml("tempo/tempo.yaml")
        #expect(tempo[path: "server.http_listen_port"]?.integer == Int64(StackPort.tempo))
        let protocols = try #require(tempo[path: "distributor.receivers.otlp.protocols"])
        #expect(protocols[path: "grpc.endpoint"]?.string == "0.0.0.0:\(StackPort.otlpGRPC)")
        #expect(protocols[path: "http.endpoint"]?.string == "0.0.0.0:\(StackPort.otlpHTTP)")
    }

    /// Four parts keep their state under /var/tempo unless each is configured otherwise.
    @Test(arguments: [nil, "/elsewhere"])
    func tempoKeepsEverythingUnderOneFolder(_ folder: String?) throws {
        let tempo = try ExpandedFile.yaml("tempo/tempo.yaml", folder.map { ["TEMPO_DATA": $0] } ?? [:])
        let paths = [
            "live_store.wal.path", "live_store.shutdown_marker_dir", "block_builder.wal.path",
            "backend_scheduler.local_work_path", "storage.trace.wal.path", "storage.trace.local.path",
            "metrics_generator.storage.path",
        ].map { tempo[path: $0]?.string }
        for path in paths { #expect(path?.hasPrefix((folder ?? "/var/tempo") + "/") == true, "\(path ?? "nil")") }
        #expect(Set(paths).count == paths.count)
    }

    @Test(arguments: [nil, "720h"])
    func tempoKeepsTracesForItsRetention(_ retention: String?) throws {
        let tempo = try ExpandedFile.yaml("tempo/tempo.yaml", retention.map { ["TEMPO_RETENTION": $0] } ?? [:])
        let expected = retention ?? "168h"
        #expect(tempo[path: "backend_scheduler.provider.compaction.compaction.block_retention"]?.string == expected)
        #expect(tempo[path: "backend_worker.compaction.block_retention"]?.string == expected)
    }

    /// With the defaults, a search misses the newest 30 s.
    @Test func tempoSearchesTheNewestTraces() throws {
        let tempo = try ExpandedFile.yaml("tempo/tempo.yaml")
        #expect(tempo[path: "query_frontend.query_end_cutoff"]?.string == "0s")
        #expect(tempo[path: "live_store.fail_on_high_lag"]?.bool == false)
        #expect(tempo[path: "live_store.max_trace_idle"]?.string == "500ms")
        #expect(tempo[path: "live_store.flush_check_period"]?.string == "1s")
    }

    /// On two shared cores Tempo may answer itself later than within a second, and must not count as dead.
    @Test func tempoNeverDeclaresItselfDead() throws {
        let tempo = try ExpandedFile.yaml("tempo/tempo.yaml")
        #expect(tempo[path: "live_store_client.pool_config.healthcheckenabled"]?.bool == false)
        #expect(try #require(tempo[path: "querier.max_concurrent_queries"]?.integer) <= 4)
    }

    /// Every lookup by id reads a whole filter of this size per block.
    @Test func tempoUsesSmallBloomFilters() throws {
        let tempo = try ExpandedFile.yaml("tempo/tempo.yaml")
        let block = try #require(tempo[path: "storage.trace.block"])
        let shard = try #require(block["bloom_filter_shard_size_bytes"]?.integer)
        let blocks = try blockCount(tempo)
        #expect(blocks >= 60)
        // A mebibyte a lookup takes a millisecond or two.
        #expect(Int64(blocks) * shard <= 1 << 20)
        // A filter has 9.6 bits a trace for 1 % of false alarms. A block has as many traces as come in its time at a hundred
        // requests a second; those that are merged have a thousand filters at most.
        #expect(shard * 8 >= Int64(9.6 * 100 * 15))
        #expect(block["bloom_filter_false_positive"] == nil)
        #expect(tempo[path: "storage.trace.search.read_buffer_size_bytes"]?.integer == 65536)
    }

    /// How many blocks the live store keeps.
    private func blockCount(_ tempo: JSONValue) throws -> Int {
        func seconds(_ path: String, _ standard: Int) -> Int {
            guard let text = tempo[path: path]?.string, let value = Int(text.dropLast()) else { return standard }
            return text.hasSuffix("m") ? value * 60 : value
        }
        return seconds("live_store.complete_block_timeout", 1200) / seconds("live_store.max_block_duration", 30)
    }

    @Test func tempoWritesMetricsToPrometheus() throws {
        let tempo = try ExpandedFile.yaml("tempo/tempo.yaml")
        #expect(
            tempo[path: "overrides.defaults.metrics_generator.processors"]?.textItems == [
                "service-graphs", "span-metrics",
            ])
        let target = try #require(tempo[path: "metrics_generator.storage.remote_write"]?[0])
        #expect(target["url"]?.string == "http://prometheus:\(StackPort.prometheus)/api/v1/write")
        #expect(target["send_exemplars"]?.bool == true)
        let none = try ExpandedFile.yaml("tempo/tempo.yaml", ["TEMPO_METRICS": "[]"])
        #expect(none[path: "overrides.defaults.metrics_generator.processors"]?.array == [])
    }

    // MARK: Both

    @Test func usageReportsAreOff() throws {
        #expect(try ExpandedFile.yaml("loki/loki.yaml")[path: "analytics.reporting_enabled"]?.bool == false)
        #expect(try ExpandedFile.yaml("tempo/tempo.yaml")[path: "usage_report.reporting_enabled"]?.bool == false)
        #expect(try Shipper.alloy.text().contains("--disable-reporting"))
    }

    /// The parts of a single process need no network to find each other.
    @Test(arguments: files)
    func allRingsAreKeptInMemory(_ path: String) throws {
        func stores(_ value: JSONValue) -> [String] {
            if let store = value["kvstore"]?["store"]?.string { return [store] }
            return (value.object?.members.map(\.value) ?? value.array ?? []).flatMap(stores)
        }
        let file = try ExpandedFile.yaml(path)
        #expect(!stores(file).isEmpty)
        #expect(stores(file).allSatisfy { $0 == "inmemory" })
        #expect(file[path: "memberlist.bind_addr"]?.textItems == ["127.0.0.1"])
        #expect(file[path: "server.grpc_listen_address"]?.string == "127.0.0.1")
    }

    @Test(arguments: files)
    func everyVariableOfAStoreIsExplained(_ path: String) throws {
        let text = try Repository.text(path)
        let comments = text.split(separator: "\n").filter { $0.hasPrefix("#") }.joined()
        #expect(ExpandedFile.variables(text).count >= 10)
        for name in ExpandedFile.variables(text) { #expect(comments.contains(name), "\(name)") }
    }
}
