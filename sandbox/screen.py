"""What every page for people has: language, addresses, the frame around the content, and fields to copy from."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from urllib.parse import parse_qs, urlencode

from sandbox.dialects.base import Request


@dataclass(frozen=True)
class Screen:
    """One page being made: in which language, from what was asked and sent."""

    english: bool
    path: str
    query: Mapping[str, list[str]]
    form: Mapping[str, list[str]]
    token: str

    @classmethod
    def of(cls, request: Request, token: str) -> "Screen":
        query = parse_qs(request.query)
        is_form = request.headers.get_content_type() == "application/x-www-form-urlencoded"
        form = parse_qs(request.body.decode(errors="replace"), keep_blank_values=True) if is_form else {}
        return cls(query.get("lang") == ["en"], request.path, query, form, token)

    def say(self, spanish: str, english: str) -> str:
        return english if self.english else spanish

    def url(self, path: str, **query: str) -> str:
        """`path` with its query, in the language of this page; ready for an attribute."""
        lang = {"lang": "en"} if self.english else {}
        fields = urlencode(query | lang)
        return escape(f"{path}?{fields}" if fields else path)

    def asked(self, name: str) -> str:
        return self.query.get(name, [""])[0]

    def sent(self, name: str) -> str:
        return self.form.get(name, [""])[0]

    def language_switch(self) -> str:
        """A way to this page in the other language."""
        code, name = self.say("en", "es"), self.say("English", "Español")
        query = {name: values[0] for name, values in self.query.items() if name != "lang"}
        fields = urlencode(query if self.english else query | {"lang": "en"})
        url = escape(f"{self.path}?{fields}" if fields else self.path)
        return f'<a class="btn" lang="{code}" hreflang="{code}" href="{url}">{name}</a>'

    def wrap(self, title: str, content: str) -> str:
        """The whole document around `content`, headed by `title`."""
        # Not on the answer to a form: going to the other language would lose the secret shown there.
        switch = "" if self.form else self.language_switch()
        no_money = self.say("Exchange de práctica: aquí no hay dinero real.",
                            "Practice exchange: there is no real money here.")
        name = self.say("Exchange de práctica", "Practice exchange")
        return f"""<!DOCTYPE html>
<html lang="{self.say("es", "en")}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(title)} · {name}</title>
<link rel="icon" href="/_static/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/_static/page.css">
<script src="/_static/copy.js" defer></script>
</head>
<body>
<a class="skip btn" href="#content">{self.say("Ir al contenido", "Skip to content")}</a>
<header class="top"><div class="wrap">
<a class="brand" href="{self.url("/")}">{name}</a>
{switch}
</div></header>
<p class="banner"><span class="wrap">{no_money}</span></p>
<main id="content" class="wrap page">
<h1>{escape(title)}</h1>
{content}
</main>
<p class="toast" role="status" data-copied="{self.say("Copiado", "Copied")}"
   data-not-copied="{self.say("Selecciona el texto y cópialo", "Select the text and copy it")}"></p>
</body>
</html>
"""

    def copy_field(self, field_id: str, label: str, value: str) -> str:
        """A text to copy: a readonly field with its button. `label` is the exchange's own word."""
        copy = self.say("Copiar", "Copy")
        named, common = f'id="{field_id}" class="mono"', 'readonly autocomplete="off" spellcheck="false" translate="no"'
        field = f'<input {named} type="text" value="{escape(value)}" {common}>'
        if "\n" in value:                   # a one-line field would lose the line ends of a PEM
            field = f'<textarea {named} {common} rows="{value.count(chr(10)) + 1}">{escape(value)}</textarea>'
        return f"""
<div class="field">
<label for="{field_id}" lang="en" translate="no">{escape(label)}</label>
<div class="joined">
{field}
<button class="btn" type="button" data-copy="{field_id}" data-js>{copy}<span class="vh"> {escape(label)}</span></button>
</div>
</div>
"""
