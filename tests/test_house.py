"""The rules of the house that a reader can check by looking, checked: imports, sizes, paths, the documented environment."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from unittest import TestCase

from tests.environment import ROOT, documented

OURS = ("smartrader", "profiles", "exchanges", "sandbox")
BESIDE = ("templates", "tests", "locale", "docs", "bench", ".ci")
FILE_LINES = 300
FUNCTION_LINES = 40
# Who must not know whom, by the beginning of the module's name.
FORBIDDEN = {
    "profiles": ("exchanges", "sandbox", "smartrader"),
    "exchanges": ("sandbox", "smartrader"),
    "sandbox": ("profiles", "exchanges", "smartrader", "django"),
    "smartrader": ("sandbox",),
    "exchanges.connectors": (
        "profiles", "exchanges.models", "exchanges.vault", "exchanges.validation", "exchanges.tasks", "exchanges.forms",
        "exchanges.views", "exchanges.audit", "exchanges.asking", "django.db", "django.http",
    ),
    "exchanges.asking": (
        "exchanges.models", "exchanges.vault", "exchanges.claim", "exchanges.validation", "exchanges.tasks", "exchanges.forms",
        "exchanges.views", "django.db", "django.http",
    ),
    "exchanges.audit": ("django.db", "exchanges.models", "exchanges.vault", "requests", "time"),
    "exchanges.models": ("exchanges.vault", "exchanges.validation", "exchanges.tasks", "exchanges.forms", "exchanges.views"),
    "exchanges.vault": ("exchanges.validation", "exchanges.tasks", "exchanges.forms", "exchanges.views"),
    "exchanges.validation": ("exchanges.tasks", "exchanges.forms", "exchanges.views", "django.http"),
}
# Only the session leaves for the network, only the keyring knows the encryption library.
ALONE = {"requests": "exchanges.connectors.", "django_cryptography": "profiles.keyring"}
MACHINE = re.compile(r"(?<![\w.])/(?:work|root|home/\w+|Users/\w+)/|(?:pypi|npmjs)\.(?:org|io)/simple|--(?:extra-)?index-url")
# What the environment is called where it is read: `env.flag("DEBUG")`, `os.environ.get("DEMO_PASSWORD")`.
ENVIRONMENTS = {"env", "os.environ", "given"}
VARIABLE = re.compile(r"[A-Z][A-Z0-9_]+")
NOT_OURS = {"DJANGO_SETTINGS_MODULE"}


@cache
def files(pattern: str = "*") -> tuple[Path, ...]:
    """The project's files, with what was made of them left out."""
    below = [path for folder in (*OURS, *BESIDE) for path in (ROOT / folder).rglob(pattern)]
    found = [path for path in (*ROOT.glob(pattern), *below) if path.is_file() and "__pycache__" not in path.parts]
    return tuple(sorted(path for path in found if path.suffix != ".mo"))


def code(*folders: str) -> list[tuple[str, Path, ast.Module]]:
    """(module, file, syntax tree) of the Python files in `folders`, migrations left out."""
    found = [path.relative_to(ROOT) for path in files("*.py") if "migrations" not in path.parts]
    wanted = [path for path in found if path.parts[0] in folders]
    return [(module_name(path), path, parsed(path)) for path in wanted]


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text())


