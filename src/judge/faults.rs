//! The faults that real clients have had, and the rule that sees each.
//!
//! A fault is one of 93 that were found in public reports; a test holds that each has a rule, or a
//! reason why nobody outside of the client can see it.

/// A fault that clients have had.
#[derive(Debug)]
pub struct Fault {
    /// `BUG-nn`.
    pub id: &'static str,
    /// What such a client does.
    pub words: &'static str,
    /// Where it was reported.
    pub source: &'static str,
    /// Whether it can be seen.
    pub sight: Sight,
}

/// Whether a fault can be seen from outside.
#[derive(Debug, PartialEq, Eq)]
pub enum Sight {
    /// By these rules: any of them is enough.
    Rules(&'static [&'static str]),
    /// Not, and why.
    Unseen(&'static str),
}

use Sight::{Rules, Unseen};

/// Every fault, in the order of their ids.
#[must_use]
pub fn faults() -> &'static [Fault] {
    FAULTS
}

#[rustfmt::skip]
const FAULTS: &[Fault] = &[
    Fault {
        id: "BUG-01",
        words: "A 202 is taken as the finished answer.",
        source: "ansible/ansible#49919; alchemy-run/distilled#341",
        sight: Rules(&["LRO-C-13"]),
    },
    Fault {
        id: "BUG-02",
        words: "A 201 is taken as the finished answer.",
        source: "Azure/go-autorest#33; ansible/ansible#49919",
        // With a header the answer is polled (11), without one the resource is read (09).
        sight: Rules(&["LRO-C-11", "LRO-C-09", "LRO-C-32", "LRO-C-50"]),
    },
    Fault {
        id: "BUG-03",
        words: "A 200 that carries an async header is taken as finished.",
        source: "Azure/apiops-cli#148; Azure/apiops-cli#243",
        sight: Rules(&["LRO-C-11"]),
    },
    Fault {
        id: "BUG-04",
        words: "Non-terminal provisioningState is ignored when there is no async header.",
        source: "hashicorp/terraform-provider-azurerm#14066; hashicorp/terraform-provider-azurerm#7539",
        sight: Rules(&["LRO-C-09"]),
    },
    Fault {
        id: "BUG-05",
        words: "A finished resource with no provisioningState is not recognised as finished.",
        source: "Azure/autorest-clientruntime-for-java#487; Azure/azure-sdk-for-ruby#828",
        sight: Rules(&["LRO-C-10"]),
    },
    Fault {
        id: "BUG-06",
        words: "A 201 that is already terminal is polled or rejected.",
        source: "Azure/azure-sdk-for-java#17195; Azure/azure-sdk-for-java CHANGELOG azure-core-management 1.0.0 and 1.1.0",
        sight: Rules(&["LRO-C-10"]),
    },
    Fault {
        id: "BUG-07",
        words: "The previous operation's Succeeded is read as this one's result.",
        source: "Azure/autorest#993; Azure/azure-sdk-for-python CHANGELOG azure-mgmt-core 1.2.2",
        sight: Rules(&["LRO-C-13", "LRO-C-34"]),
    },
    Fault {
        id: "BUG-08",
        words: "A 202 with no poll URL causes a hang, a crash or a silent success.",
        source: "Azure/azure-sdk-for-node#5072; microsoft/restler-fuzzer#386",
        sight: Rules(&["LRO-C-13", "LRO-C-50"]),
    },
    Fault {
        id: "BUG-09",
        words: "A valid 2xx is rejected because it is not in a hard-coded list.",
        source: "Azure/azure-sdk-for-net#3395; pulumi/pulumi-azure-native#452",
        sight: Rules(&["LRO-C-50"]),
    },
    Fault {
        id: "BUG-10",
        words: "A Failed state in the very first response is not reported.",
        source: "Azure/azure-service-operator#2381; Azure/go-autorest CHANGELOG v10.15.1",
        sight: Rules(&["LRO-C-12"]),
    },
    Fault {
        id: "BUG-11",
        words: "Polls the resource although a poll URL was given.",
        source: "hashicorp/terraform-provider-azurerm#23322; hashicorp/go-azure-sdk#740",
        sight: Rules(&["LRO-C-08"]),
    },
    Fault {
        id: "BUG-12",
        words: "Location is polled although Azure-AsyncOperation is present.",
        source: "Azure/azure-sdk-for-net#3715; microsoft/restler-fuzzer#800",
        sight: Rules(&["LRO-C-08"]),
    },
    Fault {
        id: "BUG-13",
        words: "Operation-Location is not recognised.",
        source: "Azure/azure-sdk-for-js#20647; Azure/autorest.powershell#1344",
        sight: Rules(&["LRO-C-08"]),
    },
    Fault {
        id: "BUG-14",
        words: "The query string of the poll URL is dropped or cut.",
        source: "hashicorp/go-azure-sdk#1090; Azure/azure-cli#28086",
        sight: Rules(&["LRO-C-16"]),
    },
    Fault {
        id: "BUG-15",
        words: "The poll URL is decoded and re-encoded.",
        source: "magodo/terraform-provider-restful#42; Azure/go-autorest CHANGELOG v9.5.3",
        sight: Rules(&["LRO-C-16"]),
    },
    Fault {
        id: "BUG-16",
        words: "The client's api-version replaces the one in the poll URL.",
        source: "Azure/typespec-azure#2602; Azure/azure-sdk-for-python#33192",
        sight: Rules(&["LRO-C-17"]),
    },
    Fault {
        id: "BUG-17",
        words: "A poll URL renewed by a poll response is ignored.",
        source: "Azure/autorest.powershell#579; Azure/autorest.csharp#487",
        sight: Rules(&["LRO-C-20"]),
    },
    Fault {
        id: "BUG-18",
        words: "The poll URL is forgotten when a poll response does not repeat it.",
        source: "Azure/go-autorest#50; Azure/go-autorest CHANGELOG v7.0.2",
        sight: Rules(&["LRO-C-21"]),
    },
    Fault {
        id: "BUG-19",
        words: "A relative Location is not resolved.",
        source: "Azure/autorest.testserver#217; Azure/autorest.python#784",
        sight: Rules(&["LRO-C-19", "LRO-C-50"]),
    },
    Fault {
        id: "BUG-20",
        words: "A poll URL is refused because host or port is spelt differently.",
        source: "hashicorp/go-azure-sdk#339; Azure/azure-sdk-for-java#22032",
        sight: Rules(&["LRO-C-50"]),
    },
    Fault {
        id: "BUG-21",
        words: "The poll or final URL is derived from the address the request was sent to.",
        source: "Azure/azure-sdk-for-python#22238; Azure/azure-sdk-for-java#34453",
        sight: Rules(&["LRO-C-16", "LRO-C-46"]),
    },
    Fault {
        id: "BUG-22",
        words: "The bearer token is sent to whatever host the poll URL or a redirect names.",
        source: "Azure/azure-sdk-for-net#59606; Azure/azure-sdk-for-js#20957",
        sight: Rules(&["LRO-C-30", "LRO-C-31"]),
    },
    Fault {
        id: "BUG-23",
        words: "A header that is not going to be used is parsed and breaks the call.",
        source: "Azure/autorest.testserver#244; Azure/azure-sdk-for-java#18442",
        sight: Rules(&["LRO-C-50"]),
    },
    Fault {
        id: "BUG-24",
        words: "The poll repeats the original method or body.",
        source: "Azure/azure-sdk-for-go#1666; Azure/go-autorest CHANGELOG v9.3.0",
        sight: Rules(&["LRO-C-04", "LRO-C-15"]),
    },
    Fault {
        id: "BUG-25",
        words: "Headers set by the caller are missing on polls and on the final GET.",
        source: "Azure/terraform-provider-azapi#1218; Azure/terraform-provider-azapi#1220",
        sight: Unseen("Which headers the caller set is not on the wire, and a client is not told to set one."),
    },
    Fault {
        id: "BUG-26",
        words: "A same-host 307/308 on the poll URL is taken as terminal.",
        source: "plausible; no public report",
        sight: Rules(&["LRO-C-39", "LRO-C-50"]),
    },
    Fault {
        id: "BUG-27",
        words: "Failed ends the loop and is returned as success.",
        source: "Azure/autorest.powershell#580; crossplane-contrib/provider-azure#300",
        sight: Rules(&["LRO-C-36"]),
    },
    Fault {
        id: "BUG-28",
        words: "A Location poll that answers 200 with a Failed body is taken as success.",
        source: "Azure/msrestazure-for-python#157; pulumi/pulumi-azure-native#4835",
        sight: Rules(&["LRO-C-38"]),
    },
    Fault {
        id: "BUG-29",
        words: "Canceled is returned as success.",
        source: "Azure/azure-sdk-for-js#22067; Azure/autorest.powershell#580",
        sight: Rules(&["LRO-C-37"]),
    },
    Fault {
        id: "BUG-30",
        words: "A state the client has never heard of is treated as a failure.",
        source: "hashicorp/go-azure-sdk#565; hashicorp/go-azure-sdk#639",
        sight: Rules(&["LRO-C-32"]),
    },
    Fault {
        id: "BUG-31",
        words: "A state the client has never heard of is treated as finished.",
        source: "Azure/azure-sdk-for-java#35670",
        sight: Rules(&["LRO-C-32"]),
    },
    Fault {
        id: "BUG-32",
        words: "Status is compared with case.",
        source: "Azure/go-autorest#195; Azure/azure-sdk-for-java#514",
        sight: Rules(&["LRO-C-33"]),
    },
    Fault {
        id: "BUG-33",
        words: "A misspelt or home-made terminal word is never recognised.",
        source: "Azure/terraform-provider-azapi#163; Azure/azure-resource-manager-rpc#144",
        sight: Rules(&["LRO-C-26"]),
    },
    Fault {
        id: "BUG-34",
        words: "The 200 of a status poll is taken as completion.",
        source: "Azure/azure-sdk-for-net#36798; microsoft/api-guidelines#172",
        sight: Rules(&["LRO-C-32"]),
    },
    Fault {
        id: "BUG-35",
        words: "A Location poll that answers 200 with a non-terminal provisioningState is taken as done.",
        source: "Azure/azure-sdk-for-go#17892; pulumi/pulumi-azure-native#1126",
        sight: Rules(&["LRO-C-38", "LRO-C-50"]),
    },
    Fault {
        id: "BUG-36",
        words: "The status is checked once instead of until terminal.",
        source: "Azure/azure-sdk-for-ruby#828",
        sight: Rules(&["LRO-C-32", "LRO-C-50"]),
    },
    Fault {
        id: "BUG-37",
        words: "The body of an unsuccessful poll is searched for a status before the HTTP code is looked at.",
        source: "Azure/azure-sdk-for-go#19385; hashicorp/terraform-provider-azurerm#27963",
        sight: Rules(&["LRO-C-51"]),
    },
    Fault {
        id: "BUG-38",
        words: "204 at the end of polling is treated as a failure.",
        source: "Azure/azure-sdk-for-net#52402; Azure/go-autorest CHANGELOG v9.8.1",
        sight: Rules(&["LRO-C-14"]),
    },
    Fault {
        id: "BUG-39",
        words: "404 after a delete is treated as a failure.",
        source: "Azure/go-autorest#596; Azure/terraform-provider-azapi#54",
        // Correct clients differ; whoever fails has to say what was missing.
        sight: Rules(&["LRO-C-49", "LRO-C-51"]),
    },
    Fault {
        id: "BUG-40",
        words: "provisioningState is looked for in one place only.",
        source: "plausible; no public report",
        sight: Rules(&["LRO-C-09", "LRO-C-11"]),
    },
    Fault {
        id: "BUG-41",
        words: "A 404 from the status URL right after the PUT aborts the operation.",
        source: "hashicorp/go-azure-sdk#740; hashicorp/go-azure-sdk#913",
        // To give up is right (LRO-C-42); to say that the operation failed is not.
        sight: Rules(&["LRO-C-39", "LRO-C-42"]),
    },
    Fault {
        id: "BUG-42",
        words: "Throttling of a poll is reported as failure of the operation.",
        source: "Azure/azure-cli#11891; Azure/azure-sdk-for-go#22651",
        sight: Rules(&["LRO-C-41"]),
    },
    Fault {
        id: "BUG-43",
        words: "A passing 5xx, 408 or dropped connection on a poll is reported as failure of the operation.",
        source: "Azure/azure-sdk-for-go#22674; hashicorp/go-azure-sdk#1269",
        sight: Rules(&["LRO-C-40"]),
    },
    Fault {
        id: "BUG-44",
        words: "A permanent 5xx on the poll URL is polled for ever.",
        source: "Azure/azure-sdk-for-go#22884",
        sight: Rules(&["LRO-C-55", "LRO-C-26"]),
    },
    Fault {
        id: "BUG-45",
        words: "A poll without any response crashes the client.",
        source: "Azure/azure-sdk-for-go#14729; Azure/azure-sdk-for-go#1695",
        sight: Rules(&["LRO-C-40"]),
    },
    Fault {
        id: "BUG-46",
        words: "A poll that is never answered blocks for ever.",
        source: "hashicorp/terraform-provider-azurerm#9662; Azure/azure-sdk-for-go CHANGELOG azcore 1.9.0",
        sight: Rules(&["LRO-C-50"]),
    },
    Fault {
        id: "BUG-47",
        words: "The token taken at the start is used until the end.",
        source: "hashicorp/terraform-provider-azurerm#20867; hashicorp/terraform-provider-azurerm#21361",
        sight: Rules(&["LRO-C-29", "LRO-C-50"]),
    },
    Fault {
        id: "BUG-48",
        words: "A poll with an empty body crashes or fails the client.",
        source: "Azure/azure-cli#7671; Azure/azure-sdk-for-go#17196",
        sight: Rules(&["LRO-C-50", "LRO-C-44"]),
    },
    Fault {
        id: "BUG-49",
        words: "A status body without \"status\" crashes the client or counts as success.",
        source: "hashicorp/terraform-provider-azurerm#22771; Azure/azure-sdk-for-python#40909",
        sight: Rules(&["LRO-C-44"]),
    },
    Fault {
        id: "BUG-50",
        words: "A poll body that is not clean JSON kills the operation or hides the cause.",
        source: "hashicorp/terraform-provider-azurerm#12770; Azure/azure-sdk-for-java#9238",
        sight: Rules(&["LRO-C-45", "LRO-C-44"]),
    },
    Fault {
        id: "BUG-51",
        words: "Response headers are looked up with case.",
        source: "Azure/azure-sdk-for-cpp#1522; Azure/azure-functions-durable-js#346",
        sight: Rules(&["LRO-C-33", "LRO-C-08", "LRO-C-13"]),
    },
    Fault {
        id: "BUG-52",
        words: "A repeated Retry-After (values joined by a comma) crashes the client.",
        source: "Azure/azure-sdk-for-python#35314",
        sight: Rules(&["LRO-C-23", "LRO-C-41"]),
    },
    Fault {
        id: "BUG-53",
        words: "Retry-After on a poll is ignored.",
        source: "Azure/azure-sdk-for-net#3447; Azure/autorest.csharp#1674",
        sight: Rules(&["LRO-C-22"]),
    },
    Fault {
        id: "BUG-54",
        words: "The first poll is sent at once although the first response carries Retry-After.",
        source: "Azure/azure-libraries-for-java#1333; Azure/azure-sdk-for-net#44147",
        sight: Rules(&["LRO-C-22"]),
    },
    Fault {
        id: "BUG-55",
        words: "Only the first (or only the latest) Retry-After is ever used.",
        source: "Azure/azure-sdk-for-java#11809; Azure/go-autorest#625",
        sight: Rules(&["LRO-C-22"]),
    },
    Fault {
        id: "BUG-56",
        words: "Retry-After in date form is not understood.",
        source: "Azure/azure-sdk-for-python#31004; Azure/autorest-clientruntime-for-java#455",
        sight: Rules(&["LRO-C-23"]),
    },
    Fault {
        id: "BUG-57",
        words: "Without Retry-After (or with 0) polls are sent back to back.",
        source: "Azure/azure-sdk-for-net#3439; microsoft/terraform-provider-power-platform#719",
        sight: Rules(&["LRO-C-24", "LRO-C-25"]),
    },
    Fault {
        id: "BUG-58",
        words: "A fixed 30 or 60 s wait is used although the service asks for less or the caller set less.",
        source: "velero-io/velero#359; Azure/azure-cli#1162",
        sight: Rules(&["LRO-C-24"]),
    },
    Fault {
        id: "BUG-59",
        words: "A long Retry-After is cut short, overflows or ends the operation.",
        source: "Azure/azure-sdk-for-go CHANGELOG azcore 1.1.4; Azure/azure-sdk-for-go CHANGELOG azcore 1.15.0",
        sight: Rules(&["LRO-C-22", "LRO-C-41"]),
    },
    Fault {
        id: "BUG-60",
        words: "A wall-clock change during the wait breaks pacing or the deadline.",
        source: "plausible; no public report",
        sight: Unseen("The clock of the client is its own: nothing outside of it can make it jump."),
    },
    Fault {
        id: "BUG-61",
        words: "No final GET: the first or an intermediate body is returned.",
        source: "Azure/azure-sdk-for-python#1003; microsoft/restler-fuzzer#382",
        sight: Rules(&["LRO-C-46"]),
    },
    Fault {
        id: "BUG-62",
        words: "The final GET goes to the wrong URL.",
        source: "Azure/go-autorest#356; Azure/azure-sdk-for-go#23321",
        sight: Rules(&["LRO-C-46"]),
    },
    Fault {
        id: "BUG-63",
        words: "No final URL leads to a crash instead of the last body.",
        source: "Azure/go-autorest#293; Azure/autorest.powershell#387",
        sight: Rules(&["LRO-C-10"]),
    },
    Fault {
        id: "BUG-64",
        words: "The operation status document is returned as the resource.",
        source: "pulumi/pulumi-azure-native#4835; Azure/azure-sdk-for-python#1003",
        sight: Rules(&["LRO-C-46"]),
    },
    Fault {
        id: "BUG-65",
        words: "A 404 on the first read after success is reported as failure or as \"gone\".",
        source: "hashicorp/terraform-provider-azurerm#25758; hashicorp/terraform-provider-azurerm#18268",
        sight: Rules(&["LRO-C-48"]),
    },
    Fault {
        id: "BUG-66",
        words: "After a failure a final GET is sent and its error replaces the real one.",
        source: "Azure/autorest.powershell#875; Azure/autorest.powershell#580",
        sight: Rules(&["LRO-C-36"]),
    },
    Fault {
        id: "BUG-67",
        words: "Success is returned while the resource still says Updating.",
        source: "Azure/apiops-cli#252; Azure-Samples/azuresandbox#25",
        sight: Rules(&["LRO-C-46"]),
    },
    Fault {
        id: "BUG-68",
        words: "Code and message of the failed operation are lost.",
        source: "Azure/azure-sdk-for-go#310; Azure/azure-powershell#2462",
        sight: Rules(&["LRO-C-36", "LRO-C-51"]),
    },
    Fault {
        id: "BUG-69",
        words: "A failing poll ends the wait without an error.",
        source: "Azure/go-autorest#319; Azure/autorest#856",
        sight: Rules(&["LRO-C-39"]),
    },
    Fault {
        id: "BUG-70",
        words: "The error path itself crashes.",
        source: "Azure/azure-sdk-for-go#14540; Azure/autorest.go#563",
        sight: Rules(&["LRO-C-51", "LRO-C-50"]),
    },
    Fault {
        id: "BUG-71",
        words: "After an accepted PUT a failed wait makes the client forget the resource.",
        source: "hashicorp/terraform-provider-azurerm#753; hashicorp/terraform-provider-azurerm#12719",
        sight: Unseen("What a client remembers after a failure shows only in what it does next; `rerun` shows a second create (LRO-C-04), and nothing of its memory."),
    },
    Fault {
        id: "BUG-72",
        words: "The call returns, or the process ends, before anybody waited.",
        source: "Azure/msrestazure-for-python#12; ansible/azure-testing#6",
        sight: Rules(&["LRO-C-13", "LRO-C-32"]),
    },
    Fault {
        id: "BUG-73",
        words: "Retry-After on a 201 or 202 makes the pipeline send the PUT again.",
        source: "Azure/azure-sdk-for-python#10778; Azure/azure-resource-manager-rpc v1.0/Addendum.md",
        sight: Rules(&["LRO-C-04"]),
    },
    Fault {
        id: "BUG-74",
        words: "A PUT whose fate is unknown (5xx, lost answer) is simply sent again.",
        source: "hashicorp/terraform-provider-azurerm#32161; MicrosoftDocs/architecture-center#4274",
        sight: Rules(&["LRO-C-05", "LRO-C-50"]),
    },
    Fault {
        id: "BUG-75",
        words: "A second PUT is sent while the first operation is still running.",
        source: "crossplane-contrib/provider-azure#296; Azure/azure-cli#21156",
        sight: Rules(&["LRO-C-04"]),
    },
    Fault {
        id: "BUG-76",
        words: "409 \"operation in progress\" is fatal, or retried without a pause.",
        source: "Azure/apiops-cli#252; Azure/azure-sdk-for-java#1827",
        sight: Rules(&["LRO-C-54", "LRO-C-05"]),
    },
    Fault {
        id: "BUG-77",
        words: "429 on the PUT is fatal or repeated before Retry-After.",
        source: "Azure/azure-cli#11891; Azure/apiops#612",
        sight: Rules(&["LRO-C-05"]),
    },
    Fault {
        id: "BUG-78",
        words: "The repeated PUT has an empty or shortened body.",
        source: "Azure/azure-sdk-for-go#23597; Azure/azure-sdk-for-cpp#1712",
        sight: Rules(&["LRO-C-05", "BODY-01"]),
    },
    Fault {
        id: "BUG-79",
        words: "If-Match is not sent, or 412 is answered by overwriting.",
        source: "JulianHayward/AzAPICall#60; Azure/terraform-provider-azapi#416",
        sight: Rules(&["BODY-02"]),
    },
    Fault {
        id: "BUG-80",
        words: "An explicit null (or emptied list) is left out of the body.",
        source: "Azure/autorest#681; Azure/azure-powershell#14017",
        sight: Rules(&["BODY-01"]),
    },
    Fault {
        id: "BUG-81",
        words: "Properties the client does not know are lost in read-modify-write.",
        source: "Azure/azure-rest-api-specs#3560; Azure/azure-rest-api-specs#2478",
        sight: Rules(&["BODY-02"]),
    },
    Fault {
        id: "BUG-82",
        words: "Read-only properties are sent back and the PUT is refused.",
        source: "Azure/azure-cli#25670; Azure/azure-resource-manager-rpc v1.0/async-api-reference.md",
        sight: Rules(&["BODY-03"]),
    },
    Fault {
        id: "BUG-83",
        words: "Different calls carry the same x-ms-client-request-id.",
        source: "Azure/azure-cli#456",
        sight: Rules(&["ID-01"]),
    },
    Fault {
        id: "BUG-84",
        words: "A create guarded by If-None-Match: * is retried after a lost answer and the 412 is reported as failure.",
        source: "plausible; no public report",
        sight: Unseen("To report the 412 is right, too, for a client that cannot tell whose resource it met (SC-174)."),
    },
    Fault {
        id: "BUG-85",
        words: "A built-in limit ends the wait although the caller set none or a longer one.",
        source: "Azure/go-autorest#357; banzaicloud/pipeline#1783",
        sight: Rules(&["LRO-C-26", "LRO-C-50"]),
    },
    Fault {
        id: "BUG-86",
        words: "The caller's limit is not enforced.",
        source: "Azure/terraform-provider-azapi#163; Azure/azure-sdk-for-java#37529",
        sight: Rules(&["LRO-C-26"]),
    },
    Fault {
        id: "BUG-87",
        words: "Cancellation is noticed only after the current wait.",
        source: "microsoft/PowerPlatform-DataverseServiceClient#508; Azure/azure-sdk-for-js#26710",
        sight: Rules(&["LRO-C-26", "LRO-C-52"]),
    },
    Fault {
        id: "BUG-88",
        words: "The deadline or context of the PUT governs the polls.",
        source: "Azure/go-autorest CHANGELOG v11.2.0; Azure/azure-sdk-for-go CHANGELOG azcore 1.9.0",
        sight: Rules(&["LRO-C-26", "LRO-C-50"]),
    },
    Fault {
        id: "BUG-89",
        words: "Resuming from a saved token polls the wrong thing or never recovers.",
        source: "Azure/autorest.go#402; kubernetes-sigs/cluster-api-provider-azure#2238",
        sight: Rules(&["LRO-C-53"]),
    },
    Fault {
        id: "BUG-90",
        words: "Polling goes on after a terminal status.",
        source: "Azure/azure-sdk-for-js#24159; Azure/azure-sdk-for-java#8605",
        sight: Rules(&["LRO-C-35"]),
    },
    Fault {
        id: "BUG-91",
        words: "One bad poll is remembered as the final result.",
        source: "Azure/azure-sdk-for-go CHANGELOG azcore 1.0.0; Azure/azure-sdk-for-go CHANGELOG azcore 1.11.1",
        // The caller that asks again is a second run.
        sight: Rules(&["ID-03"]),
    },
    Fault {
        id: "BUG-92",
        words: "result(timeout) hands out a half-built object instead of a timeout.",
        source: "Azure/azure-sdk-for-python#1003; Azure/msrestazure-for-python#21",
        // A resource is handed out as the result while the state goes on.
        sight: Rules(&["LRO-C-32", "LRO-C-09", "LRO-C-50"]),
    },
    Fault {
        id: "BUG-93",
        words: "Two operations in one process share poll state.",
        source: "plausible; no public report",
        sight: Rules(&["ID-02", "LRO-C-50"]),
    },
];
