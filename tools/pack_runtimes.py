#!/usr/bin/env python3
"""Packs the dumps of dump_runtime.py into what ships: src/loaders/facts/ID.json, and the list of them.

    python3 tools/pack_runtimes.py DUMP.json... [--into src/loaders/facts]

A runtime's facts are lines, each with a key; a file holds the lines in which it differs from the runtime it is based on, which is
the earlier one that makes the file smallest. The same dumps always give the same files. Dumps that aren't given are taken from
the files there are, so that adding a runtime needs its dump alone. What a line holds, src/loaders/facts.rs says.
"""
import argparse
import collections
import hashlib
import json
import pathlib
import re

# A fact of a kind goes without saying for its classes where this part of them has it.
COMMON = 0.9
# Defaults that say nothing: they depend on Keras' settings, or name the object.
NO_DEFAULTS = {"dtype", "name"}
CERTIFICATE = ["script", "api", "keras", "tensorflow", "backend", "python", "numpy", "h5py", "hdf5"]


def compact(value):
    """JSON without spaces."""
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)


class Templates:
    """Exceptions with placeholders, each under a name made from its words, so that runtimes share it."""

    def __init__(self):
        self.lines = {}

    def name(self, template):
        """The name of an exception and message."""
        name = hashlib.sha1(compact(template).encode()).hexdigest()[:4]
        key = "template " + name
        assert self.lines.setdefault(key, template) == template, "two templates with the same name"
        return name


def commonest(found):
    """What most have, or None."""
    return collections.Counter(found).most_common(1)[0][0] if found else None


def chain(found, templates):
    """What is put around the refusals of a class: the names of the templates, the innermost first."""
    return " ".join(templates.name(wrapper) for wrapper in found["wrappers"])


def common_arguments(classes):
    """Arguments that nearly all classes take."""
    lists = [c["arguments"] for c in classes if isinstance(c["arguments"], list)]
    counts = collections.Counter(name for arguments in lists for name in arguments)
    return {name for name, count in counts.items() if len(lists) > 5 and count >= COMMON * len(lists)}


def defaults(found):
    """The defaults worth saying: not None, which every other argument has."""
    return {k: v for k, v in found.items() if v is not None and k not in NO_DEFAULTS}


def common_defaults(classes, arguments):
    """Defaults of the common arguments, where all classes agree."""
    shared = {}
    for argument in arguments:
        values = {compact(c["defaults"][argument]) for c in classes if argument in c.get("defaults", {})}
        if len(values) == 1 and json.loads(values.copy().pop()) is not None and argument not in NO_DEFAULTS:
            shared[argument] = json.loads(values.pop())
    return shared


def place(found):
    """The module of a class of Keras 3 below its package: `keras.src.` and the class's name go without saying."""
    return found["path"].rpartition(".")[0][len(HOME) :]


# What messages of Keras 3 show classes with.
HOME = "keras.src."


def class_line(name, found, kind, templates):
    """What differs between a class and its kind."""
    line = {"path": place(found)} if found.get("path", "").startswith(HOME) else {}
    if found["class"] != name:
        line["class"] = found["class"]
    arguments = found["arguments"]
    if arguments == "*":
        line["arguments"] = "*"
    else:
        common = set(kind["arguments"].split())
        odd = found.get("odd", {})
        plain = sorted(set(arguments) - common) + sorted("-" + a for a in common - set(arguments))
        line["arguments"] = " ".join(plain)
        line["odd"] = {a: templates.name(odd[a]) for a in sorted(odd)}
    line["required"] = " ".join(found["required"])
    missing = {a: templates.name(t) for a, t in found["missing"].items()}
    line["missing"] = {a: t for a, t in missing.items() if t != kind.get("missing")}
    line["defaults"] = {k: v for k, v in defaults(found["defaults"]).items() if kind["defaults"].get(k) != v}
    if "refusal" in found and chain(found, templates) != kind["wrappers"]:
        line["wrappers"] = chain(found, templates) or "-"
    if "refusal" in found and templates.name(found["refusal"]) != kind.get("refusal"):
        line["refusal"] = templates.name(found["refusal"])
    return {key: value for key, value in line.items() if value}


