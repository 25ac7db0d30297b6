"""Help, errors, prompts and progress look the same in every tool."""

import io
import re

import pytest
from botocore import exceptions

from common import awserrors, cli, consent
from common.cli import Args, Io, Tool
from common.errors import ToolError, UsageError
from common.goflags import INTEGER, SWITCH, TEXT, Flag
from common.output import Output, clock, megabytes, plural, progress_text
from common.stop import Interrupted, Stop

TOOL = Tool(
    "tool",
    "do something",
    "tool [flags]",
    (Flag("limit", INTEGER, 5, "how many"), Flag("a-rather-long-flag-name", TEXT, "", "x " * 60),
     Flag("interactive", SWITCH, True, "ask"), *cli.PLAN_FLAGS, *cli.AWS_FLAGS, *cli.OUTPUT_FLAGS),
    ("tool -limit 3",),
)  # fmt: skip


def run(work, *argv):
    return cli.run(TOOL, lambda args, io: args, work, argv)


def client_error(code, message="why", status=400, operation="GetThing", headers=None):
    return exceptions.ClientError(
        {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": headers or {}},
        },
        operation,
    )


def raising(error):
    def work(_options, _io):
        raise error

    return work


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (ToolError("queue q is gone", "Look for it."), 1, "tool: queue q is gone. Look for it.\n"),
        (UsageError("-limit is odd."), 2, "tool: -limit is odd.\n"),
        (OSError(28, "No space left on device", "/x"), 1, "cannot write /x: No space left"),
        (KeyError("boom"), 1, "tool: internal error: KeyError: 'boom'. Run again with -debug"),
        (Interrupted(2), 130, "tool: stopped\n"),
        (Interrupted(15), 143, "tool: stopped\n"),
        (client_error("AccessDenied", "User: arn:x is not authorized to perform: s3:Get on "
                      "resource: arn:y because"), 1, "on arn:y: arn:x lacks s3:Get. Add s3:Get"),
    ],
)  # fmt: skip
def test_error_is_one_line_with_its_exit_code(capsys, error, code, said):
    assert run(raising(error)) == code
    shown = capsys.readouterr().err
    assert said in shown
    assert len(shown.splitlines()) == 1


def test_debug_shows_the_traceback(capsys):
    assert run(raising(ToolError("broken")), "-debug") == 1
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (client_error("ExpiredToken"), "session has expired"),
        (client_error("InvalidAccessKeyId"), "does not accept these credentials"),
        (client_error("RequestTimeTooSkewed"), "clock is wrong"),
        (client_error("PermanentRedirect", headers={"x-amz-bucket-region": "eu-west-1"}),
         "Wrong region: it is in eu-west-1"),
        (client_error("SlowDown", status=503), "lower -concurrency"),
        (client_error("InternalError", status=500), "try again in a minute"),
        (client_error("KMS.AccessDeniedException"), "kms:GenerateDataKey"),
        (client_error("AccessDenied", "not allowed", 403), "Ask for the permission"),
        (client_error("SomethingNew", "odd"), "GetThing failed: SomethingNew: odd"),
        (exceptions.NoCredentialsError(), "no AWS credentials found"),
        (exceptions.NoRegionError(), "no AWS region"),
        (exceptions.ProfileNotFound(profile="p"), "Check -profile"),
        (exceptions.SSLError(endpoint_url="https://x", error="bad"), "AWS_CA_BUNDLE"),
        (exceptions.EndpointConnectionError(endpoint_url="https://x"), "cannot be reached"),
        (exceptions.ProxyConnectionError(proxy_url="http://p"), "Check HTTPS_PROXY"),
        (exceptions.UnauthorizedSSOTokenError(), "aws sso login"),
    ],
)  # fmt: skip
def test_aws_failures_are_told_with_a_next_step(error, said):
    assert said in str(awserrors.translate(error))


@pytest.mark.parametrize(
    ("error", "is_transient"),
    [
        (client_error("ThrottlingException"), True),
        (client_error("Anything", status=503), True),
        (client_error("AccessDenied", status=403), False),
        (exceptions.ReadTimeoutError(endpoint_url="x", error="y"), True),
        (exceptions.SSLError(endpoint_url="x", error="y"), False),
    ],
)
def test_only_passing_failures_are_tried_again(error, is_transient):
    assert awserrors.is_transient(error) == is_transient


