"""Encodes and decodes OTLP with the OpenTelemetry project's own Python packages.

Reads commands from standard input, one JSON array per line, and answers each with one line of JSON:

  ["decode", KIND, BASE64]          an export request in protobuf, as OTLP/JSON
  ["compare", KIND, BASE64, JSON]   whether the protobuf and the OTLP/JSON are equal: null, or how they differ
  ["response", KIND, BASE64]        an export response in protobuf, as JSON
  ["fields", MESSAGE]               a message's field numbers by name
  ["sample", KIND]                  a request made by the Python SDK: {"protobuf": BASE64, "json": OTLP/JSON}

KIND is "traces" or "logs". All input is read before anything is answered.
"""

import base64
import json
import sys

from google.protobuf import json_format
from google.rpc import status_pb2
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2
from opentelemetry.proto.common.v1 import common_pb2
from opentelemetry.proto.logs.v1 import logs_pb2
from opentelemetry.proto.resource.v1 import resource_pb2
from opentelemetry.proto.trace.v1 import trace_pb2

REQUESTS = {
    "traces": trace_service_pb2.ExportTraceServiceRequest,
    "logs": logs_service_pb2.ExportLogsServiceRequest,
}
RESPONSES = {
    "traces": trace_service_pb2.ExportTraceServiceResponse,
    "logs": logs_service_pb2.ExportLogsServiceResponse,
    "status": status_pb2.Status,
}
IDS = {"traceId", "spanId", "parentSpanId"}


def map_ids(value, change):
    """Converts ids: OTLP/JSON writes them as hex, proto3's JSON mapping as Base64."""
    if isinstance(value, list):
        return [map_ids(element, change) for element in value]
    if isinstance(value, dict):
        return {key: change(item) if key in IDS else map_ids(item, change) for key, item in value.items()}
    return value


def to_hex(text):
    return base64.b64decode(text).hex()


def to_base64(text):
    return base64.b64encode(bytes.fromhex(text)).decode()


def otlp_json(message):
    return map_ids(json_format.MessageToDict(message, use_integers_for_enums=True), to_hex)


def parse(kind, encoded):
    message = REQUESTS[kind]()
    message.ParseFromString(base64.b64decode(encoded))
    return message


def decode(kind, encoded):
    return otlp_json(parse(kind, encoded))


def compare(kind, encoded, document):
    from_protobuf = parse(kind, encoded)
    from_json = json_format.ParseDict(map_ids(json.loads(document), to_base64), REQUESTS[kind]())
    # Compares bytes, because NaN does not equal itself.
    if from_protobuf.SerializeToString(deterministic=True) == from_json.SerializeToString(deterministic=True):
        return None
    return f"protobuf says {from_protobuf}\nJSON says {from_json}"


def response(kind, encoded):
    message = RESPONSES[kind]()
    message.ParseFromString(base64.b64decode(encoded))
    return json_format.MessageToDict(message)


def fields(name):
    modules = [
        common_pb2, resource_pb2, trace_pb2, logs_pb2, trace_service_pb2, logs_service_pb2, status_pb2,
    ]
    outer, _, inner = name.partition(".")
    for module in modules:
        descriptor = module.DESCRIPTOR.message_types_by_name.get(outer)
        if descriptor is not None:
            if inner:
                descriptor = descriptor.nested_types_by_name[inner]
            return {field.name: field.number for field in descriptor.fields}
    raise KeyError(name)


def sample_traces():
    from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
    from opentelemetry.trace import Link, SpanKind, Status, StatusCode

    exporter = InMemorySpanExporter()
    provider = TracerProvider(resource=Resource.create({"service.name": "python"}))
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("library", "1.2.3", attributes={"scope": True})
    with tracer.start_as_current_span("parent", kind=SpanKind.SERVER) as parent:
        parent.set_attribute("text", "été")
        parent.set_attribute("number", -42)
        parent.set_attribute("ratio", 0.25)
        parent.set_attribute("flags", [True, False])
        with tracer.start_as_current_span(
            "child", kind=SpanKind.CLIENT, links=[Link(parent.get_span_context(), {"why": "test"})]
        ) as child:
            child.add_event("something", {"detail": "here"}, timestamp=1_700_000_000_000_000_001)
            child.set_status(Status(StatusCode.ERROR, "broken"))
    return encode_spans(exporter.get_finished_spans())


def sample_logs():
    request = logs_service_pb2.ExportLogsServiceRequest()
    resource = request.resource_logs.add()
    resource.resource.attributes.add(key="service.name").value.string_value = "python"
    scope = resource.scope_logs.add()
    scope.scope.name = "library"
    record = scope.log_records.add(
        time_unix_nano=2**63 + 1, observed_time_unix_nano=2**64 - 1, severity_number=13, severity_text="WARN",
        trace_id=bytes(range(16)), span_id=bytes(range(8)), flags=1, dropped_attributes_count=3, event_name="login",
    )
    values = record.body.kvlist_value.values
    values.add(key="bytes").value.bytes_value = bytes([0, 255, 128])
    values.add(key="nested").value.array_value.values.add().array_value.values.add().int_value = -(2**63)
    values.add(key="nothing")
    record.attributes.add(key="nan").value.double_value = float("nan")
    record.attributes.add(key="infinite").value.double_value = float("-inf")
    scope.log_records.add()
    return request


def sample(kind):
    request = {"traces": sample_traces, "logs": sample_logs}[kind]()
    encoded = base64.b64encode(request.SerializeToString()).decode()
    return {"protobuf": encoded, "json": otlp_json(request)}


COMMANDS = {"decode": decode, "compare": compare, "response": response, "fields": fields, "sample": sample}

for line in sys.stdin.read().splitlines():
    command, *arguments = json.loads(line)
    print(json.dumps(COMMANDS[command](*arguments)))
