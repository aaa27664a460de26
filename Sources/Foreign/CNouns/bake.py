"""Bakes nouns.bin and nouns.inc: which icon each concrete noun of English is shown by, and the outlines of those icons.

    pip download --no-deps mkdocs-material && unzip mkdocs_material-*.whl     # carries Material Design Icons
    apt-get install wordnet-base && pip install svgelements zopfli
    python3 bake.py material/templates/.icons/material /usr/share/wordnet

A noun is shown by the icon of its nearest hypernym in WordNet that has one; icons.json says what the names of the icons do
not: aliases, natural colours, sizes, what flies, and outlines of our own. Licences: NOTICE.
"""

import collections
import json
import os
import pathlib
import re
import sys

import zopfli.zlib
from svgelements import Close, Line, Move, Path

HERE = pathlib.Path(__file__).parent
HAND = json.loads((HERE / "icons.json").read_text())
# Lexicographer files of WordNet whose nouns can be seen: animals, artifacts, the body, food, objects, people, plants.
CONCRETE = {5: "animal", 6: "artifact", 8: "body", 13: "food", 17: "object", 18: "person", 20: "plant"}
# The side of the square an icon is drawn in, in the units of nouns.c.
SIDE = 240
TOLERANCE = 0.06


class WordNet:
    def __init__(self, folder):
        self.folder, self.senses, self.file, self.above = folder, {}, {}, {}
        self.proper = set()
        for line in (folder / "index.noun").open():
            if line[0] != " ":
                self.senses[line.split()[0]] = re.findall(r"\b\d{8}\b", line)
        for line in (folder / "data.noun").open():
            if line[0] == " ":
                continue
            parts = line.split()
            self.file[parts[0]] = int(parts[1])
            for word in parts[4 : 4 + 2 * int(parts[3], 16) : 2]:
                if word[0].isupper():
                    self.proper.add((word.lower(), parts[0]))
            self.above[parts[0]] = [parts[i + 1] for i, part in enumerate(parts[:-1]) if part in ("@", "@i")]
        self.count = collections.Counter()
        for line in (folder / "cntlist.rev").open():
            key, number, count = line.split()
            lemma, kind = key.split("%")
            self.count[lemma, kind[0]] += int(count)

    def sense(self, lemma):
        """What the word means when it means a thing; None for names, and where it mostly means something else."""
        senses = self.senses.get(lemma, [])
        if not senses or (lemma, senses[0]) in self.proper or self.file[senses[0]] not in CONCRETE:
            return None
        others = max(self.count[lemma, kind] for kind in "2345")
        return senses[0] if self.count[lemma, "1"] * 2 >= others else None

    def is_kind_of(self, synset, kind):
        return synset == kind or any(self.is_kind_of(up, kind) for up in self.above[synset])


def outlines(path):
    """Contours of points; whether each is a hole."""
    contours, points = [], []
    for segment in path:
        if isinstance(segment, Move):
            contours.append(points)
            points = [segment.end]
        elif isinstance(segment, (Line, Close)):
            if segment.end is not None:
                points.append(segment.end)
        else:
            steps = max(2, min(24, int(segment.length(error=1e-3) / 0.35) + 1))
            points += [segment.point(step / steps) for step in range(1, steps + 1)]
    contours = [simplified([(p.x, p.y) for p in contour]) for contour in [*contours, points]]
    contours = [contour for contour in contours if len(contour) > 2 and abs(area(contour)) > 0.05]
    return [(contour, sum(contains(other, contour) for other in contours if other is not contour) % 2 == 1)
            for contour in contours]


def simplified(points):
    """Without points that are nearer than the tolerance to the line between their neighbours."""
    while len(points) > 1 and points[0] == points[-1]:
        points = points[:-1]
    if len(points) < 3:
        return points
    middle = max(range(len(points)), key=lambda i: distance(points[i], points[0], points[0]))
    return thinned(points[: middle + 1])[:-1] + thinned([*points[middle:], points[0]])[:-1]


def thinned(points):
    far = max(range(len(points)), key=lambda i: distance(points[i], points[0], points[-1]))
    if distance(points[far], points[0], points[-1]) < TOLERANCE:
        return [points[0], points[-1]]
    return thinned(points[: far + 1])[:-1] + thinned(points[far:])


def distance(p, a, b):
    (dx, dy), length = (b[0] - a[0], b[1] - a[1]), ((b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2) ** 0.5
    if length == 0:
        return ((p[0] - a[0]) ** 2 + (p[1] - a[1]) ** 2) ** 0.5
    return abs(dx * (p[1] - a[1]) - dy * (p[0] - a[0])) / length


def area(contour):
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(contour, contour[1:] + contour[:1])) / 2


def contains(outer, inner):
    x, y = inner[0]
    inside = False
    for (ax, ay), (bx, by) in zip(outer, outer[1:] + outer[:1]):
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            inside = not inside
    return inside


