"""s3queue as a user runs it: what lands on the queue, what is reported, what survives trouble."""

import json
import signal
import time

import pytest

GOLDEN_EVENT = (
    '{"Records":[{"eventVersion":"","eventSource":"","awsRegion":"",'
    '"eventTime":"0001-01-01T00:00:00Z","eventName":"","userIdentity":{"principalId":""},'
    '"requestParameters":{"sourceIPAddress":""},"responseElements":null,'
    '"s3":{"s3SchemaVersion":"","configurationId":"","bucket":{"name":"BUCKET",'
    '"ownerIdentity":{"principalId":""},"arn":""},"object":{"key":"KEY","size":123,'
    '"urlDecodedKey":"","versionId":"","eTag":"","sequencer":""}}}]}'
)
GOLDEN_BODY = (
    '{"Signature":"","MessageId":"","Type":"Notification","TopicArn":"arn:aws:sns:us-east-1:'
    '111122223333:panther-fake-s3queue-topic","MessageAttributes":null,"SignatureVersion":"",'
    '"Timestamp":"0001-01-01T00:00:00Z","SigningCertUrl":"","Message":%s,"UnsubscribeUrl":"",'
    '"Subject":""}'
).replace("%s", json.dumps(GOLDEN_EVENT))


def sent_objects(sandbox, queue):
    """(bucket, key, size) of every message on a queue; keys as they were sent."""
    found = []
    for body in sandbox.bodies(queue):
        record = json.loads(json.loads(body)["Message"])["Records"][0]["s3"]
        found.append((record["bucket"]["name"], record["object"]["key"], record["object"]["size"]))
    return found


@pytest.fixture
def send(run_tool, bucket, queue):
    """Runs s3queue from the test's bucket to the test's queue."""

    def run(*flags, path="", **options):
        place = ("-s3path", f"s3://{bucket}/{path}", "-queue", queue)
        return run_tool("s3queue", *place, "-check-source=false", *flags, **options)

    return run


# ---- the message -----------------------------------------------------------------------------


def test_message_body_is_what_the_go_tool_sends_byte_for_byte(send, sandbox, bucket, queue):
    sandbox.bulk_objects(bucket, ["KEY"], size=123)
    assert send("-account", "111122223333").code == 0
    assert sandbox.bodies(queue) == [GOLDEN_BODY.replace("BUCKET", bucket)]
    assert sandbox.messages(queue)[0]["attributes"] == {}


def test_account_defaults_to_the_callers(send, sandbox, bucket, queue):
    sandbox.bulk_objects(bucket, ["KEY"])
    send()
    assert ":123456789012:panther-fake" in sandbox.bodies(queue)[0]


def test_key_is_percent_encoded_in_the_event(send, sandbox, bucket, queue):
    sandbox.bulk_objects(bucket, ["a b+c=d%e/\u00e9.gz"])
    send()
    assert [key for _, key, _ in sent_objects(sandbox, queue)] == ["a%20b%2Bc%3Dd%25e/%C3%A9.gz"]


def test_raw_keys_leaves_the_key_as_it_is(send, sandbox, bucket, queue):
    sandbox.bulk_objects(bucket, ['a b%e/"\u00e9\\.gz'])
    assert send("-raw-keys").code == 0
    assert [key for _, key, _ in sent_objects(sandbox, queue)] == ['a b%e/"\u00e9\\.gz']


# ---- what is selected ------------------------------------------------------------------------


def test_empty_objects_and_folder_markers_are_left_out_and_counted(send, sandbox, bucket, queue):
    sandbox.bulk_objects(bucket, ["x/full"], size=3)
    sandbox.bulk_objects(bucket, ["x/empty"], size=0)
    sandbox.bulk_objects(bucket, ["x/folder/"], size=2)
    result = send("-output", "json")
    assert [size for _, _, size in sent_objects(sandbox, queue)] == [3]
    report = result.records[0]
    assert {name: report[name] for name in ("listed", "sent", "skipped_empty", "failed")} == {
        "listed": 3, "sent": 1, "skipped_empty": 2, "failed": 0,
    }  # fmt: skip
    assert report["bytes"] == 3
    assert report["queue"] == queue and report["region"] == "us-east-1"
    assert report["seconds"] > 0


