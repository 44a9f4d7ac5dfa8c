"""Where nothing is sent: each way that a URL or a name could lead into somebody's own network."""

from ipaddress import ip_address

import pytest

from service.network.address_policy import (
    LOOPBACK,
    PUBLIC,
    Address,
    AddressPolicy,
    find_address_fault,
    parse_policy,
)
from service.webhooks.domain import find_url_fault

PRIVATE = [
    "10.0.0.1",
    "172.16.9.9",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "168.63.129.16",
    "100.100.100.200",
    "192.0.0.192",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "0.0.0.0",
    "fe80::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "::",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::a00:1",
    "64:ff9b:1::1",
    "2002:a00:1::",
    "2001:0:5ef5:79fb:0:0:f5ff:fffe",
    "2001:db8::1",
    "fec0::1",
    "3fff::1",
    "3fff:fff:ffff::1",
    "192.88.99.1",
    "2002:c058:6301::",
    "2001:20::1",
    "2001:1::1",
    "5f00::1",
    "100::1",
    "100:0:0:1::1",
    "::10.0.0.1",
    "::ffff:0:10.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "192.0.2.1",
    "203.0.113.9",
]
OURS = ["127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"]


@pytest.mark.parametrize("text", PRIVATE)
@pytest.mark.parametrize("local", [True, False])
def test_what_is_not_public_is_refused_always(text: str, local: bool) -> None:
    policy = LOOPBACK if local else PUBLIC
    assert policy.find_address_fault("some.example", 443, [ip_address(text)])


@pytest.mark.parametrize("text", OURS)
def test_loopback_is_refused_unless_it_is_allowed(text: str) -> None:
    assert PUBLIC.find_address_fault("some.example", 443, [ip_address(text)])
    assert LOOPBACK.find_address_fault("some.example", 443, [ip_address(text)]) is None


@pytest.mark.parametrize("text", ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "64:ff9b::101:101"])
def test_what_is_public_is_not(text: str) -> None:
    assert find_address_fault(ip_address(text)) is None


@pytest.mark.parametrize(
    "url",
    [
        "http://receiver.example/",
        "ftp://receiver.example/",
        "https://",
        "https:///hook",
        "https://user:word@receiver.example/",
        "https://receiver.example/#part",
        "https://receiver.example:port/",
        "https://[::1",
        "https://10.0.0.1/",
        "https://[::ffff:169.254.169.254]/latest/meta-data",
        "https://127.0.0.1/",
        "receiver.example",
    ],
)
def test_a_url_that_leads_nowhere_good_is_refused(url: str) -> None:
    assert find_url_fault(url, local=False)


def test_a_url_with_a_name_is_taken_until_it_is_looked_up() -> None:
    assert find_url_fault("https://receiver.example:8443/hook?for=us", local=False) is None
    assert find_url_fault("http://localhost:8000/hook", local=True) is None
    assert find_url_fault("http://10.0.0.1/hook", local=True)


def judge(policy: AddressPolicy, url: str, *addresses: str) -> str | None:
    scheme, _, rest = url.partition("://")
    host, _, port = rest.rpartition(":")
    known: list[Address] = [ip_address(text) for text in addresses]
    fault = policy.find_fault(scheme, host, int(port), known)
    return fault.code if fault else None


@pytest.mark.parametrize(
    ("allow", "url", "addresses", "code"),
    [
        ("", "https://api.example:443", ["1.1.1.1"], None),
        ("", "https://api.example:443", [], None),
        ("", "http://api.example:80", ["1.1.1.1"], "https_required"),
        ("", "http://api.example:80", [], "https_required"),
        ("", "http://1.1.1.1:80", [], "https_required"),
        ("", "https://api.example:443", ["1.1.1.1", "10.0.0.1"], "address_not_allowed"),
        ("", "https://2130706433:443", [], "address_not_allowed"),
        ("", "https://0x7f.1:443", [], "address_not_allowed"),
        ("10.0.0.0/8", "http://ollama:11434", ["10.0.0.1"], None),
        ("10.0.0.0/8", "http://ollama:11434", ["10.0.0.1", "1.1.1.1"], "https_required"),
        ("10.0.0.0/8", "https://ollama:11434", ["10.0.0.1", "1.1.1.1"], None),
        ("10.0.0.0/8", "https://ollama:11434", ["10.0.0.1", "172.16.0.1"], "address_not_allowed"),
        ("10.0.0.1", "http://10.0.0.1:80", [], None),
        ("10.0.0.1", "http://10.0.0.2:80", [], "address_not_allowed"),
        ("127.0.0.1:8399", "http://127.0.0.1:8399", [], None),
        ("127.0.0.1:8399", "http://2130706433:8399", [], None),
        ("127.0.0.1:8399", "http://127.0.0.1:5432", [], "address_not_allowed"),
        ("[::1]:8399", "http://::1:8399", [], None),
        ("::1", "http://::1:1", [], None),
        ("sandbox", "http://Sandbox:8399", ["172.18.0.3"], None),
        ("sandbox:8399", "http://sandbox.:8399", ["172.18.0.3"], None),
        ("sandbox:8399", "http://sandbox:80", ["172.18.0.3"], "address_not_allowed"),
        ("sandbox", "http://sandbox.evil.example:80", ["172.18.0.3"], "address_not_allowed"),
        ("gpu.lan, 10.1.0.0/16", "http://gpu.lan:80", ["192.168.1.1"], None),
    ],
)
def test_only_public_https_is_allowed_and_what_the_operator_adds(
    allow: str, url: str, addresses: list[str], code: str | None
) -> None:
    assert judge(parse_policy(allow, setting="ALLOW"), url, *addresses) == code


def test_a_refusal_names_the_setting_and_never_what_an_inner_name_resolves_to() -> None:
    fault = parse_policy(None, setting="ALLOW").find_fault("https", "db.internal", 443, [ip_address("10.9.8.7")])
    assert fault
    assert "ALLOW" in fault.detail
    assert "10.9.8.7" not in fault.detail
