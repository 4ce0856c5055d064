import Encoding
import OTelSDK
import Tracing
import Vocabulary

extension RootSpans {
    /// How the spans are exported: as the variables say, and in short batches.
    /// - Parameters:
    ///   - service: the spans' `service.name`.
    ///   - tenant: theirs, where the store keeps several tenants apart.
    package static func configuration(
        _ service: String, _ environment: [String: String], _ tenant: Tenant? = nil
    ) -> OTelConfiguration {
        var environment = environment
        // So that the root is there if somebody looks at the trace right after the command.
        if environment["OTEL_BSP_SCHEDULE_DELAY"] == nil { environment["OTEL_BSP_SCHEDULE_DELAY"] = "1000" }
        var configuration = OTelConfiguration(
            environment: environment,
            resource: .default.merging(
                Resource(attributes: [
                    Attribute.serviceName: .string(service), Attribute.serviceNamespace: "tailspan",
                    Attribute.serviceVersion: .string(environment["SERVICE_VERSION"] ?? OTelSDK.version),
                    Attribute.serviceInstanceID: .string(service + "-" + Hex.string(UInt64.random(in: .min ... .max))),
                    Attribute.deploymentEnvironment: .string(environment["DEPLOYMENT_ENVIRONMENT"] ?? "demo"),
                    Attribute.cloudRegion: .string(environment["REGION"] ?? "local"),
                ])))
        if let tenant {
            configuration.exporter.add(OTLPExporterConfiguration.Header(name: Header.tenant, value: tenant.name))
        }
        return configuration
    }
}
