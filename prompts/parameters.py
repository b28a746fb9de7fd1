"""The values of {name} in texts: those of the dialplans, and before them the place's own in prompts/parameters.toml."""
import re
import tomllib

from manifest import Fault

DEMO = {"hospital": {"zh-CN": "示范医院", "en-US": "the Demo Hospital"}}


def read(dialplans, own, language):
    """name -> value, as a language says it. `dialplans` is their folder, `own` the place's file; both may be missing."""
    values = {name: spoken[language] for name, spoken in DEMO.items() if language in spoken}
    given = {}
    for path in sorted(dialplans.glob("*.toml")):
        content = load(path)
        head = content.get("dialplan", {})
        languages = head.get("languages") or [head.get("language")]
        tables = content.get("parameters", {})
        first = {name: value for name, value in tables.items() if not isinstance(value, dict)}
        table = first if languages[0] == language else tables.get(language, {})
        for name, value in table.items():
            value = spoken(path, name, value)
            if given.get(name, (value,))[0] != value:
                raise Fault(f"{path.name} gives {name} as {value!r}, but {given[name][1]} as {given[name][0]!r}; a prompt has "
                            f"one text: give both the same value, or write yours into {own}")
            given[name] = (value, path.name)
    values |= {name: value for name, (value, _) in given.items()}
    if own.exists():
        table = load(own).get(language, {})
        if not isinstance(table, dict):
            raise Fault(f"{own.name}: {language} is no table; expected [{language}] with name = \"what is said\"")
        values |= {name: spoken(own, name, value) for name, value in table.items()}
    return values


def own_hospital(own, language):
    """The hospital's name in the place's file, if it has one."""
    return load(own).get(language, {}).get("hospital") if own.exists() else None


def load(path):
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise Fault(f"{path} cannot be read: {error}") from error


def spoken(path, name, value):
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise Fault(f"{path.name}: {name} is {value!r}; expected a text or a whole number")
    text = str(value)
    if not text.strip() or any(sign in text for sign in "{}\n"):
        raise Fault(f"{path.name}: {name} is spoken; expected a text of one line without braces")
    return text


def fill(name, text, values):
    """The text of a prompt with its parameters in place."""
    missing = [word for word in re.findall(r"{([^}]*)}", text) if word not in values]
    if missing:
        raise Fault(f"{name}: {{{missing[0]}}} has no value; expected it in [parameters] of a dialplan or in parameters.toml")
    return re.sub(r"{([^}]*)}", lambda found: values[found[1]], text)