def icons_of(folder, wordnet):
    """{icon: synset}: those named like a thing, and those that icons.json names."""
    found = {}
    for file in sorted(folder.glob("*.svg")):
        synset = wordnet.sense(file.stem.replace("-", "_"))
        if synset and file.stem not in HAND["not"]:
            found[file.stem] = synset
    for icon, lemma in HAND["is"].items():
        word, _, number = lemma.partition("#")
        found[icon] = wordnet.senses[word][int(number or 1) - 1]
    return found


def chosen(wordnet, shown_by):
    """{word: icon} for every concrete noun of one word, and which of them are plurals."""
    words, plurals = {}, set()
    # Medicines are all named and none can be told from another by its looks.
    unseen = wordnet.sense("medication")
    for lemma in wordnet.senses:
        if not re.fullmatch(r"[a-z]{2,20}", lemma) or lemma in HAND["unseen"]:
            continue
        synset = wordnet.sense(lemma)
        if synset is None:
            continue
        if wordnet.is_kind_of(synset, unseen):
            continue
        seen, line = {synset}, [synset]
        while line and not any(step in shown_by for step in line):
            line = [up for step in line for up in wordnet.above[step] if not (up in seen or seen.add(up))]
        near = [shown_by[step] for step in line if step in shown_by]
        words[lemma] = near[0] if near else HAND["generic"][CONCRETE[wordnet.file[synset]]]
    for icon, lemma in HAND["is"].items():
        if lemma.partition("#")[0].isalpha():
            words[lemma.partition("#")[0]] = icon
    words.update(HAND["words"])
    for line in (wordnet.folder / "noun.exc").open():
        plural, *singles = line.split()
        if plural.isalpha() and plural not in words and singles[0] in words:
            words[plural] = words[singles[0]]
            plurals.add(plural)
    return words, plurals


def look(icon, synset, wordnet):
    """Height in hundredths of the picture's measure, whether it flies, and its colour."""
    kind = CONCRETE.get(wordnet.file.get(synset, 6), "artifact")
    height, flies = HAND["height"][kind], icon in HAND["flies"]
    for size, names in HAND["heights"].items():
        if icon in names:
            height = int(size)
    colours = HAND["colours"][kind]
    colour = HAND["colour"].get(icon) or colours[sum(icon.encode()) % len(colours)]
    return bytes([height, int(flies), *bytes.fromhex(colour)])


def written_icon(folder, icon):
    if icon.startswith("drawn:"):
        path = HAND["drawn"][icon.partition(":")[2]]
    else:
        path = re.search(r' d="([^"]+)"', (folder / f"{icon}.svg").read_text()).group(1)
    contours = outlines(Path(path))
    data = bytes([len(contours)])
    for contour, is_hole in contours:
        points = [(round(x * SIDE / 24), round(y * SIDE / 24)) for x, y in contour]
        assert len(contours) < 256, icon
        data += bytes([int(is_hole), *len(points).to_bytes(2, "little")])
        for axis in (0, 1):
            run = [min(max(point[axis], 0), SIDE) for point in points]
            data += bytes((value - before) % 256 for value, before in zip(run, [0, *run]))
    return data


def fronted(words):
    """Of each word how much of the one before it begins with, from a space on, and the rest."""
    data, before = b"", ""
    for word in words:
        shared = len(os.path.commonprefix([before, word]))
        data += bytes([ord(" ") + shared]) + word[shared:].encode()
        before = word
    return data


def main():
    folder, wordnet = pathlib.Path(sys.argv[1]), WordNet(pathlib.Path(sys.argv[2]))
    synset_of = icons_of(folder, wordnet)
    shown_by = {}
    for icon, synset in synset_of.items():
        # The plainest name wins, and what a hand chose.
        if synset not in shown_by or icon in HAND["is"]:
            shown_by[synset] = icon
    # Whole kinds that a hand gave to an icon of another name.
    for lemma, icon in HAND["kinds"].items():
        word, _, number = lemma.partition("#")
        shown_by[wordnet.senses[word][int(number or 1) - 1]] = icon
    words, plurals = chosen(wordnet, shown_by)
    icons = sorted(set(words.values()))
    numbers = {icon: number for number, icon in enumerate(icons)}
    shapes = b"".join(look(icon, synset_of.get(icon, ""), wordnet) + written_icon(folder, icon) for icon in icons)
    text = fronted(sorted(words))
    shown = [numbers[words[word]] | (word in plurals) << 15 for word in sorted(words)]
    # All lower bytes, then all upper ones: like among like packs tighter.
    choice = bytes(number & 255 for number in shown) + bytes(number >> 8 for number in shown)
    sizes = {"NOUNS_WORDS": len(words), "NOUNS_FRONT_BYTES": len(text),
             "NOUNS_WORD_BYTES": sum(map(len, words)) + len(words), "NOUNS_ICONS": len(icons),
             "NOUNS_SHAPE_BYTES": len(shapes)}
    packed = zopfli.zlib.compress(text + choice + shapes, numiterations=30)
    (HERE / "nouns.bin").write_bytes(packed)
    lines = "".join(f"#define {name} {size}\n" for name, size in sizes.items())
    (HERE / "nouns.inc").write_text(f"/* Written by bake.py: what nouns.bin holds, unpacked. */\n{lines}")
    print(sizes, "packed", len(packed))


if __name__ == "__main__":
    main()