def test_twenty_one_objects_are_three_batches(send, sandbox, bucket, queue):
    sandbox.bulk_objects(bucket, [f"k{number:02}" for number in range(21)])
    assert send().code == 0
    assert sandbox.calls()["sqs.SendMessageBatch"] == 3
    assert len(sent_objects(sandbox, queue)) == 21


def test_several_pages_are_sent_once_each(send, sandbox, bucket, queue):
    keys = [f"logs/d{number % 7}/k{number:04}" for number in range(2503)]
    sandbox.bulk_objects(bucket, keys)
    result = send()
    assert sorted(key for _, key, _ in sent_objects(sandbox, queue)) == sorted(keys)
    assert f"sent 2503 files (0.00 MB) to {queue} (us-east-1) in " in result.stderr


@pytest.mark.parametrize("prefix", ["a#b/", "a?b=c/", "a%20b/", "a b/", "100%", "a*b/", "\u00e9/"])
def test_prefix_is_taken_literally(send, sandbox, bucket, queue, prefix):
    sandbox.bulk_objects(bucket, [prefix + "in", "other/out"])
    assert send(path=prefix).code == 0
    assert len(sent_objects(sandbox, queue)) == 1


def test_limit_sends_the_first_objects_in_key_order(send, sandbox, bucket, queue):
    sandbox.bulk_objects(bucket, ["b", "a"])
    assert send("-limit", "1").code == 0
    assert [key for _, key, _ in sent_objects(sandbox, queue)] == ["a"]


@pytest.mark.parametrize("limit", [5, 7, 14, 15])
def test_loop_with_a_limit_sends_exactly_that_many(send, sandbox, bucket, queue, limit):
    sandbox.bulk_objects(bucket, [f"k{number}" for number in range(7)])
    assert send("-loop", f"-limit={limit}").code == 0
    assert len(sent_objects(sandbox, queue)) == limit


def test_loop_over_nothing_ends(send):
    result = send("-loop")
    assert result.code == 0
    assert "sent 0 files" in result.stderr


def test_window_is_closed_at_start_and_open_at_end(send, sandbox, bucket, queue):
    for day in (4, 5, 6):
        modified = f"2021-02-0{day}T00:00:00Z"
        sandbox.bulk_objects(bucket, [f"day{day}"], last_modified=modified)
    assert send("-start", "2021-02-05", "-end", "2021-02-06T00:00:00Z").code == 0
    assert [key for _, key, _ in sent_objects(sandbox, queue)] == ["day5"]


def test_globs_include_and_exclude_keys(send, sandbox, bucket, queue):
    sandbox.bulk_objects(bucket, ["a/1.gz", "a/2.txt", "b/1.gz", "b/skip.gz"])
    assert send("-include", "*.gz", "-exclude", "*skip*,a/*").code == 0
    assert [key for _, key, _ in sent_objects(sandbox, queue)] == ["b/1.gz"]


def test_objects_come_from_a_list_of_urls_with_sizes_looked_up(run_tool, sandbox, bucket, queue):
    sandbox.bulk_objects(bucket, ["a b", "c%d"], size=9)
    urls = f"s3://{bucket}/a b\ns3://{bucket}/c%d\ns3://{bucket}/gone\n"
    result = run_tool("s3queue", "-queue", queue, "-from-file", "-", stdin=urls)
    assert sorted(sent_objects(sandbox, queue)) == [(bucket, "a%20b", 9), (bucket, "c%25d", 9)]
    assert result.code == 3
    assert f"cannot send s3://{bucket}/gone: NotFound" in result.stderr


