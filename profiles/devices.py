"""The device of a request in words a person recognises: "Chrome · Windows". Nothing finer is kept."""
import re

from django.http import HttpRequest
from django.utils.translation import gettext as _

# The first that matches: Edge and Opera also say Chrome, Chrome also says Safari.
BROWSERS = (
    ("Edge", r"Edg(e|A|iOS)?/"), ("Opera", r"OPR/|OPiOS/"), ("Samsung Internet", r"SamsungBrowser/"), ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/|Chromium/"), ("Safari", r"Safari/"),
)
SYSTEMS = (
    ("iPhone", r"iPhone"), ("iPad", r"iPad"), ("Android", r"Android"), ("Windows", r"Windows"), ("Mac", r"Macintosh|Mac OS X"),
    ("ChromeOS", r"CrOS"), ("Linux", r"Linux"),
)
BETWEEN = " · "


def name_of(request: HttpRequest) -> str:
    """"" where the browser does not say."""
    return name(request.headers.get("User-Agent", ""))


def name(agent: str) -> str:
    parts = [next((word for word, pattern in table if re.search(pattern, agent)), "") for table in (BROWSERS, SYSTEMS)]
    return BETWEEN.join(part for part in parts if part)


def said(device: str) -> str:
    """"Chrome · Windows" as one says it in the language of the page: "Chrome on Windows"."""
    browser, between, system = device.partition(BETWEEN)
    return _("%(browser)s on %(system)s") % {"browser": browser, "system": system} if between else device
