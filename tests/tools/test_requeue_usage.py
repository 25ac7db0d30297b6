"""How requeue is asked: dry run, questions, bad usage, regions."""

import os
import subprocess
import time

import pytest

from tests.tools.requeue_queues import dead_letter_pair, report


@pytest.fixture
def pair(sandbox):
    """A queue and its dead-letter queue, by redrive policy: (source, destination)."""
    return dead_letter_pair(sandbox)


@pytest.fixture
def move(run_tool, pair):
    """Runs requeue from the pair's dead-letter queue to its queue."""

    def run(*flags, **options):
        return run_tool("requeue", "-to.q", pair[1], *flags, **options)

    return run


# ---- dry run ---------------------------------------------------------------------------------


def test_dry_run_prints_both_queues_and_receives_nothing(move, sandbox, pair):
    source, destination = pair
    sandbox.bulk_messages(source, "a", "b", "c")
    sandbox.reset_calls()
    result = move("-dry-run")
    assert result.code == 0
    header, first, second = result.stdout.splitlines()
    assert header.split()[:3] == ["queue", "region", "visible"]
    assert first.split()[:3] == [source, "us-east-1", "3"]
    assert second.split()[:3] == [destination, "us-east-1", "0"]
    assert second.split()[-1] == source
    calls = sandbox.calls()
    assert set(calls) <= {"sqs.GetQueueUrl", "sqs.GetQueueAttributes"}


def test_dry_run_in_json_is_one_record(move, sandbox, pair):
    source, destination = pair
    sandbox.bulk_messages(source, "a")
    [record] = move("-dry-run", "-output", "json").records
    assert (record["from"]["name"], record["to"]["name"]) == (source, destination)
    assert record["from"]["visible"] == 1 and record["from"]["fifo"] is False
    assert record["to"]["attributes"]["MaximumMessageSize"].isdigit()


# ---- asking ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("answer", "code", "moved"), [("y", 0, 1), ("n", 1, 0), ("\x04", 1, 0)])
def test_plan_is_confirmed_on_a_terminal(run_in_terminal, sandbox, pair, answer, code, moved):
    sandbox.bulk_messages(pair[0], "a")
    result = run_in_terminal("requeue", "-to.q", pair[1], answers=[("Go ahead?", answer)])
    assert result.code == code
    assert "moving about 1 message from" in result.stdout
    assert len(sandbox.messages(pair[1])) == moved


@pytest.mark.parametrize("flag", ["-yes", "-interactive=false"])
def test_flags_that_answer_beforehand(run_in_terminal, sandbox, pair, flag):
    sandbox.bulk_messages(pair[0], "a")
    result = run_in_terminal("requeue", "-to.q", pair[1], flag)
    assert result.code == 0 and "Go ahead?" not in result.stdout
    assert len(sandbox.messages(pair[1])) == 1


def test_missing_destination_is_prompted_for(run_in_terminal, sandbox, pair):
    sandbox.bulk_messages(pair[0], "a")
    answers = [("Queue to move messages to:", pair[1]), ("Go ahead?", "y")]
    assert run_in_terminal("requeue", answers=answers).code == 0
    assert len(sandbox.messages(pair[1])) == 1


def test_prompt_ends_with_the_input(run_in_terminal):
    result = run_in_terminal("requeue", answers=["\x04"])
    assert result.code == 2 and "-to.q is missing" in result.stdout


# ---- bad usage -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ((), "-to.q is missing. Give -to.q VALUE."),
        (("-interactive=false",), "-to.q is missing"),
        (("-to.q", "a", "-from.q", "a"), "-from.q and -to.q are the same queue, a"),
        (("-to.q", "a", "-limit", "-1"), "-limit is negative. 0 means all messages."),
        (("-to.q", "a", "-limit", "x"), 'invalid value "x" for flag -limit'),
        (("-to.q", "a", "-concurrency", "0"), "-concurrency must be at least 1"),
        (("-to.q", "a", "-visibility-timeout", "0"), "1 to 43200 seconds"),
        (("-to.q", "a", "-visibility-timeout", "43201"), "1 to 43200 seconds"),
        (("-to.q", "a", "-match", "("), "-match '(' is no regular expression"),
        (("-to.q", "arn:aws:sns:r:1:t"), "is no queue ARN"),
        (("-to.q", "a", "b"), "unexpected argument 'b'"),
    ],
)
def test_bad_usage_is_one_line_and_exit_code_2(run_tool, flags, said):
    result = run_tool("requeue", *flags)
    assert result.code == 2 and result.stdout == ""
    assert said in result.stderr and len(result.stderr.splitlines()) == 1


def test_closed_stdin_is_bad_usage(tools):
    command = " ".join(tools.command("requeue")) + " 0<&-"
    done = subprocess.run(
        ["/bin/sh", "-c", command], env=dict(tools.env), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2
    assert done.stderr == "requeue: -to.q is missing. Give -to.q VALUE.\n"


def test_same_queue_by_other_names_is_bad_usage(run_tool, sandbox, queue):
    result = run_tool("requeue", "-from.q", sandbox.queue_url(queue), "-to.q", queue)
    assert result.code == 2
    assert f"-from.q and -to.q are the same queue, {queue}" in result.stderr
    assert sandbox.calls()["sqs.ReceiveMessage"] == 0


@pytest.mark.parametrize("flags", [("-to.q", "no-such"), ("-from.q", "no-such", "-to.q", "QUEUE")])
def test_missing_queue_is_named(run_tool, queue, flags):
    result = run_tool("requeue", *(queue if flag == "QUEUE" else flag for flag in flags))
    assert result.code == 1
    assert "queue no-such does not exist in us-east-1. Check the name and -region." in result.stderr


def test_missing_region_is_one_line(run_tool, queue):
    none = {"AWS_REGION": None, "AWS_DEFAULT_REGION": None}
    result = run_tool("requeue", "-to.q", queue, env=none)
    assert result.code == 1
    assert result.stderr == (
        "requeue: no AWS region is configured. Give -region or set AWS_REGION.\n"
    )


def test_region_flag_chooses_the_region_of_both_queues(run_tool, sandbox):
    name = f"far-{os.getpid()}-{time.time_ns()}"
    west = sandbox.client("sqs", "eu-west-1")
    for queue in (name, f"{name}-dlq"):
        west.create_queue(QueueName=queue)
    west.send_message(QueueUrl=west.get_queue_url(QueueName=f"{name}-dlq")["QueueUrl"],
                      MessageBody="a")  # fmt: skip
    result = run_tool("requeue", "-region", "eu-west-1", "-to.q", name, "-output", "json")
    assert result.code == 0
    assert report(result)["region"] == "eu-west-1" and report(result)["moved"] == 1


@pytest.mark.parametrize("flag", ["-verbose", "-debug"])
def test_verbose_is_accepted_as_the_go_tool_does(move, flag):
    assert move(flag).code == 0