def test_objects_come_from_a_csv_list_without_asking_s3(run_tool, sandbox, bucket, queue, tmp_path):
    listed = tmp_path / "list.csv"
    listed.write_text(f'bucket,key,size\n{bucket},"a,b",5\n{bucket},empty,0\nother,c,7\n')
    assert run_tool("s3queue", "-queue", queue, "-from-file", str(listed)).code == 0
    assert sorted(sent_objects(sandbox, queue)) == sorted([(bucket, "a%2Cb", 5), ("other", "c", 7)])
    assert not {"s3.ListObjectsV2", "s3.HeadObject"} & set(sandbox.calls())


# ---- dry run ---------------------------------------------------------------------------------


def test_dry_run_prints_urls_and_sends_nothing(send, sandbox, bucket, queue):
    sandbox.bulk_objects(bucket, ["a b", "c"])
    result = send("-dry-run")
    assert sorted(result.stdout.splitlines()) == [f"s3://{bucket}/a b", f"s3://{bucket}/c"]
    assert "dry run: 2 files would be sent" in result.stderr
    assert sandbox.messages(queue) == []


def test_dry_run_in_json_prints_the_bodies_that_a_run_sends(send, sandbox, bucket, queue):
    sandbox.bulk_objects(bucket, ["a b", "c"])
    dry = send("-dry-run", "-output", "json")
    assert sandbox.messages(queue) == []
    send()
    assert sorted(dry.stdout.splitlines()) == sorted(sandbox.bodies(queue))


# ---- pace ------------------------------------------------------------------------------------


def test_rate_below_one_sends(send, sandbox, bucket, queue):
    sandbox.bulk_objects(bucket, ["a"])
    assert send("-files-per-second", "0.5").code == 0
    assert len(sandbox.messages(queue)) == 1


def test_duration_ends_a_paced_run_cleanly(send, sandbox, bucket, queue):
    sandbox.bulk_objects(bucket, [f"k{number:02}" for number in range(60)])
    result = send("-files-per-second", "10", "-duration", "3500ms", "-output", "json")
    assert result.code == 0
    assert 20 <= result.records[0]["sent"] <= 40
    assert result.records[0]["sent"] == len(sandbox.messages(queue))


# ---- trouble ---------------------------------------------------------------------------------


def test_refused_entries_are_sent_again_and_only_they(send, sandbox, bucket, queue):
    sandbox.bulk_objects(bucket, [f"k{number}" for number in range(10)])
    sandbox.faults({"service": "sqs", "operation": "SendMessageBatch", "kind": "fail_entries",
                    "entries": [3, 7], "times": 1, "code": "InternalError"})  # fmt: skip
    assert send().code == 0
    keys = sorted(key for _, key, _ in sent_objects(sandbox, queue))
    assert keys == [f"k{number}" for number in range(10)]


def test_entries_left_out_of_the_reply_count_as_not_sent(send, sandbox, bucket, queue):
    sandbox.bulk_objects(bucket, [f"k{number}" for number in range(10)])
    sandbox.faults({"service": "sqs", "operation": "SendMessageBatch", "kind": "omit_entries",
                    "entries": [0, 9], "times": 1})  # fmt: skip
    assert send().code == 0
    assert len(set(sent_objects(sandbox, queue))) == 10


def test_senders_fault_is_final_and_goes_to_the_failed_file(
    send, run_tool, sandbox, bucket, queue, tmp_path
):
    sandbox.bulk_objects(bucket, [f"k{number}" for number in range(10)], size=4)
    sandbox.faults({"service": "sqs", "operation": "SendMessageBatch", "kind": "fail_entries",
                    "entries": [3], "code": "InvalidMessageContents",
                    "sender_fault": True})  # fmt: skip
    failed = tmp_path / "failed.jsonl"
    result = send("-failed-file", str(failed), "-output", "json")
    assert result.code == 3
    assert result.records[0]["failed"] == 1 and result.records[0]["sent"] == 9
    assert sandbox.calls()["sqs.SendMessageBatch"] == 1
    row = json.loads(failed.read_text())
    assert (row["bucket"], row["size"], row["code"]) == (bucket, 4, "InvalidMessageContents")
    sandbox.faults()
    assert run_tool("s3queue", "-queue", queue, "-from-file", str(failed)).code == 0
    assert len(set(sent_objects(sandbox, queue))) == 10