# The names that identifiers have which aren't plain unknown names.
NAMES = {
    "registered": "Custom>{name}", "string_registered": "Custom>{name}", "empty_string": "", "class_name_none": "None",
    "function_with_module": "function",
}


def unknown(answers, templates):
    """What is said to unknown identifiers: a template's name, or the type of what comes back; the same as for a class, or for
    text that isn't empty, goes without saying."""
    named = {}
    for how, said in answers.items():
        like = "string" if "string" in how else "class"
        expected = {k: v.replace("{name}", NAMES.get(how, "{name}")) for k, v in answers[like].items()}
        same = how != "class" and said == expected
        if how == "string":
            same = said == answers["class"]
        if not same:
            found = "=" + said["returns"] if "returns" in said else templates.name([said["exception"], said["message"]])
            named[how] = found
    return named


def kind_lines(kind, facts, templates):
    """The lines of one kind."""
    tried = {n: c for n, c in facts["classes"].items() if c["arguments"] is not None}
    arguments = common_arguments(tried.values())
    shared = {
        "arguments": " ".join(sorted(arguments)),
        "defaults": common_defaults(tried.values(), arguments),
        "refusal": commonest([templates.name(c["refusal"]) for c in tried.values() if "refusal" in c]),
        "missing": commonest([templates.name(t) for c in tried.values() for t in c["missing"].values()]),
        "case_insensitive": facts["case_insensitive"],
        "wrappers": commonest([chain(c, templates) for c in tried.values() if "refusal" in c]) or "",
    }
    shared = {key: value for key, value in shared.items() if value is not None}
    lines = {kind: shared, kind + " functions": " ".join(facts["functions"]), kind + " others": " ".join(facts["others"])}
    lines[kind + " untried"] = " ".join(sorted(set(facts["classes"]) - set(tried)))
    lines[kind + " unknown"] = unknown(facts["unknown"], templates)
    for name, found in tried.items():
        lines["%s class %s" % (kind, name)] = class_line(name, found, shared, templates)
    for alias, name in facts["aliases"].items():
        lines["%s class %s" % (kind, alias)] = name
    return lines


def folded(lines):
    """Layers with a `module` are as those without, but for the lines there are; what they lack stands in their kind."""
    plain = {key: line for key, line in lines.items() if key.startswith("layers class ")}
    if "module_layers" not in lines:
        return lines
    names = {key.rpartition(" ")[2] for key in lines if key.startswith("module_layers class ")}
    lines["module_layers"]["lacks"] = " ".join(sorted(n for n in map(last, plain) if n not in names))
    shared = lines["module_layers"]
    same = {
        "module_" + key
        for key, line in plain.items()
        if "module_" + key in lines and meaning(line, shared) == meaning(lines["module_" + key], shared)
    }
    return {key: line for key, line in lines.items() if key not in same}


def last(key):
    """The last word of a key."""
    return key.rpartition(" ")[2]


def lines_of(dump):
    """All lines of a runtime."""
    templates, lines = Templates(), {}
    for kind, facts in sorted(dump["kinds"].items()):
        for found in facts["classes"].values():
            # Only Keras 3 shows where a class is.
            found["path"] = found.get("path", "") if dump["modules"] else ""
        lines.update(kind_lines(kind, facts, templates))
    for name, own in dump["registered"].items():
        lines["registered " + name] = own
    for module, names in dump["modules"].items():
        lines["module " + module] = " ".join(sorted(set().union(*names.values())))
    lines.update(templates.lines)
    lines = folded(lines)
    return {key: line for key, line in lines.items() if line != ""}


def taken(text, common):
    """The set of words: the common ones, and then word by word those added, and those (`-x`) taken away."""
    found = set(common.split())
    for word in text.split():
        if word.startswith("-"):
            found.discard(word[1:])
        else:
            found.add(word)
    return found


