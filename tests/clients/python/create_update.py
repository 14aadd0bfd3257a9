"""Creates a Customer Insights profile and updates it, as a user of the Azure SDK would.

Signs in with DefaultAzureCredential. Prints one JSON line with the provisioningState of each
result, of several profiles a list of them; on failure the error's code, and exits with 1.
"""

import argparse
import copy
import json
import sys
from concurrent.futures import ThreadPoolExecutor

from azure.core.exceptions import AzureError
from azure.identity import DefaultAzureCredential
from azure.mgmt.resource.resources import ResourceManagementClient


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--endpoint", metavar="URL", help="default: https://management.azure.com")
    parser.add_argument("--subscription", required=True)
    parser.add_argument("--resource-group", default="TestHubRG")
    parser.add_argument("--hub", default="sdkTestHub")
    parser.add_argument("--profile", default="TestProfileType396")
    parser.add_argument("--body", metavar="FILE", help="JSON body of the profile, nested under properties")
    parser.add_argument("--api-version", default="2017-04-26")
    parser.add_argument("--create-only", action="store_true", help="leave the update out")
    parser.add_argument("--parallel", type=int, metavar="N", help="that many profiles at once, with a number behind the name")
    parser.add_argument("--interval", type=float, metavar="SECONDS", help="between polls where the service says nothing")
    return parser.parse_args()


def default_body(profile):
    def field(name, kind="Edm.String"):
        return {"fieldName": name, "fieldType": kind, "isArray": False, "isRequired": True}

    return {
        "properties": {
            "schemaItemTypeLink": "SchemaItemTypeLink",
            "strongIds": [
                {"keyPropertyNames": ["Id", "SavingAccountBalance"], "strongIdName": "Id"},
                {"keyPropertyNames": ["ProfileId", "LastName"], "strongIdName": "ProfileId"},
            ],
            "fields": [
                field("Id"),
                field("ProfileId"),
                field("LastName"),
                field(profile),
                field("SavingAccountBalance", "Edm.Int32"),
            ],
            "smallImage": "\\\\Images\\\\smallImage.jpg",
            "largeImage": "\\\\Images\\\\LargeImage.jpg",
            "apiEntitySetName": profile,
        }
    }


def updated(body):
    body = copy.deepcopy(body)
    body["properties"]["displayName"] = {"en-us": "Savings customer"}
    body["properties"]["description"] = {"en-us": "A customer with a savings account"}
    return body


def main():
    args = arguments()

    options = {}
    if args.endpoint:
        endpoint = args.endpoint.rstrip("/")
        options = {"base_url": endpoint, "credential_scopes": [endpoint + "/.default"]}
    pacing = {} if args.interval is None else {"polling_interval": args.interval}

    def put(client, profile, body):
        resource_id = (
            f"/subscriptions/{args.subscription}/resourceGroups/{args.resource_group}"
            f"/providers/Microsoft.CustomerInsights/hubs/{args.hub}/profiles/{profile}"
        )
        poller = client.resources.begin_create_or_update_by_id(
            resource_id, api_version=args.api_version, parameters=body, **pacing
        )
        return (poller.result().properties or {}).get("provisioningState")

    def run(client, profile):
        if args.body:
            with open(args.body, encoding="utf-8") as file:
                body = json.load(file)
        else:
            body = default_body(profile)
        states = {"created": put(client, profile, body)}
        if not args.create_only:
            states["updated"] = put(client, profile, updated(body))
        return states

    with DefaultAzureCredential() as credential:
        with ResourceManagementClient(credential, args.subscription, **options) as client:
            if args.parallel is None:
                states = run(client, args.profile)
            else:
                names = [f"{args.profile}{number}" for number in range(1, args.parallel + 1)]
                with ThreadPoolExecutor(args.parallel) as threads:
                    states = list(threads.map(lambda name: run(client, name), names))
    print(json.dumps(states))


if __name__ == "__main__":
    try:
        main()
    except AzureError as error:
        code = getattr(getattr(error, "error", None), "code", None) or type(error).__name__
        print(json.dumps({"error": code, "message": str(error)}))
        sys.exit(1)