@pytest.mark.parametrize("kind", ["throttle", "error", "drop"])
def test_passing_failures_of_requests_lose_nothing(send, sandbox, bucket, queue, kind):
    sandbox.bulk_objects(bucket, [f"k{number:03}" for number in range(211)])
    sandbox.faults(
        {"service": "sqs", "operation": "SendMessageBatch", "kind": kind, "every": 4},
        {"service": "s3", "operation": "ListObjectsV2", "kind": kind, "times": 2},
    )
    assert send().code == 0
    assert len(sent_objects(sandbox, queue)) == 211


def test_lost_replies_are_reported_as_possible_duplicates(send, sandbox, bucket, queue):
    sandbox.bulk_objects(bucket, [f"k{number}" for number in range(10)])
    sandbox.faults({"service": "sqs", "operation": "SendMessageBatch", "kind": "drop",
                    "when": "after", "times": 1})  # fmt: skip
    result = send()
    assert result.code == 0
    assert "10 files may have been sent twice" in result.stderr
    assert len(set(sent_objects(sandbox, queue))) == 10


def test_lost_permission_stops_the_run_and_says_what_was_sent(send, sandbox, bucket, queue):
    sandbox.bulk_objects(bucket, [f"k{number:03}" for number in range(100)])
    sandbox.faults({"service": "sqs", "operation": "SendMessageBatch", "kind": "deny", "skip": 2})
    result = send("-concurrency", "1")
    assert result.code == 1
    assert "sent 20 files" in result.stderr
    assert "lacks sqs:sendmessage" in result.stderr.lower()
    assert "Traceback" not in result.stderr


def test_listing_that_fails_midway_keeps_what_was_sent(send, sandbox, bucket, queue):
    sandbox.bulk_objects(bucket, [f"k{number:04}" for number in range(1500)])
    sandbox.faults({"service": "s3", "operation": "ListObjectsV2", "kind": "deny", "skip": 1})
    result = send("-list-concurrency", "1", "-output", "json")
    assert result.code == 1
    assert result.records[0]["sent"] == len(sandbox.messages(queue)) == 1000


@pytest.mark.parametrize(("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_run_reports_exactly_what_was_sent(
    start_tool, sandbox, bucket, queue, signum, code
):
    sandbox.bulk_objects(bucket, [f"k{number:04}" for number in range(3000)])
    sandbox.faults({"service": "sqs", "operation": "SendMessageBatch", "kind": "latency",
                    "milliseconds": 50})  # fmt: skip
    process = start_tool("s3queue", "-s3path", f"s3://{bucket}/", "-queue", queue,
                         "-check-source=false", "-output", "json", "-concurrency", "4")  # fmt: skip
    deadline = time.monotonic() + 30
    while sandbox.calls()["sqs.SendMessageBatch"] < 5 and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signum)
    stdout, stderr = process.communicate(timeout=30)
    assert process.returncode == code
    report = json.loads(stdout)
    assert 0 < report["sent"] < 3000
    assert report["sent"] == len(sandbox.messages(queue))
    assert f"sent {report['sent']} files" in stderr


# ---- resuming --------------------------------------------------------------------------------