def meaning(line, shared):
    """What a class's line says, given the line of its kind: as facts/read.rs reads it."""
    if not isinstance(line, dict):
        return line
    any_argument = line.get("arguments") == "*"
    arguments = taken(line.get("arguments", ""), shared["arguments"])
    required = line.get("required", "").split()
    values = {**shared["defaults"], **line.get("defaults", {})}
    return {
        **{key: line.get(key) for key in ("class", "path", "odd")},
        "arguments": "*" if any_argument else arguments,
        "required": required,
        "missing": {**{argument: shared.get("missing") for argument in required}, **line.get("missing", {})},
        "refusal": None if any_argument else line.get("refusal", shared.get("refusal")),
        "wrappers": line.get("wrappers", shared["wrappers"]),
        "defaults": {k: v for k, v in values.items() if any_argument or k in arguments},
    }


def merged(old, new, key=""):
    """A line with a change applied: words are added, members replaced, and taken away where the change is null."""
    if isinstance(old, dict) and isinstance(new, dict):
        both = {**old, **{k: merged(old.get(k), v, k) for k, v in new.items()}}
        return {k: v for k, v in both.items() if v is not None}
    if isinstance(old, str) and isinstance(new, str) and key in LISTS:
        return (old + " " + new).strip()
    return new


# Members and lines that are lists of words.
LISTS = ("arguments", "functions", "others", "untried")


def is_list(key):
    """Whether a line is a list of words."""
    return key.rpartition(" ")[2] in LISTS or key.startswith("module ")


def words_change(old, new, common=""):
    """Words that make one list the other."""
    before, after = taken(old, common), taken(new, common)
    return " ".join(sorted(after - before) + sorted("-" + word for word in before - after))


def change(old, new, common=""):
    """What must be applied to one line to get the other."""
    found = {}
    for key in sorted(set(old) | set(new)):
        one, other = old.get(key), new.get(key)
        if key == "arguments" and isinstance(one, str) and isinstance(other, str) and "*" not in (one, other):
            edit = words_change(one, other, common)
            found.update({key: edit} if edit else {})
        elif isinstance(one, dict) and isinstance(other, dict):
            edit = change(one, other)
            found.update({key: edit} if edit else {})
        elif one != other:
            found[key] = other
    return found


def changed_line(key, old, new, lines):
    """The key and line that turn one line into the other; None where they say the same."""
    kind, _, what = key.partition(" ")
    if what.startswith("class ") and isinstance(old, dict) and isinstance(new, dict):
        shared = lines[kind]
        if meaning(old, shared) == meaning(new, shared):
            return None
        edit = change(old, new, shared["arguments"])
        fits = meaning(merged(old, edit), shared) == meaning(new, shared)
        return ("~" + key, edit) if fits and len(compact(edit)) < len(compact(new)) else (key, new)
    if is_list(key):
        edit = words_change(old, new)
        return ("~" + key, edit) if edit else None
    if what in ("", "unknown") and isinstance(old, dict):
        edit = change(old, new)
        return ("~" + key, edit) if edit else None
    return None if old == new else (key, new)


def difference(lines, base):
    """Changes of lines, and lines that a base lacks; lines that only the base has."""
    changed = {}
    for key, line in lines.items():
        found = changed_line(key, base[key], line, lines) if key in base else (key, line)
        changed.update([found] if found else [])
    # A base's templates do no harm where they aren't named.
    gone = sorted(key for key in base if key not in lines and not key.startswith("template "))
    return changed, gone


def size(parts):
    """How much a difference takes, in characters."""
    return sum(len(key) + len(compact(line)) + 6 for key, line in parts[0].items()) + sum(len(key) + 3 for key in parts[1])


def order(dump):
    """Oldest first: Keras on its own, TensorFlow's, tf_keras, Keras 3."""
    certificate = dump["certificate"]
    numbers = [int(n) for n in re.findall(r"\d+", certificate["keras"])][:3]
    if certificate["api"] != "keras":
        numbers = [int(n) for n in re.findall(r"\d+", certificate["tensorflow"])][:3]
    major3 = numbers[0] == 3
    return (major3, certificate["api"] == "tf_keras", certificate["api"] != "keras", numbers, dump["id"])


