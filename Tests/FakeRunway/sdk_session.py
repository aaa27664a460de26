"""What the official SDK does against FakeRunway, run by the interpreter that has it; prints what it saw as JSON.

    sdk_session.py URL KEY
"""

import json
import sys
import time

from runwayml import APIStatusError, BadRequestError, NotFoundError, RateLimitError, RunwayML

GOOD = {"model": "gen4_image", "prompt_text": "a lighthouse at dusk", "ratio": "1280:720"}


def refusal(kind, call):
    try:
        call()
    except APIStatusError as error:
        return isinstance(error, kind) and error.status_code
    return None


def view(task):
    return json.loads(task.model_dump_json(by_alias=True, exclude_unset=True))


def main():
    client = RunwayML(base_url=sys.argv[1], api_key=sys.argv[2], max_retries=0)
    seen = {"typed": {}}

    def keep(name, value):
        seen[name] = view(value)
        seen["typed"][name] = type(value).__name__
        return value

    created = keep("text_to_image_basic", client.text_to_image.create(**GOOD))
    keep("task_retrieve_pending", client.tasks.retrieve(created.id))
    time.sleep(2)
    keep("task_retrieve_running", client.tasks.retrieve(created.id))
    waited = client.text_to_image.create(**GOOD).wait_for_task_output(timeout=30)
    keep("task_retrieve_succeeded", waited)
    seen["task_delete_204"] = client.tasks.delete(created.id)
    seen["deleted"] = refusal(NotFoundError, lambda: client.tasks.retrieve(created.id))
    upload = client.uploads.create_ephemeral(file=("image.png", b"\x89PNG" + bytes(1000), "image/png"))
    seen["uri"] = upload.uri
    reference = [{"uri": upload.uri, "tag": "tower"}]
    keep("referenced", client.text_to_image.create(**dict(GOOD, model="gen4_image_turbo"), reference_images=reference))
    keep("organization_retrieve", client.organization.retrieve())
    keep("organization_usage", client.organization.retrieve_usage(start_date="2026-11-01", before_date="2026-11-23"))
    seen["error_400"] = refusal(BadRequestError, lambda: client.text_to_image.create(**dict(GOOD, ratio="16:9")))
    # The next submit is scripted to meet the daily limit.
    print("ready", flush=True)
    sys.stdin.readline()
    seen["error_429"] = refusal(RateLimitError, lambda: client.text_to_image.create(**GOOD))
    seen["failed"] = view(client.tasks.retrieve(failing(client)))
    print(json.dumps(seen))


def failing(client):
    task = client.text_to_image.create(**GOOD)
    until = time.monotonic() + 5
    while client.tasks.retrieve(task.id).status != "FAILED" and time.monotonic() < until:
        time.sleep(0.1)
    return task.id


if __name__ == "__main__":
    main()