def test_killed_run_is_continued_and_loses_nothing(
    start_tool, send, sandbox, bucket, queue, tmp_path
):
    keys = [f"logs/d{number % 5}/k{number:04}" for number in range(4001)]
    sandbox.bulk_objects(bucket, keys)
    checkpoint = tmp_path / "progress.json"
    sandbox.faults({"service": "sqs", "operation": "SendMessageBatch", "kind": "latency",
                    "milliseconds": 30})  # fmt: skip
    process = start_tool("s3queue", "-s3path", f"s3://{bucket}/", "-queue", queue,
                         "-check-source=false", "-checkpoint", str(checkpoint),
                         "-concurrency", "8", "-list-concurrency", "4")  # fmt: skip
    deadline = time.monotonic() + 40
    while not _has_progress(checkpoint) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.kill()
    process.wait()
    before = len(sandbox.messages(queue))
    assert 0 < before < len(keys)
    sandbox.faults()
    result = send("-checkpoint", str(checkpoint), "-output", "json")
    assert result.code == 0
    found = [key for _, key, _ in sent_objects(sandbox, queue)]
    assert set(found) == set(keys)
    assert len(found) < len(keys) + before, "the second run began again"
    assert result.records[0]["sent"] == len(keys)
    again = send("-checkpoint", str(checkpoint))
    assert again.code == 0 and "everything was sent before" in again.stderr
    assert len(sandbox.messages(queue)) == len(found)


def _has_progress(checkpoint):
    if not checkpoint.exists():
        return False
    rows = [json.loads(line) for line in checkpoint.read_text().splitlines()]
    return rows[-2]["counts"]["sent"] > 0


def test_restart_begins_again_in_spite_of_the_checkpoint(send, sandbox, bucket, queue, tmp_path):
    sandbox.bulk_objects(bucket, ["a"])
    checkpoint = str(tmp_path / "progress.json")
    send("-checkpoint", checkpoint)
    assert send("-checkpoint", checkpoint, "-restart").code == 0
    assert len(sandbox.messages(queue)) == 2


def test_checkpoint_of_other_arguments_is_refused(send, sandbox, bucket, queue, tmp_path):
    checkpoint = str(tmp_path / "progress.json")
    send("-checkpoint", checkpoint)
    result = send("-checkpoint", checkpoint, "-exclude", "*.txt")
    assert result.code == 2
    assert "belongs to a run with other arguments: -exclude" in result.stderr
    assert "-restart" in result.stderr


@pytest.mark.parametrize("cut", [0, 10, -2])
def test_truncated_checkpoint_is_refused(send, sandbox, bucket, queue, tmp_path, cut):
    checkpoint = tmp_path / "progress.json"
    send("-checkpoint", str(checkpoint))
    checkpoint.write_bytes(checkpoint.read_bytes()[:cut])
    result = send("-checkpoint", str(checkpoint))
    assert result.code == 2
    assert "is damaged or no checkpoint" in result.stderr


def test_unrecorded_failures_are_sent_again_by_the_next_run(send, sandbox, bucket, queue, tmp_path):
    sandbox.bulk_objects(bucket, [f"k{number}" for number in range(10)])
    checkpoint = str(tmp_path / "progress.json")
    sandbox.faults({"service": "sqs", "operation": "SendMessageBatch", "kind": "fail_entries",
                    "entries": [5], "sender_fault": True})  # fmt: skip
    assert send("-checkpoint", checkpoint).code == 3
    sandbox.faults()
    assert send("-checkpoint", checkpoint).code == 0
    assert len(set(sent_objects(sandbox, queue))) == 10


# ---- sources ---------------------------------------------------------------------------------


def test_unclaimed_bucket_is_warned_about_and_sent_when_nobody_can_be_asked(
    run_tool, sandbox, bucket, queue
):
    sandbox.bulk_objects(bucket, ["a"])
    result = run_tool("s3queue", "-s3path", f"s3://{bucket}/", "-queue", queue)
    assert result.code == 0
    assert f"no log source claims s3://{bucket}/" in result.stderr
    assert len(sandbox.messages(queue)) == 1


@pytest.mark.parametrize(("answer", "code", "sent"), [("y", 0, 1), ("n", 1, 0), ("\x04", 1, 0)])
def test_unclaimed_bucket_needs_consent_on_a_terminal(
    run_in_terminal, sandbox, bucket, queue, answer, code, sent
):
    sandbox.bulk_objects(bucket, ["a"])
    place = ("-s3path", f"s3://{bucket}/", "-queue", queue)
    result = run_in_terminal("s3queue", *place, answers=[("Send them anyway?", answer)])
    assert result.code == code
    assert len(sandbox.messages(queue)) == sent


