"""The exchanges the sandbox can play: every module here that has a `dialect`."""

import importlib
import pkgutil

from sandbox.dialects.base import Dialect


def discover() -> dict[str, Dialect]:
    """All dialects by slug."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    found = [module.dialect for module in modules if hasattr(module, "dialect")]
    return {dialect.slug: dialect for dialect in found}
