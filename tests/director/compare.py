"""Comparing what came of a labelled conversation with its label; the rules are in ``labels/README.md``."""

import re
from copy import deepcopy
from typing import Any

MOTION_DEFAULTS = {"speed": "normal", "ease": "in_out", "with": "kenburns"}

PATH = re.compile(r"^(shots|texts|sounds|layers)(?:\[(.+?)\])?(?:\.(\w+))?$")


def differences(
    expect: dict[str, Any], before: dict[str, Any], last: dict[str, Any], after: dict[str, Any]
) -> list[str]:
    """In what a draft differs from its label, in words.

    Args:
        expect: of the label.
        before: the facts before the first turn.
        last: those before the last turn, which "more" and "less" are about.
        after: those after it.
    """
    wanted = deepcopy(before)
    out: list[str] = []
    if "order" in expect:
        out += _reorder(expect["order"], wanted, after)
    for path, value in expect.items():
        if path == "order":
            continue
        match = PATH.match(path)
        if match is not None:
            out += _listed(match, value, wanted, last, after)
        elif path == "music":
            out += _music(value, wanted, last, after)
        elif path.startswith("music."):
            key = path[6:]
            now = after["music"] or {}
            out += _check(path, value, (last["music"] or {}).get(key), now.get(key))
            if wanted["music"] is not None and after["music"] is not None:
                wanted["music"][key] = now.get(key)
        else:
            out += _check(path, value, last[path], after[path])
            wanted[path] = after[path]
    return out + _unchanged(wanted, after, expect)


def _reorder(order: list[str], wanted: dict[str, Any], after: dict[str, Any]) -> list[str]:
    now = [shot["src"] for shot in after["shots"]]
    if now != order:
        return [f"order {now}, expected {order}"]
    pool = list(wanted["shots"])
    shots = []
    for index, source in enumerate(order):
        found = next((shot for shot in pool if shot["src"] == source), None)
        if found is None:
            # A second copy, or a new one: whatever it is.
            shots.append(deepcopy(after["shots"][index]))
            continue
        if order.count(source) <= sum(shot["src"] == source for shot in wanted["shots"]):
            pool.remove(found)
        shots.append(deepcopy(found))
    for index, shot in enumerate(shots):
        for key in ("tr", "trd"):
            shot[key] = after["shots"][index][key]
    wanted["shots"] = shots
    return []


def _listed(
    match: re.Match[str],
    value: Any,
    wanted: dict[str, Any],
    last: dict[str, Any],
    after: dict[str, Any],
) -> list[str]:
    name, place, key = match.groups()
    if place is None:
        return _whole_list(name, value, wanted, after)
    out: list[str] = []
    now = after[name]
    indexes = _places(place, now)
    if not indexes:
        return [f"{match.string}: there is none"]
    for index in indexes:
        if key in ("tr", "trd") and place == "*" and index == len(now) - 1:
            continue
        old = last[name][index].get(key) if index < len(last[name]) else None
        out += _check(f"{name}[{index}].{key}", value, old, now[index].get(key))
        if index < len(wanted[name]):
            wanted[name][index][key] = now[index].get(key)
            if key in ("move", "speed", "amount", "focus", "with") and name == "shots":
                _let_defaults(wanted[name][index], now[index], key)
            if key in ("tr",) and name == "shots":
                wanted[name][index]["trd"] = now[index]["trd"]
    return out


def _let_defaults(wanted: dict[str, Any], now: dict[str, Any], key: str) -> None:
    """A new move brings its own defaults along: speed, ease and engine back to normal, no amount, no focus."""
    if key in ("move", "speed", "with"):
        for other, default in MOTION_DEFAULTS.items():
            if now[other] == default:
                wanted[other] = default
        if key == "move":
            for other in ("amount", "focus", "strength"):
                if now[other] is None:
                    wanted[other] = None
    if key in ("speed", "with", "focus", "amount") and wanted["move"] == ["hold"]:
        wanted["move"] = now["move"]


def _places(place: str, items: list[dict[str, Any]]) -> list[int]:
    if place == "*":
        return list(range(len(items)))
    if re.fullmatch(r"-?\d+", place):
        index = int(place)
        index = index + len(items) if index < 0 else index
        return [index] if 0 <= index < len(items) else []
    return [index for index, item in enumerate(items) if item.get("src") == place]


def _whole_list(name: str, value: Any, wanted: dict[str, Any], after: dict[str, Any]) -> list[str]:
    now = after[name]
    if isinstance(value, dict) and "any" in value:
        results = [_whole_list(name, each, deepcopy(wanted), after) for each in value["any"]]
        wanted[name] = deepcopy(now)
        return [] if any(not each for each in results) else results[0]
    out: list[str] = []
    if len(now) != len(value):
        shown = [item.get("tx", item.get("src")) for item in now]
        out.append(f"{name}: {shown}, expected {len(value)}: {value}")
    else:
        for index, (item, found) in enumerate(zip(value, now, strict=True)):
            for key, each in item.items():
                out += _check(f"{name}[{index}].{key}", each, None, found.get(key))
    wanted[name] = deepcopy(now)
    return out


