"""What a page of HTML has in it, without a browser."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass(slots=True)
class Form:
    """A form as a browser would send it, were nothing typed into it."""

    action: str
    method: str
    sent: dict[str, str] = field(default_factory=dict)
    typed: list[str] = field(default_factory=list)
    """The names of its fields for text."""


TYPED = {"text", "email", "search", "tel", "url", "number", "password"}


class HtmlPage(HTMLParser):
    """Reads one page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.title = ""
        self.headings = 0
        self.links: list[str] = []
        self.loaded: list[str] = []
        """What a browser would load with the page."""
        self.forms: list[Form] = []
        self.ids: set[str] = set()
        self.summary: list[str] | None = None
        """What the links of the error summary lead to, if there is one."""
        self._in_title = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self.ids.add(said.get("id", ""))
        if "nhsuk-error-summary" in said.get("class", "").split():
            self.summary = []
        self._in_title = tag == "title" and not self.title
        if tag == "h1":
            self.headings += 1
        elif tag == "a" and "href" in said:
            self.links.append(said["href"])
            if self.summary is not None and said["href"].startswith("#"):
                self.summary.append(said["href"].removeprefix("#"))
        elif tag in {"link", "script", "img"}:
            self.loaded += [said[name] for name in ("href", "src") if said.get(name)]
        elif tag == "form":
            self.forms.append(Form(said.get("action", ""), said.get("method", "get")))
        elif self.forms and said.get("name"):
            self._field(tag, said)

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data

    def handle_endtag(self, tag: str) -> None:
        self._in_title = self._in_title and tag != "title"

    def _field(self, tag: str, said: dict[str, str]) -> None:
        form, kind = self.forms[-1], said.get("type", "text")
        if tag == "textarea" or (tag == "input" and kind in TYPED):
            form.typed.append(said["name"])
        if tag == "input" and (kind not in {"radio", "checkbox"} or "checked" in said):
            form.sent[said["name"]] = said.get("value", "")
