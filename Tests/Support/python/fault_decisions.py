"""Checks the test vectors of a page such as docs/faults.md, using only what that page says."""
import math
import re
import sys

MASK = (1 << 64) - 1


def fnv1a(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & MASK
    return value


def decision_hash(seed, rule, request):
    identity = bytes.fromhex(request) if re.fullmatch("[0-9a-f]{32}", request) else request.encode()
    return fnv1a(seed.to_bytes(8, "big") + rule.encode() + b"\0" + identity)


def word(value, index):
    z = (value + (index + 1) * 0x9E3779B97F4A7C15) & MASK
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
    return z ^ z >> 31


def number(value, index):
    return (word(value, index) >> 11) / 2**53


def seconds(text):
    amount, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()
    return float(amount) * {"us": 1e-6, "ms": 1e-3, "s": 1, "m": 60}[unit]


def sample(distribution, u, v):
    normal = math.sqrt(-2 * math.log(1 - u)) * math.cos(2 * math.pi * v)
    name, _, rest = distribution.partition("(")
    a, b = (rest.rstrip(")").split(",") + ["", ""])[:2]
    a, b = a.removeprefix("p50="), b.removeprefix("p99=")
    if name == "uniform":
        value = seconds(a) + (seconds(b) - seconds(a)) * u
    elif name == "normal":
        value = seconds(a) + seconds(b) * normal
    elif name == "lognormal":
        value = seconds(a) * math.exp(math.log(seconds(b) / seconds(a)) / 2.326347874040841 * normal)
    elif name == "pareto":
        value = seconds(a) / (1 - u) ** (1 / float(b))
    else:
        value = seconds(name)
    return math.floor(min(max(value, 0), 60) * 1e6 + 0.5)


def main(path):
    checked = wrong = 0
    for line in open(path, encoding="utf-8"):
        cells = [cell.strip().strip("`") for cell in line.strip().strip("|").split("|")]
        if len(cells) not in (5, 7) or not cells[0].isdigit():
            continue
        value = decision_hash(int(cells[0]), cells[1], cells[2])
        u, v = number(value, 1), number(value, 2)
        if len(cells) == 7:
            first = number(value, 0)
            hit = "hit" if first < float(cells[5].rstrip("%")) / 100 else "not hit"
            mine = [f"{value:016x}", repr(first), cells[5], hit]
        else:
            mine = [cells[3], str(sample(cells[3], u, v))]
        checked += 1
        if mine != cells[3:]:
            wrong += 1
            print(f"{path}: {cells[:3]}: {cells[3:]} should be {mine}")
    print(f"{checked} vectors, {wrong} wrong")
    return 1 if wrong or not checked else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
