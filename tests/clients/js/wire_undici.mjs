// Asks for each case with undici's fetch, and prints what came as one JSON line each.

import { readFileSync } from "node:fs";

import { Agent, EnvHttpProxyAgent, ProxyAgent, fetch } from "undici";

const plan = JSON.parse(process.argv[2]);
const tls = plan.ca ? { ca: readFileSync(plan.ca) } : {};

function dispatcher() {
  if (!plan.proxy) {
    return new Agent({ connect: tls });
  }
  if (plan.agent === "env") {
    return new EnvHttpProxyAgent({ httpProxy: plan.proxy, httpsProxy: plan.proxy, noProxy: "", requestTls: tls });
  }
  return new ProxyAgent({ uri: plan.proxy, requestTls: tls });
}

const through = dispatcher();
for (const one of plan.cases) {
  let body = one.body;
  if (body && one.chunked) {
    body = new Blob([body]).stream();
  }
  try {
    const answer = await fetch(plan.base + one.path, {
      method: one.method,
      headers: one.headers ?? {},
      body,
      duplex: "half",
      redirect: "manual",
      dispatcher: through,
      signal: AbortSignal.timeout(20_000),
    });
    const content = Buffer.from(await answer.arrayBuffer());
    console.log(
      JSON.stringify({ status: answer.status, headers: [...answer.headers], body: content.toString("base64") }),
    );
  } catch (error) {
    console.log(JSON.stringify({ broken: String(error.cause ?? error) }));
  }
}
await through.close();
