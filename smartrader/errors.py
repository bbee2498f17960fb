"""When something goes wrong, reports show nothing of what was sent. (The pages, 400.html and so on, get nothing to show.)"""

from types import TracebackType
from typing import Any

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter


class SilentReporterFilter(SafeExceptionReporterFilter):
    """For Django's page of an error under DEBUG: no POST data, no values of variables."""

    def is_active(self, request: HttpRequest | None) -> bool:
        return True

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, str]:
        return {}

    def get_traceback_frame_variables(
        self, request: HttpRequest | None, tb_frame: TracebackType
    ) -> list[tuple[str, Any]]:
        return []
