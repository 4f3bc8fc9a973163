"""What a Problem or a message of the command line says goes through the catalogue; else it would stay English."""

import ast
import gc
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "pqldesk"
TRANSLATE = {"_", "n_"}


def test_no_problem_is_raised_with_a_bare_sentence() -> None:
    kinds = problem_kinds()
    assert len(kinds) > 30
    bare = [where for file, tree in trees().items() for where in bare_sentences(file, tree, kinds)]
    assert bare == []


def test_a_bare_sentence_would_be_found() -> None:
    tried = ast.parse(
        "from a import BadInput\n"
        "raise BadInput(f'{x} is no number.', _('Write one.'))\n"
        "raise BadInput(_('Nothing is given.'), 'Give a number.' if x else _('Give two.'))\n"
        "raise BadInput(_('{x} is no number.').format(x=', '.join(known)), retry_after_s=3)\n"
        "class Late(BadInput):\n"
        "    def __init__(self): super().__init__('It is too late.')\n"
    )
    found = list(bare_sentences(Path("tried.py"), tried, {"BadInput", "Late"}))
    assert [where.split(":")[1] for where in found] == ["2", "3", "6"]


def test_no_message_of_the_command_line_is_a_bare_sentence() -> None:
    bare = [
        where
        for file, tree in trees().items()
        if file.parts[0] == "cli"
        for where in bare_messages(file, tree)
    ]
    assert bare == []


def test_a_bare_message_would_be_found() -> None:
    tried = ast.parse(
        "message('Done.')\n"
        "message(f'{n} read, {left} unread.')\n"
        "message(f'{name}: {note}')\n"
        "message(_('Done.') if done else 'Nothing.')\n"
        "message(_('{n} read.').format(n=n) + f'; see {file}')\n"
        "message(_('Done.'))\n"
        "message(n_('{n} conflict', '{n} conflicts', n) + _(', {n} open.').format(n=n))\n"
        "message('Keys: ' + ', '.join(keys))\n"
    )
    found = list(bare_messages(Path("tried.py"), tried))
    assert [where.split(":")[1] for where in found] == ["1", "2", "4", "5", "8"]


def test_no_text_is_made_of_a_value_before_it_is_looked_up() -> None:
    """An f-string, or a text formatted inside _(), is in no catalogue."""
    wrong = [
        f"{file}:{call.lineno}"
        for file, tree in trees().items()
        for call in asked(tree)
        if isinstance(call, ast.Call) and name_of(call.func) in TRANSLATE
        for argument in call.args[:1]
        if isinstance(argument, ast.JoinedStr | ast.BinOp)
        or (
            isinstance(argument, ast.Call)
            and isinstance(argument.func, ast.Attribute)
            and argument.func.attr == "format"
        )
    ]
    assert wrong == []


def bare_sentences(file: Path, tree: ast.Module, kinds: set[str]) -> Iterator[str]:
    own = {
        id(node)
        for made in asked(tree)
        if isinstance(made, ast.ClassDef) and made.name in kinds
        for node in ast.walk(made)
    }
    for call in asked(tree):
        if not isinstance(call, ast.Call):
            continue
        is_own = name_of(call.func) == "__init__" and id(call) in own
        if name_of(call.func) in kinds or is_own:
            for said in (
                *call.args,
                *(word.value for word in call.keywords if word.arg in ("what", "remedy")),
            ):
                if any(is_sentence(text) for text in texts_of(said)):
                    yield f"{file}:{call.lineno}"
                    break


def bare_messages(file: Path, tree: ast.Module) -> Iterator[str]:
    """Where ``message`` says letters of its own, be it one word; names and figures are joined freely."""
    for call in asked(tree):
        if not isinstance(call, ast.Call) or name_of(call.func) not in ("message", "_message"):
            continue
        if any(has_letters(text) for said in call.args for text in texts_of(said)):
            yield f"{file}:{call.lineno}"


def texts_of(said: ast.expr) -> Iterator[ast.expr]:
    """The texts that *said* may be; what a call makes of its arguments is the call's own affair."""
    match said:
        case ast.IfExp():
            yield from texts_of(said.body)
            yield from texts_of(said.orelse)
        case ast.BoolOp():
            for value in said.values:
                yield from texts_of(value)
        case ast.BinOp():
            yield from texts_of(said.left)
            yield from texts_of(said.right)
        case ast.Constant() | ast.JoinedStr():
            yield said


def is_sentence(text: ast.expr) -> bool:
    """Whether a person reads words in it; ``{what} {remedy}`` only joins two that are worded already."""
    return " " in plain_part(text) and has_letters(text)


def has_letters(text: ast.expr) -> bool:
    return any(letter.isalpha() for letter in plain_part(text))


def plain_part(text: ast.expr) -> str:
    """What stands in *text* itself, without its fields."""
    parts = text.values if isinstance(text, ast.JoinedStr) else [text]
    return "".join(
        part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)
    )


def name_of(called: ast.expr) -> str:
    return called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")


@cache
def asked(tree: ast.Module) -> list[ast.AST]:
    """Its calls and classes, in the order of ast.walk: a module is walked once, not by each test."""
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call | ast.ClassDef)]


@cache
def trees() -> dict[Path, ast.Module]:
    """Every module of the product; the sandbox plays other systems, which answer in English."""
    gc.disable()  # it looks through the million nodes again and again: 3.0 s instead of 0.85 s
    try:
        return {
            file.relative_to(PACKAGE): ast.parse(file.read_text("utf-8"))
            for file in sorted(PACKAGE.rglob("*.py"))
            if "sandbox" not in file.relative_to(PACKAGE).parts[:1]
        }
    finally:
        gc.enable()


def problem_kinds() -> set[str]:
    """Problem and every class made of it, wherever it stands."""
    made = [node for tree in trees().values() for node in asked(tree) if isinstance(node, ast.ClassDef)]
    kinds = {"Problem"}
    while more := {
        node.name
        for node in made
        if node.name not in kinds and kinds & {name_of(base) for base in node.bases}
    }:
        kinds |= more
    return kinds
