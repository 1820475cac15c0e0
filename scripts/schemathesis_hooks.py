"""What schemathesis cannot know: a good Idempotency-Key is fresh, and one that names another body is refused (422)."""

import re
import uuid

import schemathesis

KEY = "Idempotency-Key"
GOOD = re.compile(r"[!-~]{1,255}")


@schemathesis.hook
def before_call(context, case, kwargs):
    for name in list(case.headers or {}):
        if name.lower() == KEY.lower() and GOOD.fullmatch(str(case.headers[name])):
            case.headers[name] = str(uuid.uuid4())
