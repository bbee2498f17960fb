"""A file that is made while it is sent: what all of them share."""
from collections.abc import Callable, Iterator

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils import timezone, translation

from profiles import activity, limits


def answer(
    request: HttpRequest, what: str, content_type: str, lines: Callable[[str], Iterator[str]], *,
    limit: str, cause: str, back: str, about: str = "",
) -> HttpResponseBase:
    """The file smartrader-<what, with today's date before its ending>. `lines` makes it in a language.

    Counted under `limit` and written down as `cause`, but for who only asks what they would get (HEAD). `back`: where those go
    who downloaded too often.
    """
    stem, ending = what.rsplit(".", 1)
    name = f"smartrader-{stem}-{timezone.now():%Y-%m-%d}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if request.method == "HEAD":
        return HttpResponse(content_type=content_type, headers=headers)
    refusal = limits.refusal(limit, request)
    if refusal:
        messages.warning(request, refusal)
        return redirect(back)
    activity.note(request.user, cause, request=request, about=about)
    return StreamingHttpResponse(lines(translation.get_language()), content_type=content_type, headers=headers)
