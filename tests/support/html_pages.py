"""What a page of HTML has in it, without a browser."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass(slots=True)
class Form:
    """A form as a browser would send it, were nothing typed into it."""

    action: str
    method: str
    sent: dict[str, str] = field(default_factory=dict)
    hidden: dict[str, str] = field(default_factory=dict)
    typed: list[str] = field(default_factory=list)
    """The names of its fields for text."""
    chosen: list[str] = field(default_factory=list)
    """The names of its selects and radios."""

    @property
    def is_filled_in(self) -> bool:
        """Whether there is anything to type or choose: others have a button alone."""
        return bool(self.typed or self.chosen)


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
        self.text = ""
        """What its reader reads, what stands in its fields included."""
        self._in_title = False
        self._select = ""
        self._unread = False
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
            self._unread = tag == "script"
            self.loaded += [said[name] for name in ("href", "src") if said.get(name)]
        elif tag == "form":
            self.forms.append(Form(said.get("action", ""), said.get("method", "get")))
        elif self.forms:
            self._field(tag, said)

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
        if not self._unread:
            self.text += data

    def handle_endtag(self, tag: str) -> None:
        self._in_title = self._in_title and tag != "title"
        self._unread = self._unread and tag != "script"

    def _field(self, tag: str, said: dict[str, str]) -> None:
        form, kind, name = self.forms[-1], said.get("type", "text"), said.get("name", "")
        if tag == "option":
            self._option(said)
        if not name:
            return
        if tag == "textarea" or (tag == "input" and kind in TYPED):
            form.typed.append(name)
            self.text += said.get("value", "")
        elif tag == "select" or (kind == "radio" and name not in form.chosen):
            form.chosen.append(name)
        if tag == "input" and (kind not in {"radio", "checkbox"} or "checked" in said):
            form.sent[name] = said.get("value", "")
        if tag == "input" and kind == "hidden":
            form.hidden[name] = said.get("value", "")
        self._select = name if tag == "select" else self._select

    def _option(self, said: dict[str, str]) -> None:
        sent = self.forms[-1].sent
        if self._select not in sent or "selected" in said:
            sent[self._select] = said.get("value", "")
