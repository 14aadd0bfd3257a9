// Creates a Customer Insights profile and updates it, as a user of the Azure SDK would.
//
// Signs in with DefaultAzureCredential. Prints one JSON line with the provisioningState of each
// result, of several profiles a list of them; on failure the error's code, and exits with 1.

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

import { CustomerInsightsManagementClient } from "@azure/arm-customerinsights";
import { DefaultAzureCredential } from "@azure/identity";

const usage = `usage: create_update.mjs --subscription ID [options]

Creates a Customer Insights profile and updates it, as a user of the Azure SDK would.

  --endpoint URL         default: https://management.azure.com
  --subscription ID
  --resource-group NAME  default: TestHubRG
  --hub NAME             default: sdkTestHub
  --profile NAME         default: TestProfileType396
  --body FILE            JSON body of the profile, nested under properties
  --api-version VERSION  default: 2017-04-26
  --create-only          leave the update out
  --parallel N           that many profiles at once, with a number behind the name
  --interval SECONDS     between polls where the service says nothing`;

function readArguments() {
  const { values } = parseArgs({
    options: {
      endpoint: { type: "string" },
      subscription: { type: "string" },
      "resource-group": { type: "string", default: "TestHubRG" },
      hub: { type: "string", default: "sdkTestHub" },
      profile: { type: "string", default: "TestProfileType396" },
      body: { type: "string" },
      "api-version": { type: "string", default: "2017-04-26" },
      "create-only": { type: "boolean", default: false },
      parallel: { type: "string" },
      interval: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    process.exit(0);
  }
  if (!values.subscription) {
    throw new TypeError("--subscription is missing");
  }
  return values;
}

function defaultProperties(profile) {
  const field = (fieldName, fieldType = "Edm.String") => ({
    fieldName,
    fieldType,
    isArray: false,
    isRequired: true,
  });
  return {
    schemaItemTypeLink: "SchemaItemTypeLink",
    strongIds: [
      { keyPropertyNames: ["Id", "SavingAccountBalance"], strongIdName: "Id" },
      { keyPropertyNames: ["ProfileId", "LastName"], strongIdName: "ProfileId" },
    ],
    fields: [
      field("Id"),
      field("ProfileId"),
      field("LastName"),
      field(profile),
      field("SavingAccountBalance", "Edm.Int32"),
    ],
    smallImage: "\\\\Images\\\\smallImage.jpg",
    largeImage: "\\\\Images\\\\LargeImage.jpg",
    apiEntitySetName: profile,
  };
}

async function main(args) {
  const options = { apiVersion: args["api-version"] };
  if (args.endpoint) {
    options.endpoint = args.endpoint.replace(/\/+$/, "");
  }
  const pacing = args.interval === undefined ? {} : { updateIntervalInMs: Number(args.interval) * 1000 };
  const client = new CustomerInsightsManagementClient(new DefaultAzureCredential(), args.subscription, options);

  const put = async (profile, parameters) => {
    const result = await client.profiles.beginCreateOrUpdateAndWait(
      args["resource-group"],
      args.hub,
      profile,
      parameters,
      pacing,
    );
    return result.provisioningState;
  };

  const run = async (profile) => {
    // The SDK's model is flat; it nests under `properties` by itself.
    const properties = args.body
      ? JSON.parse(readFileSync(args.body, "utf8")).properties
      : defaultProperties(profile);
    const states = { created: await put(profile, properties) };
    if (!args["create-only"]) {
      states.updated = await put(profile, {
        ...properties,
        displayName: { "en-us": "Savings customer" },
        description: { "en-us": "A customer with a savings account" },
      });
    }
    return states;
  };

  if (args.parallel === undefined) {
    console.log(JSON.stringify(await run(args.profile)));
    return;
  }
  const names = Array.from({ length: Number(args.parallel) }, (_, number) => `${args.profile}${number + 1}`);
  console.log(JSON.stringify(await Promise.all(names.map(run))));
}

let args;
try {
  args = readArguments();
} catch (error) {
  console.error(`${error.message}\n\n${usage}`);
  process.exit(2);
}
try {
  await main(args);
} catch (error) {
  console.log(JSON.stringify({ error: error.code ?? error.name, message: error.message }));
  process.exitCode = 1;
}
