"""Hooks that let schemathesis test docs/api against services in debug builds.

Valid requests stay valid, invalid ones stay invalid.
"""

import schemathesis

# The largest valid workload takes seconds in a debug build, and tests no more than this one.
LARGEST_WORKLOAD = 5_000_000
ENOUGH_WORK = 1_000
# A valid timeout of a few milliseconds is answered 504, as documented: a server error that is not a bug.
LEAST_PATIENCE = 10_000


def is_whole(value):
    return isinstance(value, int) and not isinstance(value, bool)


@schemathesis.hook
def before_call(context, case, kwargs):
    body = case.body
    workload = body.get("workload") if isinstance(body, dict) else None
    size = workload.get("size") if isinstance(workload, dict) else None
    if is_whole(size) and ENOUGH_WORK < size <= LARGEST_WORKLOAD:
        workload["size"] = ENOUGH_WORK
    patience = (case.headers or {}).get("x-request-timeout-ms")
    if str(patience or "").isdecimal() and int(patience) < LEAST_PATIENCE:
        case.headers["x-request-timeout-ms"] = str(LEAST_PATIENCE)
