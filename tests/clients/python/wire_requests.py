"""Asks for each case with requests, and prints what came as one JSON line each."""

import base64
import json
import sys

import requests

plan = json.loads(sys.argv[1])
session = requests.Session()
session.trust_env = False
if plan.get("proxy"):
    session.proxies = {"http": plan["proxy"], "https": plan["proxy"]}
if plan.get("ca"):
    session.verify = plan["ca"]

for case in plan["cases"]:
    body = case.get("body")
    data = iter([body.encode()]) if body and case.get("chunked") else body
    try:
        answer = session.request(
            case["method"],
            plan["base"] + case["path"],
            headers=case.get("headers", {}),
            data=data,
            timeout=20,
            allow_redirects=False,
        )
        # Joined values would hide how many there were.
        headers = [[name, value] for name, value in answer.raw.headers.items()]
        print(
            json.dumps(
                {
                    "status": answer.status_code,
                    "headers": headers,
                    "body": base64.b64encode(answer.content).decode(),
                }
            )
        )
    except requests.RequestException as error:
        print(json.dumps({"broken": repr(error)}))
