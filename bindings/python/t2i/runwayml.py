"""The names of Runway's Python SDK over libt2i: its text-to-image examples run with only the import changed.

    from t2i.runwayml import RunwayML, TaskFailedError

What differs: `output` holds file:// URLs of pictures that are already here (the service's URLs with output_urls=True);
waiting ends when the task ends, not seconds later; a paid request is never sent twice.
"""

from __future__ import annotations

import os
from datetime import datetime, timezone
from typing import Any, Dict, Iterable, List, Mapping, Optional, TypeVar

from . import _native as native
from . import errors
from .client import Client
from .task import Task

# What t2i.h tells apart and the SDK does not.
STATUSES = {"QUEUED": "PENDING", "SUBMITTING": "PENDING", "UPLOADING": "PENDING", "FETCHING": "RUNNING"}
WAIT_SECONDS = 600.0

AnyDetails = TypeVar("AnyDetails", bound="Details")


class RunwayMLError(Exception):
    """The base of every error of this module but the two of tasks, as in the SDK. `error` is what t2i raised."""

    error: Optional[errors.T2IError] = None


class APIError(RunwayMLError):
    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
        self.body: Optional[object] = None


class APIConnectionError(APIError):
    pass


class APIStatusError(APIError):
    status_code = 0


class BadRequestError(APIStatusError):
    status_code = 400


class AuthenticationError(APIStatusError):
    status_code = 401


class NotFoundError(APIStatusError):
    status_code = 404


class RateLimitError(APIStatusError):
    status_code = 429


class TaskFailedError(Exception):
    """The task ended without pictures; `task_details` says how."""

    def __init__(self, task_details: Details) -> None:
        super().__init__(f"Task failed: {task_details.failure}")
        self.task_details = task_details


class TaskTimeoutError(Exception):
    """The time to wait passed. The task goes on: wait again."""

    def __init__(self, task_details: Details) -> None:
        super().__init__("Task timed out")
        self.task_details = task_details


MISUSES = (native.E_ARG, native.E_UTF8, native.E_JSON, native.E_LIMIT, native.E_CREDITS, native.E_REJECTED)


def in_their_words(error: errors.T2IError) -> RunwayMLError:
    kind: Any = RunwayMLError
    if error.code in MISUSES and error.where != "/provider":
        kind = BadRequestError
    elif error.code == native.E_AUTH:
        kind = AuthenticationError
    elif error.code == native.E_GONE:
        kind = NotFoundError
    elif error.code in (native.E_RATE, native.E_QUOTA):
        kind = RateLimitError
    elif isinstance(error, errors.NetworkError):
        kind = APIStatusError if error.http_status else APIConnectionError
    raised: RunwayMLError = kind(str(error))
    if isinstance(raised, APIStatusError) and error.http_status:
        raised.status_code = error.http_status
    raised.error = error
    return raised


class Cost:
    def __init__(self, millicredits: int) -> None:
        self.credits = millicredits / 1000


class Details:
    """What is known of a task, by the SDK's names."""

    def __init__(self, task: Task) -> None:
        document = task.json
        self.id = identity(task, document)
        self.status: str = STATUSES.get(document["state"], document["state"])
        self.created_at = datetime.fromtimestamp(document.get("created", 0) / 1000, timezone.utc)
        self.progress: Optional[float] = document["progress"] / 1000 if "progress" in document else None
        #: What was charged, once it is known.
        self.cost = Cost(document["spent"]) if task.done and "spent" in document else None
        price = document.get("price", {}).get("millicredits")
        self.estimated_cost = Cost(price) if price is not None else None
        #: Where the pictures are. Of a task that did not succeed: none.
        self.output: List[str] = []
        if self.status == "SUCCEEDED":
            self.output = [url(facts, task._client.shows_links) for facts in document["outputs"]]
        failure = document.get("failure", {})
        self.failure: Optional[str] = failure.get("message")
        self.failure_code: Optional[str] = failure.get("code", failure.get("status"))
        self._task = task

    def __repr__(self) -> str:
        return f"<t2i.runwayml task {self.id} {self.status}>"


class TaskDetails(Details):
    def wait_for_task_output(self, timeout: Optional[float] = WAIT_SECONDS) -> TaskDetails:
        """Waits until the task ended, at most `timeout` seconds (None: for ever)."""
        try:
            return ended(TaskDetails(self._task.wait(timeout)))
        except errors.WaitTimeout:
            raise TaskTimeoutError(Details(self._task)) from None


class AsyncTaskDetails(Details):
    async def wait_for_task_output(self, timeout: Optional[float] = WAIT_SECONDS) -> AsyncTaskDetails:
        """Waits until the task ended, at most `timeout` seconds (None: for ever)."""
        import asyncio

        async def end() -> Task:
            return await self._task

        try:
            return ended(AsyncTaskDetails(await asyncio.wait_for(end(), timeout)))
        except asyncio.TimeoutError:
            raise TaskTimeoutError(Details(self._task)) from None


def ended(details: AnyDetails) -> AnyDetails:
    if details.status != "SUCCEEDED":
        raise TaskFailedError(details)
    return details


def identity(task: Task, document: Mapping[str, Any]) -> str:
    """The service's id once it is known; a task that is still on its way there has the number of its handle."""
    token = str(document.get("token", ""))
    return token[len("runway:") :] if token.startswith("runway:") else str(task.handle)


def url(facts: Mapping[str, Any], shows_links: bool) -> str:
    """A link with its signature where the client asked for those, else the file that is here."""
    from pathlib import Path

    return str(facts["url"]) if shows_links and "url" in facts else Path(os.path.abspath(facts["path"])).as_uri()