def _music(value: Any, wanted: dict[str, Any], last: dict[str, Any], after: dict[str, Any]) -> list[str]:
    now = after["music"]
    wanted["music"] = deepcopy(now)
    if isinstance(value, dict) and "any" in value:
        results = [_music(each, {}, last, after) for each in value["any"]]
        return [] if any(not each for each in results) else results[0]
    if value is None or now is None:
        return [] if (value is None) == (now is None) else [f"music {now}, expected {value}"]
    if value == {"exists": True}:
        return []
    return [
        line
        for key, each in value.items()
        for line in _check(f"music.{key}", each, (last["music"] or {}).get(key), now.get(key))
    ]


def _check(path: str, value: Any, old: Any, now: Any) -> list[str]:
    return [] if _fits(value, old, now, path) else [f"{path} {now!r}, expected {value!r} (was {old!r})"]


def _fits(value: Any, old: Any, now: Any, path: str) -> bool:
    if isinstance(value, dict):
        if "any" in value:
            return any(_fits(each, old, now, path) for each in value["any"])
        if "near" in value:
            near, by = value["near"], value.get("by", 0)
            if isinstance(near, list):
                return isinstance(now, tuple | list) and all(
                    abs(a - b) <= by + 1e-9 for a, b in zip(near, now, strict=True)
                )
            return isinstance(now, int | float) and abs(now - near) <= by + 1e-9
        if value.get("more") or value.get("less"):
            base = _base(path) if old is None else old
            now = _base(path) if now is None else now
            if isinstance(now, tuple):
                now, base = max(x or 0 for x in now), 0
            if now is None or base is None or isinstance(now, str):
                return False
            return now > base if value.get("more") else now < base
        if value.get("exists"):
            return now not in (None, [], {}, "cut", "none", False)
    if path.endswith(".ef"):
        return _fits_effects(value, now, old or {})
    if path.endswith(".move"):
        wanted = [value] if isinstance(value, str) else list(value or ["hold"]) or ["hold"]
        return sorted(wanted) == sorted(now)
    if isinstance(value, bool) or isinstance(now, bool):
        return bool(value) == bool(now)
    if isinstance(value, int | float) and isinstance(now, int | float):
        return abs(now - value) <= max(0.02 * abs(value), 1e-3)
    if isinstance(value, list) and isinstance(now, tuple):
        return len(value) == len(now) and all(_fits(a, None, b, path) for a, b in zip(value, now, strict=True))
    if isinstance(value, str) and isinstance(now, str):
        return value.strip().casefold() == now.strip().casefold()
    return bool(value == now)


def _base(path: str) -> float | None:
    return {"size": 0.08, "y": 0.5, "trd": 0.5, "amount": 1.0, "strength": 0.5}.get(path.rsplit(".", 1)[-1])


def _fits_effects(value: Any, now: dict[str, float], old: dict[str, float]) -> bool:
    wanted: dict[str, Any] = {}
    for item in value or []:
        wanted |= {item: None} if isinstance(item, str) else dict(item)
    if set(wanted) != set(now):
        return False
    return all(each is None or _fits(each, old.get(name, 0), now[name], "amount") for name, each in wanted.items())


def _unchanged(wanted: dict[str, Any], after: dict[str, Any], expect: dict[str, Any]) -> list[str]:
    out = []
    if "shots[*].d" in expect or any(re.match(r"shots\[.*\]\.d$", path) for path in expect) or "order" in expect:
        wanted["d"] = after["d"] if "d" not in expect else wanted["d"]
    for key in ("w", "h", "fps", "d", "title"):
        if not _fits(wanted[key], None, after[key], key):
            out.append(f"{key} changed to {after[key]!r} from {wanted[key]!r}")
    for name in ("shots", "texts", "sounds", "layers"):
        if len(wanted[name]) != len(after[name]):
            out.append(f"{name}: {len(after[name])}, expected {len(wanted[name])}")
            continue
        for index, (old, new) in enumerate(zip(wanted[name], after[name], strict=True)):
            for key, value in new.items():
                if key == "d" and "d" in expect and name == "shots":
                    continue
                if key in ("s", "d") and name in ("texts", "sounds") and wanted["d"] != after["d"]:
                    continue
                if key in ("s", "d") and name in ("texts", "sounds") and ("d" in expect or "order" in expect):
                    continue
                if not _same(old[key], value):
                    out.append(f"{name}[{index}].{key} changed to {value!r} from {old[key]!r}")
    if (wanted["music"] is None) != (after["music"] is None):
        out.append(f"music changed to {after['music']}")
    elif wanted["music"] is not None:
        for key, value in after["music"].items():
            if key == "d":
                continue
            if not _same(wanted["music"][key], value):
                out.append(f"music.{key} changed to {value!r} from {wanted['music'][key]!r}")
    return out


def _same(old: Any, new: Any) -> bool:
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(_same(old[key], new[key]) for key in old)
    if isinstance(old, float | int) and isinstance(new, float | int) and not isinstance(old, bool):
        return abs(old - new) <= max(1e-3, 0.02 * abs(old))
    return bool(old == new)
