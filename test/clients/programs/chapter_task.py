"""A task of Celery's kind: it may be tried again, and delivered twice, and its text is paid once.

The id of the task is the Idempotency-Key, so the gateway knows a repeated request.
"""

import time

import requests


def write_chapter(task_id, url, key, body, tries=5, timeout=300):
    """Asks for one text. Raises requests.RequestException when all tries are used up."""
    headers = {"Authorization": "Bearer " + key, "Idempotency-Key": task_id}
    for attempt in range(1, tries + 1):
        try:
            answer = requests.post(url, headers=headers, json=body, timeout=timeout)
            answer.raise_for_status()
            return answer.json()["choices"][0]["message"]["content"]
        except requests.RequestException as error:
            if attempt == tries or is_refused(error):
                raise
            time.sleep(wait_after(error))


def is_refused(error):
    """Whether trying again cannot help."""
    status = error.response.status_code if error.response is not None else 0
    return 400 <= status < 500 and status not in (408, 409, 429)


def wait_after(error):
    """The seconds that the gateway names, or one."""
    headers = error.response.headers if error.response is not None else {}
    return float(headers.get("retry-after", 1))
