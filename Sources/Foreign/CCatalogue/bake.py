"""Bakes catalogue.json into catalogue.c, the catalogue the library carries.

The baked text, deflated, keeps the schema of catalogue.json, so either can be read at run time; what only says where
a figure comes from is left out. `bake.py` writes catalogue.c beside itself, `bake.py -` prints it.
"""

import json
import pathlib
import sys
import zlib

HERE = pathlib.Path(__file__).parent

# Where a figure comes from, and what repeats other keys. The source of a price is kept: it makes the price certain
# or an estimate.
TOP = {"generatedFrom", "usdPerCreditSource", "modelCount", "sourceLegend", "checksLegend"}
MODEL = {"sdkType", "endpoint", "seedDocument", "addedSince20260808Spec", "output", "rejectsUnknownFields", "rules"}
INNER = {"python", "note", "defaultRule", "subjectDefault"}


def provenance(key: str) -> bool:
    return key == "source" or key.endswith("Source")


def pruned(value, drop: set[str]):
    if isinstance(value, dict):
        kept = {k: v for k, v in value.items() if k not in drop and not provenance(k) and v is not None}
        return {k: pruned(v, drop) for k, v in kept.items()}
    if isinstance(value, list):
        return [pruned(v, drop) for v in value]
    return value


def pruned_model(model: dict) -> dict:
    kept = {k: pruned(v, INNER) for k, v in model.items() if k not in MODEL and not provenance(k) and v is not None}
    kept["pricing"] = {k: v for k, v in model["pricing"].items() if v is not None}
    return kept


def compact(value) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


SOURCE = """\
/* Written by bake.py from catalogue.json; change that file and run bake.py again. */
#include "ccatalogue.h"
#include <pthread.h>
#include <zlib.h>

/* Deflated, because it is a fifth of the size and is read once for each client. */
static const unsigned char packed[] = {{
{bytes}
}};

static char text[{length} + 1];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void unpack(void) {{
  uLongf length = {length};
  uncompress((unsigned char *)text, &length, packed, sizeof packed);
}}

const char *ccatalogue_text(void) {{
  pthread_once(&once, unpack);
  return text;
}}

size_t ccatalogue_length(void) {{ return {length}; }}
"""


def baked(catalogue: dict) -> str:
    frame = {k: pruned(v, INNER | {"documented", "openapiPattern"}) for k, v in catalogue.items()
             if k not in TOP and k != "models"}
    text = compact(frame | {"models": [pruned_model(model) for model in catalogue["models"]]}).encode()
    packed = zlib.compress(text, 9)
    rows = [packed[start:start + 24] for start in range(0, len(packed), 24)]
    lines = ["  " + "".join(f"{byte}," for byte in row) for row in rows]
    return SOURCE.format(bytes="\n".join(lines), length=len(text))


def main() -> None:
    source = baked(json.loads((HERE / "catalogue.json").read_text(encoding="utf-8")))
    if sys.argv[1:] == ["-"]:
        sys.stdout.write(source)
    else:
        (HERE / "catalogue.c").write_text(source, encoding="utf-8")


if __name__ == "__main__":
    main()