def create(client: Client, prompt_text: str, extra_body: Optional[Mapping[str, object]] = None, **params: Any) -> Task:
    try:
        return client.submit(prompt_text, extra=extra_body, **params)
    except errors.T2IError as error:
        raise in_their_words(error) from error


def find(client: Client, id: str) -> Task:
    for task in client.tasks():
        if id in (str(task.handle), identity(task, task.json)):
            return task
    raise NotFoundError(f"no task {id} in this client; it was deleted, or created by another client")


def delete(client: Client, id: str) -> None:
    """Cancels a task that has not ended, and lets go of one that has."""
    task = find(client, id)
    if task.done:
        task.close()
    else:
        task.cancel()


class TextToImage:
    def __init__(self, client: Client) -> None:
        self._client = client

    def create(
        self, *, prompt_text: str, model: Optional[str] = None, ratio: Optional[str] = None, seed: Optional[int] = None,
        reference_images: Optional[Iterable[Mapping[str, object]]] = None, **params: Any,
    ) -> TaskDetails:
        """Submits the request and returns the task. extra_body goes to the service unchecked."""
        return TaskDetails(create(
            self._client, prompt_text, model=model, ratio=ratio, seed=seed, reference_images=reference_images,
            **params))


class AsyncTextToImage:
    def __init__(self, client: Client) -> None:
        self._client = client

    async def create(
        self, *, prompt_text: str, model: Optional[str] = None, ratio: Optional[str] = None, seed: Optional[int] = None,
        reference_images: Optional[Iterable[Mapping[str, object]]] = None, **params: Any,
    ) -> AsyncTaskDetails:
        """Submits the request and returns the task. extra_body goes to the service unchecked."""
        return AsyncTaskDetails(create(
            self._client, prompt_text, model=model, ratio=ratio, seed=seed, reference_images=reference_images,
            **params))


class Upload:
    """What an upload is called at the service."""

    def __init__(self, uri: str) -> None:
        self.uri = uri
        #: The name that the service's own documentation uses.
        self.runway_uri = uri


def uploaded(client: Client, file: Any) -> Upload:
    name = None
    if isinstance(file, tuple):
        # (name, content) or (name, content, type); the library sees the type for itself.
        name, file = file[0], file[1]
    try:
        return Upload(client.upload(file, name=name))
    except errors.T2IError as error:
        raise in_their_words(error) from error


class Uploads:
    def __init__(self, client: Client) -> None:
        self._client = client

    def create_ephemeral(self, file: Any) -> Upload:
        """Brings a picture to the service: a path, a file open for reading, bytes, or (name, content)."""
        return uploaded(self._client, file)


class AsyncUploads:
    def __init__(self, client: Client) -> None:
        self._client = client

    async def create_ephemeral(self, file: Any) -> Upload:
        """Brings a picture to the service: a path, a file open for reading, bytes, or (name, content)."""
        import asyncio

        return await asyncio.get_running_loop().run_in_executor(None, uploaded, self._client, file)


class Tasks:
    def __init__(self, client: Client) -> None:
        self._client = client

    def retrieve(self, id: str) -> TaskDetails:
        """Where a task of this client stands."""
        return TaskDetails(find(self._client, id))

    def delete(self, id: str) -> None:
        """Cancels a task that has not ended, and lets go of one that has."""
        delete(self._client, id)


class AsyncTasks:
    def __init__(self, client: Client) -> None:
        self._client = client

    async def retrieve(self, id: str) -> AsyncTaskDetails:
        """Where a task of this client stands."""
        return AsyncTaskDetails(find(self._client, id))

    async def delete(self, id: str) -> None:
        """Cancels a task that has not ended, and lets go of one that has."""
        delete(self._client, id)


def opened(output_dir: Any, settings: Dict[str, Any]) -> Client:
    """A client whose pictures become files, since `output` names them by URL."""
    made = None
    if output_dir is None:
        from tempfile import mkdtemp

        output_dir = made = mkdtemp(prefix="t2i-")
    try:
        return Client(output_dir=output_dir, **settings)
    except BaseException as error:
        if made is not None:
            os.rmdir(made)
        if isinstance(error, errors.T2IError):
            raise in_their_words(error) from error
        raise


class RunwayML:
    """The SDK's client. With a key (api_key or RUNWAYML_API_SECRET) it is Runway's service; without one choose
    RunwayML(provider="sketch"). Other settings are those of t2i.Client. Pictures lie in `output_dir`, a new temporary
    folder unless you name one."""

    def __init__(self, *, output_dir: Any = None, **settings: Any) -> None:
        self._client = opened(output_dir, settings)
        self.text_to_image = TextToImage(self._client)
        self.uploads = Uploads(self._client)
        self.tasks = Tasks(self._client)

    def close(self) -> None:
        """Ends what is unfinished and closes the client; the pictures stay."""
        self._client.close()

    def __enter__(self) -> RunwayML:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncRunwayML:
    """RunwayML for asyncio."""

    def __init__(self, *, output_dir: Any = None, **settings: Any) -> None:
        self._client = opened(output_dir, settings)
        self.text_to_image = AsyncTextToImage(self._client)
        self.uploads = AsyncUploads(self._client)
        self.tasks = AsyncTasks(self._client)

    async def close(self) -> None:
        """Ends what is unfinished and closes the client; the pictures stay."""
        self._client.close()

    async def __aenter__(self) -> AsyncRunwayML:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