def module_name(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def imports(module: str, path: Path, tree: ast.Module) -> Iterator[str]:
    """The names that `module` imports, in functions too; what only a reader of types needs is no import."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    typing_only = {inner for node in ast.walk(tree) if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
                   for inner in ast.walk(node)}
    for node in set(ast.walk(tree)) - typing_only:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parent = package.rsplit(".", node.level - 1)[0] + "." if node.level else ""
            base = f"{parent}{node.module or ''}".rstrip(".")
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def is_below(name: str, prefix: str) -> bool:
    return name == prefix or name.startswith(f"{prefix}.")


class ImportTests(TestCase):
    def test_nobody_imports_whom_they_must_not_know(self):
        wrong = [
            (module, name)
            for module, path, tree in code(*OURS) for name in imports(module, path, tree)
            for who, whom in FORBIDDEN.items() if is_below(module, who) and any(is_below(name, prefix) for prefix in whom)
        ]
        self.assertEqual(wrong, [])

    def test_there_is_no_circle(self):
        modules = {module: set(imports(module, path, tree)) for module, path, tree in code(*OURS)}
        # A package's own file gathers its modules, which may lean on the package in turn.
        graph = {
            module: {name for name in names & modules.keys() if not is_below(module, name)} for module, names in modules.items()
        }
        self.assertTrue(tuple(TopologicalSorter(graph).static_order()))

    def test_a_connector_knows_no_other(self):
        slugs = {path.stem for module, path, tree in code("exchanges") if ".connectors." in module and defines_connector(tree)}
        for module, path, tree in code("exchanges"):
            own = module.rpartition(".")[2].partition("_")[0]
            known = {name.rpartition(".")[2] for name in imports(module, path, tree) if ".connectors." in name}
            if ".connectors." in module:
                self.assertEqual((module, (known & slugs) - {own}), (module, set()))

    def test_one_door_out(self):
        for library, door in ALONE.items():
            users = {module for module, path, tree in code("smartrader", "profiles", "exchanges")
                     if any(is_below(name, library) for name in imports(module, path, tree))}
            self.assertEqual({module for module in users if not module.startswith(door)}, set())


def defines_connector(tree: ast.Module) -> bool:
    names = [target for node in tree.body if isinstance(node, ast.Assign) for target in node.targets]
    return any(isinstance(name, ast.Name) and name.id == "connector" for name in names)


class SizeTests(TestCase):
    def test_no_file_is_longer_than_300_lines(self):
        long = [(str(path), lines) for _module, path, _tree in code(*OURS, "tests")
                if (lines := len((ROOT / path).read_text().splitlines())) > FILE_LINES]
        self.assertEqual(long, [])

    def test_no_function_is_longer_than_40_lines(self):
        long = [
            (f"{path}:{node.lineno} {node.name}", node.end_lineno - node.lineno + 1)
            for _module, path, tree in code(*OURS, "tests") for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno - node.lineno >= FUNCTION_LINES
        ]
        self.assertEqual(long, [])

    def test_nothing_is_called_what_says_nothing(self):
        empty = {"utils", "helpers", "services", "selectors", "managers"}
        self.assertEqual([str(path) for _module, path, _tree in code(*OURS, "tests") if path.stem in empty], [])


class TextTests(TestCase):
    def test_no_file_names_a_machine(self):
        own = Path(__file__).resolve()
        texts = [path for path in files() if path.suffix not in (".png", ".ico", ".woff2") and path != own]
        found = [f"{path.relative_to(ROOT)}: {hit.group()}" for path in texts if (hit := MACHINE.search(path.read_text()))]
        self.assertEqual(found, [])


class EnvironmentTests(TestCase):
    def read(self) -> set[str]:
        """The variables that the code reads, by name."""
        calls = [node for _module, _path, tree in code(*OURS) for node in ast.walk(tree)
                 if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args]
        first = [call.args[0] for call in calls if ast.unparse(call.func.value) in ENVIRONMENTS]
        names = {word.value for word in first if isinstance(word, ast.Constant) and isinstance(word.value, str)}
        return {name for name in names if VARIABLE.fullmatch(name)} - NOT_OURS

    def exchanges(self) -> set[str]:
        return {f"{path.stem.upper()}_API_URL" for module, path, tree in code("exchanges")
                if ".connectors." in module and defines_connector(tree)}

    def test_each_variable_that_is_read_has_its_line_in_the_example_and_no_other_has(self):
        self.assertEqual(set(documented()), self.read() | self.exchanges())

    def test_each_is_explained_in_the_readme(self):
        readme = (ROOT / "README.md").read_text()
        self.assertEqual([name for name in documented() if f"`{name}`" not in readme], [])
