"""Which version of a secret is the current one."""

import uuid

from tests.support import Sandbox


def test_the_current_version_is_given_after_labels_were_moved(sandbox: Sandbox) -> None:
    secrets = sandbox.client("secretsmanager")
    name = f"secret-{uuid.uuid4().hex[:12]}"
    old = secrets.create_secret(Name=name, SecretString="old")["VersionId"]
    new = secrets.put_secret_value(SecretId=name, SecretString="new", VersionStages=["AWSPENDING"])[
        "VersionId"
    ]
    assert secrets.get_secret_value(SecretId=name)["SecretString"] == "old"
    secrets.update_secret_version_stage(
        SecretId=name, VersionStage="AWSCURRENT", MoveToVersionId=new, RemoveFromVersionId=old
    )
    assert secrets.get_secret_value(SecretId=name)["SecretString"] == "new"
    secrets.update_secret_version_stage(
        SecretId=name, VersionStage="AWSCURRENT", MoveToVersionId=old, RemoveFromVersionId=new
    )
    assert secrets.get_secret_value(SecretId=name)["SecretString"] == "old"
    previous = secrets.get_secret_value(SecretId=name, VersionStage="AWSPREVIOUS")
    assert previous["SecretString"] == "new"
