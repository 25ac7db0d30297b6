"""boto3 clients for the seed: of Panther's account, and of its customer's through a role."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config

from scripts.sandbox.seed_names import REGION


class Clients:
    """boto3 clients of one account, made when first asked for."""

    def __init__(self, url: str, keys: dict[str, str]) -> None:
        self._session = boto3.Session(**keys)
        self._url = url
        self._made: dict[tuple[str, str], Any] = {}

    def __call__(self, service: str, region: str = REGION) -> Any:
        if (service, region) not in self._made:
            self._made[service, region] = self._session.client(
                service,
                region_name=region,
                endpoint_url=self._url,
                config=Config(s3={"addressing_style": "path"}, parameter_validation=False),
            )
        return self._made[service, region]


def of_account(panther: Clients, account: str) -> dict[str, str]:
    """Keys of a role that owns another account, as `Clients` takes them."""
    role = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
    keys = panther("sts").assume_role(RoleArn=role, RoleSessionName="seed")["Credentials"]
    return {
        "aws_access_key_id": keys["AccessKeyId"],
        "aws_secret_access_key": keys["SecretAccessKey"],
        "aws_session_token": keys["SessionToken"],
    }
