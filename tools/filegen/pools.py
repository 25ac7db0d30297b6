"""What values are chosen from: words, people, addresses, hosts, accounts. Fixed, so that the same
names come up in every file, the first ones of each kind most often."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from random import Random

from tools.filegen.draw import SMALL_TABLE, TABLE, table, zipf_table

# Regular verbs: with their endings they are the 500 words of all texts.
_VERBS = (
    "accept account add adopt air alert answer ask assert assign attend audit back bank"
    " beam bill bind block board book boot brief broadcast broker buffer build burn call"
    " cast chart check claim clean clear click cluster collect comfort command comment"
    " condition connect consider contact cook count crawl curl detect direct discount"
    " display document draft draw drift dump edit enter export extract farm field fill"
    " filter float flow fold forward gather group guard hack hand help hold host hunt"
    " import inspect install jump limit link load lock mail mark mask monitor mount open"
    " order pack ping point present print protect trail"
).split()
_ENDINGS = ("", "s", "er", "ing", "ings")
WORDS = tuple(verb + ending for verb in _VERBS for ending in _ENDINGS)

_FIRST = (
    "ada ben cleo dan eva finn gina hugo iris jack kira liam mia noah olga paul quin rosa sam tom"
)
_LAST = "baker cole diaz evans fox"
PEOPLE = tuple(f"{first}.{last}" for last in _LAST.split() for first in _FIRST.split())
ACCOUNTS = ("111122223333", "123456789012", "210987654321", "444455556666", "777788889999")
REGIONS = ("us-east-1", "us-west-2", "us-east-2", "eu-west-1", "eu-central-1", "ap-south-1")
METHODS = ("GET", "GET", "GET", "GET", "POST", "POST", "PUT", "HEAD", "DELETE", "OPTIONS")
STATUSES = ("200", "200", "200", "200", "200", "204", "301", "302", "304", "403", "404", "500")
PROTOCOLS = ("HTTP/1.1", "HTTP/1.1", "HTTP/2.0", "HTTP/1.0")
AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/99.0.4844.51",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/15.3",
    "Mozilla/5.0 (X11; Linux x86_64; rv:98.0) Gecko/20100101 Firefox/98.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 15_3 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
    "aws-cli/2.4.23 Python/3.8.8 Linux/5.10.102 exe/x86_64.amzn.2 prompt/off",
    "aws-sdk-go/1.43.16 (go1.17.8; linux; amd64)",
    "curl/7.79.1",
    "python-requests/2.27.1",
)
CIPHERS = ("ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384", "AES128-SHA")
TLS_VERSIONS = ("TLSv1.2", "TLSv1.2", "TLSv1.1", "TLSv1")
TRANSPORTS = ("tcp", "tcp", "udp", "icmp")
RECORD_TYPES = ("A", "A", "A", "AAAA", "CNAME", "TXT")
VERSIONS = tuple(
    f"{major}.{minor}.{part}" for major in (1, 2, 4) for minor in range(4) for part in range(5)
)
COUNTRIES = ("US", "US", "US", "DE", "GB", "IN", "JP", "BR")
LEVELS = ("INFO", "INFO", "INFO", "WARN", "ERROR", "DEBUG")
_TOP_DOMAINS = ("com", "net", "org")
_HOSTS = (
    "www api mail vpn cdn git login static files db cache proxy dns app web edge build ci chat wiki"
).split()


@cache
def phrases() -> Sequence[str]:
    """Texts of one to six words."""
    rng = Random("phrases")
    return tuple(" ".join(rng.choices(WORDS, k=1 + place % 6)) for place in range(TABLE))


@cache
def addresses_v4() -> Sequence[str]:
    """IPv4 addresses: most from 200 private ones and ones for documentation (RFC 5737), the rest
    spread over a private network."""
    rng = Random("addresses")
    known = [
        *(f"10.{rng.randrange(4)}.{rng.randrange(16)}.{1 + place}" for place in range(80)),
        *(f"192.168.{rng.randrange(4)}.{1 + place}" for place in range(40)),
        *(f"192.0.2.{1 + place}" for place in range(30)),
        *(f"198.51.100.{1 + place}" for place in range(30)),
        *(f"203.0.113.{1 + place}" for place in range(20)),
    ]
    rng.shuffle(known)
    rest = [f"10.{64 + place % 64}.{place // 64 % 256}.{1 + place % 250}" for place in range(819)]
    return (*zipf_table(known, TABLE - len(rest)), *rest)


@cache
def addresses() -> Sequence[str]:
    """Addresses, seven in ten of them from the 200, one in ten of IPv6 (RFC 3849)."""
    rng = Random("addresses of IPv6")
    new = [f"2001:db8:{rng.randrange(1, 4096):x}::{rng.randrange(1, 65536):x}" for _ in range(410)]
    return (*addresses_v4()[410:], *new)


@cache
def domains() -> Sequence[str]:
    """Names of hosts under example.com, example.net and example.org (RFC 2606)."""
    names = [f"{host}.example.{top}" for host in _HOSTS for top in _TOP_DOMAINS]
    Random("domains").shuffle(names)
    return zipf_table(names)


@cache
def urls() -> Sequence[str]:
    """URLs on those hosts."""
    rng = Random("urls")
    return tuple(f"https://{rng.choice(domains())}{path}" for path in paths())


@cache
def paths() -> Sequence[str]:
    """Paths of URLs, some with a query."""
    rng = Random("paths")
    words = WORDS[::5]
    folders = ["/" + "/".join(rng.choices(words, k=1 + place % 4)) for place in range(TABLE)]
    return tuple(
        f"{folder}?{rng.choice(words)}={rng.randrange(1000)}" if place % 5 == 0 else folder
        for place, folder in enumerate(folders)
    )


@cache
def requests() -> Sequence[str]:
    """First lines of HTTP requests."""
    rng = Random("requests")
    return tuple(f"{rng.choice(METHODS)} {path} {rng.choice(PROTOCOLS)}" for path in paths())


@cache
def hostnames() -> Sequence[str]:
    """Names of hosts and, one in four, addresses."""
    return (*domains()[::4], *domains()[1::4], *domains()[2::4], *addresses_v4()[::4])


@cache
def network_addresses() -> Sequence[str]:
    """Names and addresses with a port."""
    return tuple(f"{host}:{1024 + 7 * place % 64_000}" for place, host in enumerate(hostnames()))


@cache
def people() -> Sequence[str]:
    """Names of users."""
    return zipf_table(PEOPLE)


@cache
def emails() -> Sequence[str]:
    """Their addresses."""
    return zipf_table([f"{one}@example.com" for one in PEOPLE])


@cache
def instances() -> Sequence[str]:
    """Ids of EC2 instances."""
    rng = Random("instances")
    return zipf_table([f"i-{rng.randbytes(9).hex()[:17]}" for _ in range(60)])


@cache
def arns() -> Sequence[str]:
    """ARNs of users, roles and instances of the accounts."""
    rng = Random("arns")
    return tuple(
        rng.choice(
            (
                f"arn:aws:iam::{account}:user/{rng.choice(PEOPLE)}",
                f"arn:aws:iam::{account}:role/{rng.choice(WORDS)}-{rng.choice(WORDS)}",
                f"arn:aws:ec2:{rng.choice(REGIONS)}:{account}:instance/{rng.choice(instances())}",
            )
        )
        for account in table(ACCOUNTS)
    )


@cache
def tags() -> Sequence[str]:
    """Tags of resources, `key:value`."""
    rng = Random("tags")
    return tuple(f"{rng.choice(_HOSTS)}:{rng.choice(WORDS)}" for _ in range(TABLE))


@cache
def json_values() -> Sequence[str]:
    """JSON objects such as free-form members hold."""
    rng = Random("json")
    return tuple(
        f'{{"name":"{rng.choice(WORDS)}","count":{rng.randrange(1000)},"tags":["{rng.choice(WORDS)}"'
        f',"{rng.choice(WORDS)}"],"ok":{rng.choice(("true", "false", "null"))}}}'
        for _ in range(SMALL_TABLE)
    )
