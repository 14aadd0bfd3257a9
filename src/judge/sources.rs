//! What the short names of sources stand for: public documents, and issues in which clients went
//! wrong.

/// A document, a fact of the contract, or an issue.
#[derive(Debug)]
pub struct Source {
    /// The short name: `RPC-ASYNC`, `S-31`, `I-HC339`.
    pub key: &'static str,
    /// What it is, and where it is to be found; of a fact, what it says.
    pub words: &'static str,
}

/// Every source.
#[must_use]
pub fn sources() -> &'static [Source] {
    SOURCES
}

/// The sources that a text names, in the order of the table.
#[must_use]
pub fn named_sources(text: &str) -> Vec<&'static Source> {
    let words: Vec<&str> = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-').collect();
    SOURCES.iter().filter(|source| words.contains(&source.key)).collect()
}

const fn source(key: &'static str, words: &'static str) -> Source {
    Source { key, words }
}

#[rustfmt::skip]
const SOURCES: &[Source] = &[
    source("RPC-ASYNC", "ARM resource provider contract, \"Asynchronous Operations\": github.com/Azure/azure-resource-manager-rpc, v1.0/async-api-reference.md"),
    source("RPC-DET", "ARM resource provider contract, \"Common API Details\": github.com/Azure/azure-resource-manager-rpc, v1.0/common-api-details.md"),
    source("RPC-CON", "ARM resource provider contract, \"Common API Contracts\": github.com/Azure/azure-resource-manager-rpc, v1.0/common-api-contracts.md"),
    source("RPC-RES", "ARM resource provider contract, \"Resource API Reference\": github.com/Azure/azure-resource-manager-rpc, v1.0/resource-api-reference.md"),
    source("RPC-ADD", "ARM resource provider contract, \"Addendum\": github.com/Azure/azure-resource-manager-rpc, v1.0/Addendum.md"),
    source("REVIEW", "the review of ARM APIs: github.com/Azure/azure-rest-api-specs, .github/instructions/arm-api-review.instructions.md"),
    source("FSV", "what `final-state-via` does: github.com/Azure/azure-rest-api-specs, .github/skills/azure-api-review/references/lro-final-state-via.md"),
    source("PSTATE", "what `provisioningState` means: github.com/Azure/azure-rest-api-specs, .github/skills/azure-api-review/references/provisioning-state.md"),
    source("LINT", "the rules for API descriptions: github.com/Azure/azure-openapi-validator, docs/"),
    source("AUTOREST", "x-ms-long-running-operation and its options: github.com/Azure/autorest, docs/extensions/readme.md"),
    source("GUIDE", "Microsoft Azure REST API Guidelines: github.com/microsoft/api-guidelines, azure/Guidelines.md"),
    source("CONSID", "Considerations for Service Design: github.com/microsoft/api-guidelines, azure/ConsiderationsForServiceDesign.md"),
    source("TRACK", "Microsoft Learn, \"Track asynchronous Azure operations\""),
    source("THROTTLE", "Microsoft Learn, \"Understand how Azure Resource Manager throttles requests\""),
    source("DEPLOYERR", "Microsoft Learn, \"Troubleshoot common Azure deployment errors\""),
    source("SEED", "Microsoft Learn, Customer Insights REST reference, \"Create or Update Profile Type\""),
    source("TSP", "the ARM library of TypeSpec: github.com/Azure/typespec-azure"),
    source("HTTPSPEC", "the client tests of TypeSpec: github.com/Azure/typespec-azure, packages/azure-http-specs"),
    source("TESTSRV", "the test server of the SDK generators: github.com/Azure/autorest.testserver, legacy/routes/lros.js"),
    source("SDK-PY", "azure-core and azure-mgmt-core for Python: github.com/Azure/azure-sdk-for-python"),
    source("SDK-JS", "core-lro and core-rest-pipeline for JavaScript: github.com/Azure/azure-sdk-for-js"),
    source("SDK-RUST", "azure_core for Rust: github.com/Azure/azure-sdk-for-rust"),
    source("SDK-HC", "the pollers of Terraform: github.com/hashicorp/go-azure-sdk, sdk/client/resourcemanager"),
    source("S-04", "ARM relays query parameters untouched, and matches the names of groups and resources without regard to case (RPC-DET \"Case Insensitivity\", RPC-RES \"Put Resource\")"),
    source("S-07", "a 202 has no body (RPC-ASYNC \"202 Accepted and Location Headers\", REVIEW section 6.6)"),
    source("S-09", "during a create that was answered 202 the resource is not visible (RPC-ASYNC \"202 Accepted and Location Headers\" 7)"),
    source("S-11", "Retry-After of an operation is a whole number of seconds, 10 to 600 (RPC-ASYNC, REVIEW section 6.6)"),
    source("S-14", "from one terminal state no other follows without a running one between (PSTATE \"Transition Rules\")"),
    source("S-18", "a body with a provisioningState is accepted where it is the service's own, and is refused with 400 else (RPC-ASYNC \"ProvisioningState property\")"),
    source("S-19", "spellings of states that no document knows are met: `Cancelled`, `Completed`, `Ready`, a state at the top of the resource (Azure/apiops-cli#148, Azure/terraform-provider-azapi#163)"),
    source("S-23", "a Location below a resource stops to work once the resource is deleted (RPC-ASYNC, REVIEW section 6.8)"),
    source("S-24", "Location is not supposed to answer with a status document, and some services do (Azure/msrestazure-for-python#157, Azure/go-autorest#634)"),
    source("S-25", "a polling URL is absolute, on the host that was called (RPC-ASYNC, REVIEW section 6.6)"),
    source("S-26", "polling URLs are opaque; they hold `*`, `;` and tokens of the service (TRACK, hashicorp/go-azure-sdk#1090, Azure/apiops-cli#148)"),
    source("S-27", "ARM signs polling URLs with the parameters `t`, `c`, `s`, `h` and `p`: observed, not documented"),
    source("S-30", "no ARM document promises how long a polling URL works; the guideline of data planes has 24 hours (GUIDE)"),
    source("S-31", "a polling URL works for the caller alone that began the operation, in the same subscription and tenant (TRACK, REVIEW section 6.8)"),
    source("S-36", "a second write while one runs is answered 409, 429 or 412, or takes the place of the first, as the provider has it (THROTTLE, DEPLOYERR)"),
    source("S-40", "an id is the path without host and api-version, and is compared without regard to case (RPC-RES)"),
    source("I-APIOPS148", "Azure/apiops-cli#148"),
    source("I-APIOPS243", "Azure/apiops-cli#243"),
    source("I-ASO2644", "Azure/azure-service-operator#2644"),
    source("I-AZURERM20867", "hashicorp/terraform-provider-azurerm#20867"),
    source("I-AZURERM23322", "hashicorp/terraform-provider-azurerm#23322"),
    source("I-HC339", "hashicorp/go-azure-sdk#339"),
    source("I-HC740", "hashicorp/go-azure-sdk#740"),
    source("I-HC1090", "hashicorp/go-azure-sdk#1090"),
    source("I-HORIZON533", "peters/horizon#533"),
    source("I-JS22423", "Azure/azure-sdk-for-js#22423"),
    source("I-NET34983", "Azure/azure-sdk-for-net#34983"),
    source("I-NET40606", "Azure/azure-sdk-for-net#40606"),
    source("I-PS579", "Azure/autorest.powershell#579"),
    source("I-PS13367", "Azure/azure-powershell#13367"),
    source("I-PSO1", "microsoft/Partner-Smart-Office#1"),
    source("I-PY48804", "Azure/azure-sdk-for-python#48804"),
    source("I-TSP2602", "Azure/typespec-azure#2602"),
    source("I-WDO36", "webdevops/azure-metrics-exporter#36"),
];
