"""Pages of the review studio, read and used as a browser would, without one."""

from __future__ import annotations

import re
from html.parser import HTMLParser


class Page(HTMLParser):
    """Text, forms and tags of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def value(self, name: str) -> str:
        return next(
            a.get("value") or "" for t, a in self.tags if t == "input" and a.get("name") == name
        )

    @property
    def csrf(self) -> str:
        return next(a["content"] for t, a in self.tags if t == "meta" and a.get("name") == "csrf")


class Designer:
    """Reads pages and sends their forms, as a browser would."""

    def __init__(self, client, headers=None) -> None:
        self.client = client
        self.headers = {"Accept": "text/html", **(headers or {})}

    def get(self, path="/", **params):
        return self.client.get(f"/review{path}", params=params or None, headers=self.headers)

    def page(self, path="/", **params) -> Page:
        response = self.get(path, **params)
        assert response.status_code == 200, response.text
        return Page(response.text)

    def post(self, path, *, files=None, follow=True, headers=None, csrf=None, **form):
        if csrf is None:
            start = self.client.get("/review/login", headers=self.headers)
            csrf = Page(start.text).csrf
        data = {"csrf": csrf, **form}
        return self.client.post(
            f"/review{path}", data=data, files=files, follow_redirects=follow,
            headers=self.headers | (headers or {}),
        )  # fmt: skip


def squeezed(text: str) -> str:
    """Text with single blanks."""
    return re.sub(r"\s+", " ", text)
