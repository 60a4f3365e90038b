"""Delivers a task twice: the first worker gives up waiting, as one that is killed; the second gets the text that is under way."""

import json
import os

import requests
from chapter_task import write_chapter

JOB = json.loads(os.environ["JOB"])
URL = JOB["baseUrl"] + "/v1/chat/completions"
BODY = {"model": JOB["model"], "messages": [{"role": "user", "content": JOB["prompt"]}]}

try:
    write_chapter("task-1", URL, "none", BODY, tries=1, timeout=JOB["patience"])
    FIRST = "answered"
except requests.Timeout:
    FIRST = "gave up"
print(json.dumps({"first": FIRST, "text": write_chapter("task-1", URL, "none", BODY)}), flush=True)