def test_yes_answers_for_an_unclaimed_bucket(run_in_terminal, sandbox, bucket, queue):
    sandbox.bulk_objects(bucket, ["a"])
    place = ("-s3path", f"s3://{bucket}/", "-queue", queue)
    assert run_in_terminal("s3queue", *place, "-yes").code == 0
    assert len(sandbox.messages(queue)) == 1


def test_denied_look_up_of_sources_is_only_a_warning(run_tool, sandbox, bucket, queue):
    sandbox.bulk_objects(bucket, ["a"])
    sandbox.faults({"service": "lambda", "operation": "Invoke", "kind": "deny"})
    result = run_tool("s3queue", "-s3path", f"s3://{bucket}/", "-queue", queue)
    assert result.code == 0
    assert "cannot check the log sources" in result.stderr
    assert len(sandbox.messages(queue)) == 1


# ---- the command line ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["-concurrency", "0"], "-concurrency must be at least 1"),
        (["-files-per-second=-1"], "-files-per-second is negative"),
        (["-limit", "-1"], "-limit is negative"),
        (["-duration", "-5s"], "-duration is negative"),
        (["-duration", "90"], 'invalid value "90" for flag -duration'),
        (["-s3path", "bucket/prefix"], "is no S3 path"),
        (["-s3path", "s3:///prefix"], "names no bucket"),
        (["-queue", "input.fifo"], "is a FIFO queue"),
        (["-queue", ""], "-queue is missing"),
        (["-start", "yesterday"], "want a time such as"),
        (["-start", "2021-02-06", "-end", "2021-02-05"], "-start is not before -end"),
        (["-list-concurrency", "0"], "-list-concurrency must be at least 1"),
        (["-output", "xml"], "-output 'xml' is not one of text, json"),
        (["-loop", "-checkpoint", "x"], "Leave out -checkpoint"),
        (["-from-file", "x"], "exclude each other"),
        (["-lim", "5"], "flag provided but not defined: -lim"),
        (["extra"], "unexpected argument 'extra'"),
    ],
)
def test_wrong_command_line_is_one_line_and_exit_code_2(tools, flags, message):
    result = tools.run("s3queue", "-s3path", "s3://b/p", *flags)
    assert result.code == 2
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""


@pytest.mark.parametrize("flags", [[], ["-interactive=false"]])
def test_missing_path_without_a_terminal_is_exit_code_2_at_once(run_tool, flags):
    result = run_tool("s3queue", *flags)
    assert result.code == 2
    assert result.stderr == "s3queue: -s3path is missing. Give -s3path VALUE.\n"


def test_missing_path_is_asked_for_on_a_terminal(run_in_terminal, sandbox, bucket, queue):
    sandbox.bulk_objects(bucket, ["a"])
    result = run_in_terminal(
        "s3queue", "-queue", queue, "-yes", answers=[("S3 path", f"s3://{bucket}/")]
    )
    assert result.code == 0
    assert len(sandbox.messages(queue)) == 1


def test_prompt_ends_at_end_of_input(run_in_terminal):
    assert run_in_terminal("s3queue", answers=[("S3 path", "\x04")]).code == 2


@pytest.mark.parametrize(
    "flags", [["-limit=5"], ["--limit", "5"], ["--limit=5", "-loop=false"], ["-limit", "5"]]
)
def test_go_spellings_of_flags_work(send, sandbox, bucket, queue, flags):
    sandbox.bulk_objects(bucket, [f"k{number}" for number in range(9)])
    assert send(*flags).code == 0
    assert len(sandbox.messages(queue)) == 5


def test_bucket_in_another_region_is_listed_there(run_tool, sandbox, queue):
    bucket = sandbox.create_bucket(region="eu-west-1")
    sandbox.bulk_objects(bucket, ["a"])
    result = run_tool("s3queue", "-s3path", f"s3://{bucket}/", "-queue", queue)
    assert result.code == 0
    assert len(sandbox.messages(queue)) == 1
