"""Names that people give: a key pasted where one belongs is neither kept nor shown again."""
import re

from django.utils.translation import gettext_lazy as _

LONG_RUN = re.compile(r"[A-Za-z0-9+/=_-]{30,}")


def looks_like_a_key(text: str) -> bool:
    """A long run of mixed letters and digits."""
    return any(re.search("[a-z]", run) and re.search("[A-Z]", run) and re.search("[0-9]", run) for run in LONG_RUN.findall(text))


class NoKeyForAName:
    """For a form whose fields `names` people fill with words of their own."""

    names: tuple[str, ...]

    def full_clean(self) -> None:
        """Forgets a key before the fields are looked at: what is wrong with a form is shown with what was typed into it."""
        pasted = [name for name in self.names if name in self.fields and looks_like_a_key(self.data.get(name, ""))]
        if pasted:
            self.data = {**dict(self.data.items()), **dict.fromkeys(pasted, "")}
        super().full_clean()
        for name in pasted:
            self.errors[name] = self.error_class([_("This looks like a key, not a name. We have emptied the field.")])
