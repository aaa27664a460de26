"""Whether the service would take a request, by the facts of the catalogue in the tree, and what it would cost."""

import json
import os
import re

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CATALOGUE = os.path.join(ROOT, "Sources", "Foreign", "CCatalogue", "catalogue.json")
TAG = re.compile(r"[A-Za-z][A-Za-z0-9_]{2,15}")
FREEFORM = re.compile(r"(\d{1,5}):(\d{1,5})")
TYPES = {
    "string": str, "integer": int, "number": (int, float), "boolean": bool, "object": dict, "array": list}
# Of a model whose price nobody states.
CREDITS_DEFAULT = 5
FRAME = ("model", "promptText", "ratio", "referenceImages")


class Catalogue:
    def __init__(self):
        with open(CATALOGUE, encoding="utf-8") as file:
            facts = json.load(file)
        self.uri = facts["common"]["uri"]
        self.models = {model["id"]: model for model in facts["models"]}

    def issues(self, body):
        """What is wrong, in the shape of `issues[]` of a 400; empty for a request that is taken."""
        model = self.models.get(body.get("model")) if isinstance(body.get("model"), str) else None
        if model is None:
            return [issue("invalid_union_discriminator", ["model"], "Invalid discriminator value",
                          options=sorted(self.models))]
        found = prompt_issues(model, body) + ratio_issues(model, body)
        found += self.reference_issues(model, body) + parameter_issues(model, body)
        unknown = [key for key in body if key not in FRAME and key not in model["parameters"]]
        if unknown and model["rejectsUnknownFields"]:
            found.append(issue("unrecognized_keys", [], "Unrecognized key(s) in object: " + ", ".join(unknown),
                               keys=unknown))
        return found

    def reference_issues(self, model, body):
        facts = model.get("referenceImages")
        references = body.get("referenceImages")
        if references is None and "referenceImages" in body or not isinstance(references, (list, type(None))):
            return [issue("invalid_type", ["referenceImages"], "Expected array")]
        count = len(references or [])
        low, high = (facts["min"] or 0, facts["max"]) if facts else (0, 0)
        if references is None and not (facts and facts["required"]):
            return []
        if count < low:
            return [issue("too_small", ["referenceImages"], f"Array must contain at least {low} element(s)")]
        if high is not None and count > high:
            return [issue("too_big", ["referenceImages"], f"Array must contain at most {high} element(s)")]
        return [found for index, entry in enumerate(references) for found in self.entry_issues(index, entry)]

    def entry_issues(self, index, entry):
        path = ["referenceImages", index]
        if not isinstance(entry, dict) or not isinstance(entry.get("uri"), str):
            return [issue("invalid_type", path + ["uri"], "Required")]
        found, uri = [], entry["uri"]
        rule = next((rule for rule in self.uri.values()
                     if isinstance(rule, dict) and re.match(rule["pattern"], uri)), None)
        if rule is None:
            message = "Only HTTPS URLs, runway:// and data:image/ URIs are allowed"
            found.append(issue("custom", path + ["uri"], message))
        elif not rule["minLength"] <= len(uri) <= rule["maxLength"]:
            message = f"String must contain {rule['minLength']} to {rule['maxLength']} characters"
            found.append(issue("too_big", path + ["uri"], message))
        elif re.match(r"https://(\[|[0-9.]+(:|/|$))", uri):
            found.append(issue("custom", path + ["uri"], "The host of the URL must be a domain name"))
        tag = entry.get("tag")
        if "tag" in entry and not (isinstance(tag, str) and TAG.fullmatch(tag)):
            found.append(issue("invalid_string", path + ["tag"], "Invalid tag"))
        return found

    def credits(self, body):
        model = self.models[body["model"]]
        pricing = model["pricing"]
        count = body.get("outputCount", 1)
        if pricing.get("flat") is not None:
            return pricing["flat"] * count
        tiers = pricing.get("tiers") or {}
        if pricing.get("by") == "quality":
            return tiers.get(body.get("quality", "medium"), CREDITS_DEFAULT) * count
        for tier, ratios in (pricing.get("tierOfRatio") or {}).items():
            if isinstance(ratios, str) or body.get("ratio") in ratios:
                return tiers[tier] * count
        return (pricing.get("min") or (min(tiers.values()) if tiers else CREDITS_DEFAULT)) * count


def issue(code, path, message, **extra):
    return {"code": code, "path": path, "message": message, **extra}


def prompt_issues(model, body):
    prompt, facts = body.get("promptText"), model["prompt"]
    if not isinstance(prompt, str):
        needed = facts["required"] or "promptText" in body
        return [issue("invalid_type", ["promptText"], "Required")] if needed else []
    # The service is written in JavaScript: a character outside the BMP counts twice.
    units = len(prompt.encode("utf-16-le", "surrogatepass")) // 2
    if units < (facts["minLength"] or 0):
        return [issue("too_small", ["promptText"], "String must contain at least 1 character(s)", minimum=1)]
    if facts["maxLength"] is not None and units > facts["maxLength"]:
        return [issue("too_big", ["promptText"], f"String must contain at most {facts['maxLength']} character(s)",
                      maximum=facts["maxLength"])]
    return []


def ratio_issues(model, body):
    ratio, facts = body.get("ratio"), model["ratio"]
    if "ratio" not in body:
        return [issue("invalid_type", ["ratio"], "Required")] if facts["required"] else []
    if isinstance(ratio, str) and ratio in facts["values"]:
        return []
    size = FREEFORM.fullmatch(ratio) if isinstance(ratio, str) and facts["freeform"] else None
    if size:
        rule = facts["freeformRule"]
        if rule["minPixels"] <= int(size.group(1)) * int(size.group(2)) <= rule["maxPixels"]:
            return []
    return [issue("invalid_enum_value", ["ratio"], "Invalid enum value", options=facts["values"], received=ratio)]


def parameter_issues(model, body):
    found = []
    for name, facts in model["parameters"].items():
        if name not in body:
            if facts.get("required"):
                found.append(issue("invalid_type", [name], "Required"))
            continue
        value, wanted = body[name], facts.get("type")
        if not isinstance(value, TYPES[wanted]) or wanted == "integer" and isinstance(value, bool):
            found.append(issue("invalid_type", [name], f"Expected {wanted}"))
        elif facts.get("enum") and value not in facts["enum"]:
            found.append(issue("invalid_enum_value", [name], "Invalid enum value", options=facts["enum"]))
        elif wanted == "integer" and facts.get("minimum") is not None and value < facts["minimum"]:
            found.append(issue("too_small", [name], f"Number must be at least {facts['minimum']}"))
        elif wanted == "integer" and facts.get("maximum") is not None and value > facts["maximum"]:
            found.append(issue("too_big", [name], f"Number must be at most {facts['maximum']}"))
    return found
