"""What the tests of requeue share: queues to move between, faults, and looks at both queues."""

import json
import time


def dead_letter_pair(sandbox):
    """A queue and its dead-letter queue, by redrive policy: (source, destination)."""
    source = sandbox.create_queue()
    arn = f"arn:aws:sqs:us-east-1:123456789012:{source}"
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": "4"})
    return source, sandbox.create_queue(RedrivePolicy=policy)


def report(result):
    return result.records[-1]


def fault(kind, operation, queue="", **more):
    return {"service": "sqs", "operation": operation, "resource": queue, "kind": kind, **more}


def numbers(sandbox, queue):
    return sorted(map(int, sandbox.bodies(queue)))


def nothing_in_flight(sandbox, queue):
    return not any(one["in_flight"] for one in sandbox.messages(queue))


def wait_until(condition, seconds=40):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.05)
