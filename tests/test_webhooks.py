"""Webhooks: signed, only to the public internet, never redirected."""

from __future__ import annotations

import asyncio
import base64
import ipaddress
import socket

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from namemem import webhooks
from namemem.errors import InvalidRequest
from namemem.webhooks import WebhookFailed, check_host, check_url, is_public, secret_bytes, send

SECRET = b"0123456789abcdef0123456789abcdef"


def test_a_report_is_signed_by_the_scheme(receiver):
    asyncio.run(send(receiver.url, SECRET, "j_1", {"type": "introduction.done"}, private=True))
    ((headers, body),) = receiver.got
    lower = {name.lower(): value for name, value in headers.items()}
    assert Webhook(SECRET).verify(body, lower) == {"type": "introduction.done"}
    assert lower["webhook-id"] == "j_1"
    assert lower["host"] == receiver.url.split("/")[2]
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body.replace(b"done", b"lost"), lower)
    with pytest.raises(WebhookVerificationError):
        Webhook(b"another secret, just as long....").verify(body, lower)


@pytest.mark.parametrize(("status", "gone"), [(500, False), (404, False), (410, True)])
def test_refused(receiver, status, gone):
    receiver.status = status
    with pytest.raises(WebhookFailed, match=str(status)) as caught:
        asyncio.run(send(receiver.url, SECRET, "j_1", {}, private=True))
    assert caught.value.gone is gone


def test_redirects_are_not_followed(receiver):
    receiver.status, receiver.headers = 302, {"Location": receiver.url}
    with pytest.raises(WebhookFailed, match="302"):
        asyncio.run(send(receiver.url, SECRET, "j_1", {}, private=True))
    assert len(receiver.got) == 1


def test_nobody_there():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        with pytest.raises(WebhookFailed, match="ConnectError"):
            asyncio.run(send(url, SECRET, "j_1", {}, private=True))


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/",
        "file:///etc/passwd",
        "//example.com/",
        "example.com",
        "http://",
        "http:///x",
        "http://user:secret@example.com/",
        "http://exa mple.com:port/",
        "http://example.com:99999/",
        "https://example.com/" + "x" * 2000,
        "gopher://127.0.0.1:6379/_FLUSHALL",
        "http://\ud800/",
    ],
)
def test_what_is_no_web_address(url):
    with pytest.raises(InvalidRequest, match="webhook cannot be used"):
        check_url(url)


PRIVATE = [
    "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1",
    "::1", "::", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::", "2002:c0a8:101::",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_own_networks_are_refused(address):
    host = f"[{address}]" if ":" in address else address
    url = check_url(f"http://{host}:8080/")
    with pytest.raises(InvalidRequest, match="not on the public internet"):
        asyncio.run(check_host(url, private=False))
    assert asyncio.run(check_host(url, private=True)) == str(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_the_public_internet_is_not(address):
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("host", ["localhost", "2130706433", "0x7f.1", "127.1", "0177.0.0.1"])
def test_names_and_odd_spellings_of_this_machine_are_refused(host):
    with pytest.raises(InvalidRequest, match="webhook cannot be used"):
        asyncio.run(check_host(check_url(f"http://{host}/"), private=False))


def resolving(monkeypatch, *answers):
    """The name service says one thing, and then another."""
    left = list(answers)

    async def resolve(url):
        addresses = left.pop(0) if len(left) > 1 else left[0]
        return [ipaddress.ip_address(a) for a in addresses]

    monkeypatch.setattr(webhooks, "_resolve", resolve)


def test_one_private_address_among_public_ones_is_enough(monkeypatch):
    resolving(monkeypatch, ["93.184.215.14", "10.0.0.1"])
    with pytest.raises(InvalidRequest, match="not on the public internet"):
        asyncio.run(check_host(check_url("http://both.example/"), private=False))


def test_a_name_that_turns_private_is_refused_when_it_is_sent(monkeypatch, receiver):
    resolving(monkeypatch, ["93.184.215.14"], ["127.0.0.1"])
    url = f"http://rebind.example:{receiver.server_port}/"
    assert asyncio.run(check_host(check_url(url), private=False)) == "93.184.215.14"
    with pytest.raises(InvalidRequest, match="not on the public internet"):
        asyncio.run(send(url, SECRET, "j_1", {}))
    assert receiver.got == []


def test_the_checked_address_is_connected_to_and_the_name_is_told(monkeypatch, receiver):
    """The name is asked for once: what it says afterwards does not matter."""
    resolving(monkeypatch, ["127.0.0.1"], ["192.0.2.1"])
    url = f"http://robot.example:{receiver.server_port}/x"
    asyncio.run(send(url, SECRET, "j_1", {}, private=True))
    ((headers, _),) = receiver.got
    assert headers["host"] == f"robot.example:{receiver.server_port}"


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_not base64!", base64.b64encode(b"short").decode()]
)
def test_secrets_that_are_none(secret):
    with pytest.raises(ValueError, match="webhook's secret"):
        secret_bytes(secret)


def test_a_secret_with_and_without_its_prefix():
    text = base64.b64encode(SECRET).decode()
    assert secret_bytes(text) == secret_bytes(f"whsec_{text}") == SECRET
