"""Asks for each case with aiohttp, and prints what came as one JSON line each."""

import asyncio
import base64
import json
import ssl
import sys

import aiohttp
from yarl import URL


async def main(plan):
    context = ssl.create_default_context(cafile=plan["ca"]) if plan.get("ca") else None
    timeout = aiohttp.ClientTimeout(total=20)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        for case in plan["cases"]:
            body = case.get("body")

            async def chunks(body=body):
                yield body.encode()

            data = chunks() if body and case.get("chunked") else (body.encode() if body else None)
            options = {"ssl": context} if context else {}
            try:
                async with session.request(
                    case["method"],
                    URL(plan["base"] + case["path"], encoded=True),
                    headers=case.get("headers", {}),
                    data=data,
                    proxy=plan.get("proxy"),
                    allow_redirects=False,
                    **options,
                ) as answer:
                    content = await answer.read()
                    headers = [[name, value] for name, value in answer.headers.items()]
                    print(
                        json.dumps(
                            {
                                "status": answer.status,
                                "headers": headers,
                                "body": base64.b64encode(content).decode(),
                            }
                        )
                    )
            except (aiohttp.ClientError, asyncio.TimeoutError, ConnectionError) as error:
                print(json.dumps({"broken": repr(error)}))


asyncio.run(main(json.loads(sys.argv[1])))
