"""Where nothing is sent: each way that a URL or a name could lead into somebody's own network."""

from ipaddress import ip_address

import pytest

from service.webhooks.address_policy import find_address_fault, find_url_fault

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
]
LOOPBACK = ["127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"]


@pytest.mark.parametrize("text", PRIVATE)
@pytest.mark.parametrize("local", [True, False])
def test_what_is_not_public_is_refused_always(text: str, local: bool) -> None:
    assert find_address_fault(ip_address(text), local=local)


@pytest.mark.parametrize("text", LOOPBACK)
def test_loopback_is_refused_unless_it_is_allowed(text: str) -> None:
    assert find_address_fault(ip_address(text), local=False)
    assert find_address_fault(ip_address(text), local=True) is None


@pytest.mark.parametrize("text", ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "64:ff9b::101:101"])
def test_what_is_public_is_not(text: str) -> None:
    assert find_address_fault(ip_address(text), local=False) is None


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
