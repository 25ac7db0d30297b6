"""Who signed a request: the ARN behind an access key, as moto's STS handed it out."""

from moto.iam.models import get_account_id_from
from moto.sts.models import sts_backends

ACCOUNT = "123456789012"


def account_of(access_key: str) -> str:
    """The account that an access key belongs to."""
    return str(get_account_id_from(access_key)) if access_key else ACCOUNT


def caller_arn(access_key: str) -> str:
    """The assumed role's session ARN, or a user's when the key is nobody's in particular."""
    account = account_of(access_key)
    _, arn, _ = sts_backends[account]["aws"].get_caller_identity(access_key, "us-east-1")
    return str(arn)