def test_help_fits_80_columns_and_shows_defaults():
    text = cli.help_text(TOOL)
    assert max(map(len, text.splitlines())) <= 80
    assert re.search(r"-limit integer +how many \(default 5\)", text)
    assert re.search(r"-interactive +ask \(default true\)", text)
    assert "(default )" not in text and "(default false)" not in text


# ---- asking ----------------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self):
        return True


def make_io(monkeypatch, answers=None, **values):
    stdin = Terminal(answers) if answers is not None else io.StringIO("")
    monkeypatch.setattr("sys.stdin", stdin)
    shown = io.StringIO()
    args = Args({"yes": False, "interactive": True, "s3path": ""} | values)
    return Io(TOOL, args, Output("tool", stdout=io.StringIO(), stderr=shown), Stop()), shown


@pytest.mark.parametrize("answer", ["y\n", "Y\n", "yes\n", " y \n"])
def test_consent_is_given_by_y(monkeypatch, answer):
    io_, shown = make_io(monkeypatch, answer)
    consent.ask(io_, "the plan", "Do it?")
    assert "the plan" in shown.getvalue() and "Do it? [y/N]" in shown.getvalue()


@pytest.mark.parametrize("answer", ["n\n", "\n", "", "yy\n", "bucket\n"])
def test_anything_else_declines(monkeypatch, answer):
    with pytest.raises(ToolError, match="not confirmed"):
        consent.ask(make_io(monkeypatch, answer)[0], "plan", "Do it?")


def test_irreversible_work_wants_the_name_typed(monkeypatch):
    consent.ask(make_io(monkeypatch, "bucket\n")[0], "plan", "Do it?", word="bucket")
    with pytest.raises(ToolError, match="not confirmed"):
        consent.ask(make_io(monkeypatch, "y\n")[0], "plan", "Do it?", word="bucket")


def test_without_a_terminal_consent_names_the_flag(monkeypatch):
    with pytest.raises(UsageError, match="Add -yes"):
        consent.ask(make_io(monkeypatch)[0], "plan", "Do it?")
    consent.ask(make_io(monkeypatch, yes=True)[0], "plan", "Do it?")
    consent.ask(make_io(monkeypatch)[0], "plan", "Do it?", unattended_is_fine=True)


def test_prompts_can_be_switched_off(monkeypatch):
    io_, _ = make_io(monkeypatch, "s3://b/\n", interactive=False)
    with pytest.raises(UsageError, match="-s3path is missing"):
        cli.require_text(io_.args, io_, "s3path", "S3 path")


def test_empty_answers_are_asked_again_until_the_input_ends(monkeypatch):
    io_, _ = make_io(monkeypatch, "\n\ns3://b/\n")
    assert cli.require_text(io_.args, io_, "s3path", "S3 path") == "s3://b/"
    io_, _ = make_io(monkeypatch, "\n")
    with pytest.raises(UsageError, match="-s3path is missing"):
        cli.require_text(io_.args, io_, "s3path", "S3 path")


# ---- output ----------------------------------------------------------------------------------


def test_progress_says_rate_elapsed_and_what_is_left():
    assert progress_text("sent", 500, 2000, "files", 10.0) == (
        "sent 500 of 2,000 files, 50/s, 10s elapsed, 30s left"
    )
    assert progress_text("listed", 5, None, "objects", 0.0) == (
        "listed 5 objects, 0/s, 0.0s elapsed"
    )


def test_progress_without_a_terminal_is_log_lines(monkeypatch):
    monkeypatch.setattr("common.output.LOG_SECONDS", 0.02)
    shown = io.StringIO()
    with Output("tool", stderr=shown).progress("sent", lambda: 7):
        import time

        time.sleep(0.2)
    assert shown.getvalue().startswith("tool: sent 7 objects")
    assert "\r" not in shown.getvalue()


def test_numbers_as_people_read_them():
    assert [clock(s) for s in (0.44, 12.3, 185, 7800)] == ["0.4s", "12s", "3m05s", "2h10m"]
    assert megabytes(1572864) == "1.50 MB"
    assert [plural(n, "file") for n in (0, 1, 1009)] == ["0 files", "1 file", "1,009 files"]


def test_table_aligns_columns():
    out = io.StringIO()
    Output("tool", stdout=out).table(("a", "name"), [("1", "x"), ("22", "yy")])
    assert out.getvalue() == "a   name\n1   x\n22  yy\n"
