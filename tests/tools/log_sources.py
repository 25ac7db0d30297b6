"""What tests of sources -validate share: sources of their own, and reading the checks."""

import json
import uuid

from scripts.sandbox import seed_names as names

ACCOUNT = names.PANTHER_ACCOUNT


class Deployment:
    """Log sources of a test's own in a file, and sources -validate on them."""

    def __init__(self, sandbox, run_tool, path):
        self.sandbox, self._run_tool, self._path = sandbox, run_tool, path
        self.items = []

    def add(self, bucket, *prefixes, **more):
        """An aws-s3 source of the Panther account, where the test's buckets are; its label and
        role name are unique."""
        label = f"Test {uuid.uuid4().hex[:8]}"
        suffix = label.replace(" ", "-").lower()
        item = {
            "integrationId": str(uuid.uuid4()),
            "integrationLabel": label,
            "integrationType": "aws-s3",
            "awsAccountId": ACCOUNT,
            "s3Bucket": bucket,
            "s3PrefixLogTypes": [{"prefix": prefix, "logTypes": ["A.B"]} for prefix in prefixes],
            "logProcessingRole": names.role_arn(f"PantherLogProcessingRole-{suffix}", ACCOUNT),
            **more,
        }
        self.items.append(item)
        return item

    def file(self):
        self._path.write_text(json.dumps(self.items))
        return str(self._path)

    def validate(self, *flags, **options):
        flags = ("-validate", "-sources-file", self.file(), "-output", "json", *flags)
        return self._run_tool("sources", *flags, **options)

    def check(self, *flags):
        """The one source's record, after the run."""
        result = self.validate(*flags)
        [record] = result.records
        assert result.code == (3 if record["result"] == "failed" else 0)
        return record


def outcomes(record):
    """name -> (result, code) of each check; of several with a name the last."""
    return {check["name"]: (check["result"], check["code"]) for check in record["checks"]}


def targets(record, name):
    return [check["target"] for check in record["checks"] if check["name"] == name]


def message(record, name):
    return next(check["message"] for check in record["checks"] if check["name"] == name)
