// Creates a Customer Insights profile and updates it, as a user of the newer Azure SDKs for JavaScript
// would, with the client for any resource.
//
// Signs in with DefaultAzureCredential. Prints each resource, then one JSON line with their
// provisioningState; on failure the error's code, and exits with 1.

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

import { ResourceManagementClient } from "@azure/arm-resources";
import { DefaultAzureCredential } from "@azure/identity";

const { values: args } = parseArgs({
  options: {
    endpoint: { type: "string" },
    subscription: { type: "string" },
    "resource-group": { type: "string", default: "TestHubRG" },
    hub: { type: "string", default: "sdkTestHub" },
    profile: { type: "string", default: "TestProfileType396" },
    body: { type: "string" },
    "api-version": { type: "string", default: "2017-04-26" },
    "create-only": { type: "boolean", default: false },
    interval: { type: "string" },
  },
});

const plain = {
  properties: {
    schemaItemTypeLink: "SchemaItemTypeLink",
    strongIds: [{ keyPropertyNames: ["Id"], strongIdName: "Id" }],
    fields: [{ fieldName: "Id", fieldType: "Edm.String", isArray: false, isRequired: true }],
    apiEntitySetName: "TestProfileType396",
  },
};

async function main() {
  const options = args.endpoint ? { endpoint: args.endpoint.replace(/\/+$/, "") } : {};
  const client = new ResourceManagementClient(new DefaultAzureCredential(), args.subscription, options);
  const id =
    `/subscriptions/${args.subscription}/resourceGroups/${args["resource-group"]}` +
    `/providers/Microsoft.CustomerInsights/hubs/${args.hub}/profiles/${args.profile}`;
  const pacing = args.interval === undefined ? {} : { updateIntervalInMs: Number(args.interval) * 1000 };

  const put = async (body) => {
    const resource = await client.resources.createOrUpdateById(id, args["api-version"], body, pacing);
    console.log(JSON.stringify(resource));
    return resource.properties?.provisioningState;
  };

  const body = args.body ? JSON.parse(readFileSync(args.body, "utf8")) : plain;
  const states = { created: await put(body) };
  if (!args["create-only"]) {
    const displayName = { "en-us": "Savings customer" };
    const description = { "en-us": "A customer with a savings account" };
    states.updated = await put({ properties: { ...body.properties, displayName, description } });
  }
  console.log(JSON.stringify(states));
}

try {
  await main();
} catch (error) {
  console.log(JSON.stringify({ error: error.code ?? error.name, message: error.message }));
  process.exitCode = 1;
}
