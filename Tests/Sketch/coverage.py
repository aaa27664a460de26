"""Writes coverage.txt: 500 prompts of PartiPrompts (Google Research, Apache-2.0), each with its concrete nouns.

    python3 coverage.py PartiPrompts.tsv /usr/share/wordnet

A word is a concrete noun where WordNet's first noun sense lies in the files noun.animal, artifact, body, food, object,
person or plant, and no other part of speech is more frequent; names (Egyptian, Kremlin) are no common nouns. Prompts of the
category Abstract name nothing to be seen, and what a prompt calls itself ("a painting of") is not in the picture.
"""

import collections
import pathlib
import random
import re
import sys

ITSELF = {"painting", "photo", "photograph", "picture", "image", "sketch", "drawing", "art", "portrait", "poster"}
CONCRETE = {5, 6, 8, 13, 17, 18, 20}


def main():
    folder = pathlib.Path(sys.argv[2])
    first, file, count, plural, names = {}, {}, collections.Counter(), {}, set()
    for line in (folder / "index.noun").open():
        if line[0] != " ":
            first[line.split()[0]] = re.findall(r"\b\d{8}\b", line)[0]
    for line in (folder / "data.noun").open():
        if line[0] != " ":
            parts = line.split()
            file[parts[0]] = int(parts[1])
            words = parts[4 : 4 + 2 * int(parts[3], 16) : 2]
            names |= {(word.lower(), parts[0]) for word in words if word[0].isupper()}
    for line in (folder / "cntlist.rev").open():
        key, _, seen = line.split()
        lemma, kind = key.split("%")
        count[lemma, kind[0]] += int(seen)
    for line in (folder / "noun.exc").open():
        plural[line.split()[0]] = line.split()[1]

    def lemma(word):
        for form in (word, plural.get(word), word[:-1] if word.endswith("s") else None,
                     word[:-2] if word.endswith("es") else None, word[:-3] + "y" if word.endswith("ies") else None):
            if form in first:
                return form
        return None

    def is_concrete(word):
        form = lemma(word)
        if form is None or form in ITSELF or len(form) < 3 or (form, first[form]) in names:
            return False
        if file[first[form]] not in CONCRETE:
            return False
        return count[form, "1"] >= max(count[form, kind] for kind in "2345")

    rows = [line.split("\t") for line in open(sys.argv[1], encoding="utf-8")][1:]
    prompts = sorted({row[0].strip() for row in rows if row[1] != "Abstract" and len(row[0]) < 300})
    for prompt in sorted(random.Random(1).sample(prompts, 500)):
        words = re.findall(r"[a-z]+", re.sub(r"['’]\w+", "", prompt.lower()))
        print(prompt + "\t" + " ".join(dict.fromkeys(word for word in words if is_concrete(word))))


if __name__ == "__main__":
    main()
