"""Reads a trace (OTLP's TracesData, in Base64, the only argument) with the OpenTelemetry project's own packages.

Prints a line for each missing message that readers rely on. Fails if the bytes are not a trace, or a string is not
UTF-8.
"""

import base64
import sys

from opentelemetry.proto.trace.v1 import trace_pb2

trace = trace_pb2.TracesData()
trace.ParseFromString(base64.b64decode(sys.argv[1]))
for batch in trace.resource_spans:
    if not batch.HasField("resource"):
        print("resource")
    for scope in batch.scope_spans:
        if not scope.HasField("scope"):
            print("scope")
        for span in scope.spans:
            if not span.HasField("status"):
                print("status")
            for attribute in span.attributes:
                if not attribute.HasField("value"):
                    print("value")
