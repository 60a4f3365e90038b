"""Asks as BookGen's client does: four tries for whole answers, one for streams, no look at the finish reason.

An error object that ends cleanly passes as an answer here, and so does a stream that ends after an error chunk.
"""

import json
import os
from concurrent.futures import ThreadPoolExecutor

import requests

JOB = json.loads(os.environ["JOB"])
URL = JOB["baseUrl"] + "/api/v1/chat/completions"
HEADERS = {
    "Authorization": "Bearer none",
    "HTTP-Referer": "https://bookgen.example",
    "X-Title": "BookGen",
}


def body(prompt):
    return {
        "model": JOB["model"],
        "messages": [
            {"role": "system", "content": "You write biographies."},
            {"role": "user", "content": prompt},
        ],
        "stream": JOB["isStream"],
    }


def whole(prompt):
    failure = None
    for _ in range(4):
        try:
            answer = requests.post(URL, headers=HEADERS, json=body(prompt), timeout=300)
            answer.raise_for_status()
            data = answer.json()
            if "error" in data:
                return "an error was taken for an answer: " + str(data["error"])
            int(data["usage"]["prompt_tokens"]) + int(data["usage"]["completion_tokens"])
            return data["choices"][0]["message"]["content"].strip("")
        except requests.RequestException as error:
            failure = error
    raise failure


def streamed(prompt):
    text = ""
    with requests.post(URL, headers=HEADERS, json=body(prompt), timeout=300, stream=True) as answer:
        answer.raise_for_status()
        answer.encoding = "utf-8"
        for line in answer.iter_lines(decode_unicode=True):
            if not line or not line.startswith("data: "):
                continue
            data = line[len("data: ") :]
            if data.strip() == "[DONE]":
                break
            chunk = json.loads(data)
            delta = chunk["choices"][0]["delta"]
            if "content" in delta:
                text += delta["content"]
            if chunk.get("usage") is not None:
                int(chunk["usage"]["total_tokens"])
    return text


def outcome(prompt):
    try:
        return {"prompt": prompt, "text": streamed(prompt) if JOB["isStream"] else whole(prompt)}
    except requests.RequestException as error:
        return {"prompt": prompt, "error": str(error)[:300]}


with ThreadPoolExecutor(max_workers=8) as pool:
    for line in pool.map(outcome, JOB["prompts"]):
        print(json.dumps(line), flush=True)
