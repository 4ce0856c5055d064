"""Sends one trace with the OpenTelemetry project's own SDK: send_spans.py ENDPOINT (gzip|none).

Prints the trace's id, then the two span ids, in hex."""

import sys

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExportResult
from opentelemetry.trace import SpanKind, Status, StatusCode

endpoint, compression = sys.argv[1:]


class Checked(OTLPSpanExporter):
    def export(self, spans):
        result = super().export(spans)
        assert result is SpanExportResult.SUCCESS, result
        return result


provider = TracerProvider(resource=Resource.create({"service.name": "from-python", "service.version": "2.1"}))
provider.add_span_processor(
    SimpleSpanProcessor(Checked(endpoint=endpoint, compression=Compression(compression)))
)
tracer = provider.get_tracer("checker", "0.3")
with tracer.start_as_current_span("parent", kind=SpanKind.SERVER) as parent:
    parent.set_attribute("http.response.status_code", 503)
    parent.set_attribute("flags", [True, False])
    with tracer.start_as_current_span("child ü") as child:
        child.add_event("exception", {"exception.message": "no"})
        child.set_status(Status(StatusCode.ERROR, "failed"))
provider.shutdown()
print(trace.format_trace_id(parent.get_span_context().trace_id))
print(trace.format_span_id(parent.get_span_context().span_id))
print(trace.format_span_id(child.get_span_context().span_id))