def text(dump, base, parts):
    """A file: one line per fact."""
    changed, gone = parts
    certificate = {key: dump["certificate"].get(key) for key in CERTIFICATE}
    rows = ['"certificate":' + compact(certificate)]
    if base:
        rows.append('"based_on":' + compact(base))
        rows.append('"without":' + compact(gone))
    facts = ["%s:%s" % (compact(key), compact(changed[key])) for key in sorted(changed)]
    return "{" + ",\n".join(rows) + ',\n"facts":{\n' + ",\n".join(facts) + "\n}}\n"


def listed(ids):
    """The Rust file that holds the list."""
    rows = "".join('    Stored::new("%s", include_str!("%s.json")),\n' % (i, i) for i in ids)
    return (
        "//! Every runtime's facts. Written by `tools/pack_runtimes.py`.\n\nuse super::Stored;\n\n"
        "/// The files, each after the one it is based on.\n#[rustfmt::skip]\n"
        "pub(super) static STORED: [Stored; %d] = [\n%s];\n" % (len(ids), rows)
    )


def read(files, name):
    """The lines that a file holds, with those of its bases."""
    file = files[name]
    base = read(files, file["based_on"]) if "based_on" in file else {}
    kept = {key: line for key, line in base.items() if key not in file.get("without", [])}
    for key, line in file["facts"].items():
        plain = key.lstrip("~")
        kept[plain] = merged(kept[plain], line, LISTS[0] if is_list(plain) else "") if plain != key else line
    return kept


def without_strays(lines):
    """Lines without the templates that nothing names."""
    named = set(re.findall(r"[0-9a-f]{4}", compact([line for key, line in lines.items() if not key.startswith("template ")])))
    return {key: line for key, line in lines.items() if not key.startswith("template ") or key[9:] in named}


def check(name, lines, read):
    """That what was written says what was meant."""
    for key in lines.keys() | read.keys():
        kind, _, what = key.partition(" ")
        if key.startswith("template ") and key not in lines:
            continue
        one, other = lines[key], read[key]
        if what.startswith("class "):
            one, other = meaning(one, lines[kind]), meaning(other, lines[kind])
        elif is_list(key):
            one, other = taken(one, ""), taken(other, "")
        elif not what:
            one, other = [{**line, "arguments": taken(line["arguments"], "")} for line in (one, other)]
        assert one == other, (name, key, one, other)


def main():
    """Packs."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("dumps", nargs="*", type=pathlib.Path)
    arguments.add_argument("--into", type=pathlib.Path, default=pathlib.Path("src/loaders/facts"))
    given = arguments.parse_args()
    there = {path.stem: json.loads(path.read_text()) for path in given.into.glob("*.json")}
    runtimes = {name: ({**there[name], "id": name}, without_strays(read(there, name))) for name in there}
    for path in given.dumps:
        dump = json.loads(path.read_text())
        runtimes[dump["id"]] = (dump, lines_of(dump))
    done, files, texts = [], {}, {}
    for dump, lines in sorted(runtimes.values(), key=lambda pair: order(pair[0])):
        name = dump["id"]
        options = [("", (lines, []))] + [(other, difference(lines, base)) for other, base in done]
        base, parts = min(options, key=lambda option: size(option[1]))
        texts[name] = text(dump, base, parts)
        files[name] = json.loads(texts[name])
        # What others are based on is what is read from the file, where words may stand that say nothing any more.
        done.append((name, read(files, name)))
        check(name, lines, done[-1][1])
        print("%-10s %7d bytes, based on %s" % (name, len(texts[name].encode()), base or "nothing"))
    for name in texts:
        (given.into / (name + ".json")).write_text(texts[name])
    (given.into / "stored.rs").write_text(listed([name for name, _ in done]))
    print("%-10s %7d bytes" % ("all", sum(len(text.encode()) for text in texts.values())))


if __name__ == "__main__":
    main()
