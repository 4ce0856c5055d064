"""Does the work of `docker compose config` without Docker: reads compose files, interpolates variables, merges the files
and leaves out services that no active profile selects, as the Compose Specification describes it ("Interpolation",
"Merge", "Profiles").

Reads a JSON array of cases from standard input, writes an array of results. A case:

    {"files": ["compose/compose.yaml", …], "env": {"SHIPPER": "alloy"}, "profiles": ["alloy"]}

`env` is the environment; `.env` beside the first file is read in addition. Without `profiles`, COMPOSE_PROFILES selects
the active ones. A result is the merged model with all paths resolved, or {"error": "…"} where Compose would fail. In it,
`x-variables` are the variables that were looked up, and `x-warnings` those that Compose would report as not set.
"""

import json
import os
import re
import sys

import yaml


class Refused(Exception):
    pass


class Reset:
    """`!reset`: the attribute becomes unset."""


class Override:
    """`!override`: the attribute replaces the earlier value instead of being merged with it."""

    def __init__(self, value):
        self.value = value


class Loader(yaml.SafeLoader):
    """Reads plain scalars with the core schema of YAML 1.2, like Compose: `on` and `yes` are strings."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, expression) for tag, expression in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$", re.I), list("tTfF"))
Loader.add_constructor("!reset", lambda loader, node: Reset())


def construct_override(loader, node):
    if isinstance(node, yaml.MappingNode):
        return Override(loader.construct_mapping(node, deep=True))
    if isinstance(node, yaml.SequenceNode):
        return Override(loader.construct_sequence(node, deep=True))
    return Override(loader.construct_scalar(node))


Loader.add_constructor("!override", construct_override)


# Interpolation

WARNINGS = set()


def interpolate(text, variables, used=None):
    """Replaces $NAME, ${NAME}, ${NAME:-default}, ${NAME-default}, ${NAME:?message}, ${NAME:+instead} and $$."""
    result, index = [], 0
    while index < len(text):
        if text[index] != "$":
            result.append(text[index])
            index += 1
            continue
        if text.startswith("$$", index):
            result.append("$")
            index += 2
            continue
        plain = re.match(r"\$([A-Za-z_][A-Za-z0-9_]*)", text[index:])
        if plain:
            result.append(plain_value(plain[1], variables, used))
            index += plain.end()
            continue
        if not text.startswith("${", index):
            raise Refused(f"invalid interpolation in {text!r}")
        end = closing_brace(text, index + 2)
        result.append(expand(text[index + 2 : end], variables, used))
        index = end + 1
    return "".join(result)


def closing_brace(text, start):
    depth = 1
    for index in range(start, len(text)):
        if text.startswith("${", index):
            depth += 1
        elif text[index] == "}":
            depth -= 1
            if depth == 0:
                return index
    raise Refused(f"invalid interpolation in {text!r}")


def lookup(name, variables, used):
    if used is not None:
        used.add(name)
    return variables.get(name)


def plain_value(name, variables, used):
    value = lookup(name, variables, used)
    if value is None:
        WARNINGS.add(name)
    return value or ""


def expand(expression, variables, used):
    match = re.fullmatch(r"([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-?+])(.*))?", expression, re.S)
    if not match:
        raise Refused(f"invalid interpolation ${{{expression}}}")
    name, operator, rest = match.groups()
    if operator is None:
        return plain_value(name, variables, used)
    value = lookup(name, variables, used)
    missing = value is None or (operator.startswith(":") and value == "")
    if operator.endswith("+"):
        # Like Compose, also interpolates unused defaults, and warns about variables that are not set there.
        instead = interpolate(rest, variables, used)
        return "" if missing else instead
    if not missing:
        return value
    if operator.endswith("?"):
        raise Refused(f"required variable {name} is missing a value: {rest}")
    return interpolate(rest, variables, used)


def read_env_file(path, variables, used=None):
    values = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            name, equals, value = line.partition("=")
            if not equals or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
                raise Refused(f"{path}: not NAME=value: {line}")
            values[name] = interpolate(value, {**values, **variables}, used)
    return values


def fill_in(value, variables, used):
    if isinstance(value, dict):
        return {key: fill_in(member, variables, used) for key, member in value.items()}
    if isinstance(value, list):
        return [fill_in(member, variables, used) for member in value]
    if isinstance(value, Override):
        return Override(fill_in(value.value, variables, used))
    return interpolate(value, variables, used) if isinstance(value, str) else value


# Merging: lists of `name=value` become mappings first, so that a later file overrides by name.

PAIRS = {"environment", "labels", "annotations", "sysctls", "args", "extra_hosts"}
REPLACED = {"command", "entrypoint", "test"}
# Lists with unique entries, and the key that identifies an entry.
UNIQUE = {
    "volumes": lambda item: item["target"],
    "ports": lambda item: item,
    "tmpfs": lambda item: item.split(":")[0],
    "cap_drop": lambda item: item,
    "cap_add": lambda item: item,
    "profiles": lambda item: item,
    "env_file": lambda item: item["path"],
}


def canonical(service, folder):
    """The long form of an attribute that also has a short form."""
    result = dict(service)
    for key in PAIRS & result.keys():
        if isinstance(result[key], list):
            result[key] = dict(pair.split("=", 1) if "=" in pair else (pair, None) for pair in result[key])
    if isinstance(result.get("depends_on"), list):
        result["depends_on"] = {name: {"condition": "service_started"} for name in result["depends_on"]}
    for key in ("tmpfs", "env_file"):
        if isinstance(result.get(key), (str, dict)):
            result[key] = [result[key]]
    if isinstance(result.get("env_file"), list):
        result["env_file"] = [
            {"path": os.path.normpath(os.path.join(folder, item if isinstance(item, str) else item["path"]))}
            for item in result["env_file"]
        ]
    if isinstance(result.get("volumes"), list):
        result["volumes"] = [volume(item, folder) for item in result["volumes"]]
    if isinstance(result.get("build"), dict) and "context" in result["build"]:
        result["build"] = canonical_build(result["build"], folder)
    return result


def canonical_build(build, folder):
    return {**build, "context": os.path.normpath(os.path.join(folder, build["context"]))}


def volume(item, folder):
    if isinstance(item, str):
        parts = item.split(":")
        source, target = parts[0], parts[1]
        is_path = source.startswith((".", "/", "~"))
        item = {"type": "bind" if is_path else "volume", "source": source, "target": target}
        options = parts[2].split(",") if len(parts) > 2 else []
        if "ro" in options:
            item["read_only"] = True
        if "z" in options:
            item["bind"] = {"selinux": "z"}
    if item["type"] == "bind":
        item = {**item, "source": os.path.normpath(os.path.join(folder, item["source"]))}
    return item


def merge(base, over, key=None):
    if isinstance(over, Reset):
        return over
    if isinstance(over, Override):
        return over.value
    if over is None or base is None or isinstance(base, Reset) or key in REPLACED:
        return over if over is not None else base
    if isinstance(base, dict) and isinstance(over, dict):
        result = dict(base)
        for name, value in over.items():
            result[name] = merge(base.get(name), value, name)
        return result
    if isinstance(base, list) and isinstance(over, list):
        merged = base + over
        if key not in UNIQUE:
            return merged
        return list({UNIQUE[key](item): item for item in merged}.values())
    if type(base) is not type(over) and isinstance(base, (dict, list)):
        raise Refused(f"cannot override {key}")
    return over


def without_resets(value):
    if isinstance(value, dict):
        return {key: without_resets(member) for key, member in value.items() if not isinstance(member, Reset)}
    return value.value if isinstance(value, Override) else value


# A case

PARSED = {}


def parse(path):
    if path not in PARSED:
        with open(path, encoding="utf-8") as file:
            PARSED[path] = yaml.load(file, Loader)
    return PARSED[path]


def config(files, env, profiles=None):
    folder = os.path.dirname(os.path.abspath(files[0]))
    used = set()
    WARNINGS.clear()
    variables = dict(env)
    dotenv = os.path.join(folder, ".env")
    if os.path.exists(dotenv):
        variables = {**read_env_file(dotenv, variables, used), **variables}
    model = {}
    for path in files:
        part = fill_in(parse(path), variables, used)
        part = {key: value for key, value in part.items() if not key.startswith("x-")}
        part["services"] = {
            name: canonical(service, folder) if isinstance(service, dict) else service
            for name, service in (part.get("services") or {}).items()
        }
        model = merge(model, part) if model else part
    model = without_resets(model)
    if profiles is None:
        profiles = [name.strip() for name in variables.get("COMPOSE_PROFILES", "").split(",")]
    everything = model["services"]
    active = {
        name: service
        for name, service in everything.items()
        if "*" in profiles or not service.get("profiles") or set(service["profiles"]) & set(profiles)
    }
    model["services"] = {name: resolved(service, variables, used) for name, service in active.items()}
    check(model)
    return {**model, "x-all": sorted(everything), "x-variables": sorted(used), "x-warnings": sorted(WARNINGS)}


def resolved(service, variables, used):
    environment = {}
    for file in service.get("env_file", []):
        if not os.path.exists(file["path"]):
            raise Refused(f"env file {file['path']} not found")
        environment.update(read_env_file(file["path"], variables, used))
    environment.update(service.get("environment") or {})
    result = {key: value for key, value in service.items() if key != "env_file"}
    if environment:
        result["environment"] = {key: str(value) for key, value in environment.items()}
    return result


def check(model):
    names = {}
    for name, service in model["services"].items():
        container = service.get("container_name")
        if container in names:
            raise Refused(f"container name {container} is already in use by service {names[container]}")
        if container:
            names[container] = name
        if "image" not in service and "build" not in service:
            raise Refused(f"service {name} has neither an image nor a build context specified")
        for other, how in (service.get("depends_on") or {}).items():
            if other not in model["services"] and (how or {}).get("required", True):
                raise Refused(f"service {name} depends on undefined service {other}")
        mounts = [path.split(":")[0] for path in service.get("tmpfs", [])]
        mounts += [mount["target"] for mount in service.get("volumes", [])]
        if len(mounts) != len(set(mounts)):
            raise Refused(f"service {name} mounts twice at one target")
        for mount in service.get("volumes", []):
            if mount["type"] == "volume" and mount["source"] not in model.get("volumes", {}):
                raise Refused(f"service {name} refers to undefined volume {mount['source']}")


def main():
    results = []
    for case in json.load(sys.stdin):
        try:
            results.append(config(case["files"], case.get("env", {}), case.get("profiles")))
        except (Refused, yaml.YAMLError) as error:
            results.append({"error": str(error)})
    json.dump(results, sys.stdout)


main()
