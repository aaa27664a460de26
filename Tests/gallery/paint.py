"""Paints the prompts of prompts.txt through the library and puts them on one page, to be looked at: each picture with
its prompt, how long it took from submit to file, and the words that were understood and ignored."""

from __future__ import annotations

import html
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "bindings", "python"))

import t2i  # noqa: E402

HEAD = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>libt2i: what the draft painter paints</title>
<style>
body { font: 14px/1.45 system-ui, sans-serif; margin: 2rem; background: #f6f4f0; color: #222 }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); gap: 1.4rem }
figure { margin: 0 } figcaption { padding: .4rem 0 } small { color: #666 }
img { width: 100%; aspect-ratio: 16 / 9; object-fit: contain; border-radius: 4px;
      background: repeating-conic-gradient(#ddd 0 25%, #eee 0 50%) 0 0 / 20px 20px }
</style>
<h1>What the draft painter paints</h1>
<p>No model and no network: a procedural sketch, the same pixels for the same prompt, size and seed everywhere.
Click a picture for its full size.</p>
<main>
"""


def prompts() -> list[tuple[str, int, str]]:
    with open(os.path.join(HERE, "prompts.txt"), encoding="utf-8") as file:
        lines = [line.rstrip("\n").split(" ", 2) for line in file if line.strip()]
    return [(ratio, int(seed), prompt) for ratio, seed, prompt in lines]


def figure(name: str, prompt: str, ratio: str, seed: int, milliseconds: float, words: dict) -> str:
    understood = html.escape(", ".join(words.get("understood", []))) or "nothing"
    ignored = html.escape(", ".join(words.get("ignored", []))) or "nothing"
    return (
        f'<figure><a href="{name}"><img loading="lazy" src="{name}" alt="{html.escape(prompt)}"></a>\n'
        f"<figcaption><b>{html.escape(prompt)}</b><br><small>{ratio}, seed {seed}, {milliseconds:.0f} ms<br>"
        f"understood: {understood}<br>ignored: {ignored}</small></figcaption></figure>\n"
    )


def main() -> int:
    if len(sys.argv) != 2:
        print("usage: paint.py FOLDER", file=sys.stderr)
        return 2
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    page, times = HEAD, []
    with t2i.Client(provider="sketch") as client:
        for number, (ratio, seed, prompt) in enumerate(prompts()):
            begun = time.perf_counter()
            task = client.submit(prompt, ratio=ratio, seed=seed)
            if task.wait(60).state != "SUCCEEDED":
                print(f"{prompt}: {task.state}", file=sys.stderr)
                return 1
            milliseconds = (time.perf_counter() - begun) * 1000
            name = f"{number + 1:02}.png"
            path = os.path.join(folder, name)
            if os.path.exists(path):
                os.remove(path)
            task.output[0].save(path)
            page += figure(name, prompt, ratio, seed, milliseconds, task.json)
            times.append(milliseconds)
            task.close()
    path = os.path.join(folder, "index.html")
    with open(path, "w", encoding="utf-8") as file:
        file.write(page + "</main></html>\n")
    middle = sorted(times)[len(times) // 2]
    print(f"{path}: {len(times)} pictures, {middle:.0f} ms in the middle, {max(times):.0f} ms at most")
    return 0


if __name__ == "__main__":
    sys.exit(main())
